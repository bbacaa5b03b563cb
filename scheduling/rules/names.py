"""What the rules are called."""

from dataclasses import fields
from enum import StrEnum

from scheduling.shifts import Limits


class Rule(StrEnum):
    """A rule that a roster can break, under the name by which costs and words know it."""

    # Somebody is given shifts who is not of the problem.
    UNKNOWN_PERSON = "unknown_person"
    # A shape is given that is not of the problem.
    UNKNOWN_SHAPE = "unknown_shape"
    # A shift is given on a day outside the span.
    UNKNOWN_DAY = "unknown_day"

    # There is no such shape on this weekday.
    WEEKDAY = "weekday"
    # This template is not theirs.
    TEMPLATE = "template"
    # They work while they must not: time off, what they said they cannot.
    CLOSED = "closed"
    # A shift begins on a day off.
    DAY_OFF = "day_off"
    # A shift begins, by the clock, before they may.
    EARLIEST_START = "earliest_start"
    # A shift ends, by the clock, after they may.
    LATEST_END = "latest_end"
    # A shift begins on a day on which they are not employed.
    PRESENT = "present"
    # What was to stay as it is does not.
    FIXED = "fixed"
    # The rotation of that day does not allow this template.
    ROTATION = "rotation"
    # This template is not given the day after that one.
    FOLLOWS = "follows"
    # Two shifts of one person at once.
    OVERLAP = "overlap"

    # A shift has fewer worked minutes than a shift must have.
    FEWEST_DAY_MINUTES = "fewest_day_minutes"
    # A shift has more worked minutes than a shift may have.
    MOST_DAY_MINUTES = "most_day_minutes"
    # A week has too few worked minutes.
    FEWEST_WEEK_MINUTES = "fewest_week_minutes"
    # A week has too many worked minutes.
    MOST_WEEK_MINUTES = "most_week_minutes"
    # The period has too few worked minutes.
    FEWEST_PERIOD_MINUTES = "fewest_period_minutes"
    # The period has too many worked minutes.
    MOST_PERIOD_MINUTES = "most_period_minutes"
    # A week has too few days on which a shift begins.
    FEWEST_WEEK_DAYS = "fewest_week_days"
    # A week has too many days on which a shift begins.
    MOST_WEEK_DAYS = "most_week_days"
    # The rest between two shifts is too short.
    REST_MINUTES = "rest_minutes"
    # No rest of a week is long enough.
    WEEK_REST_MINUTES = "week_rest_minutes"
    # One more day of work in a row than may be.
    MOST_DAYS_IN_ROW = "most_days_in_row"
    # A run of days of work is too short.
    FEWEST_DAYS_IN_ROW = "fewest_days_in_row"
    # A run of days off is too short.
    FEWEST_OFF_IN_ROW = "fewest_off_in_row"
    # Too many weekends are worked.
    MOST_WEEKENDS = "most_weekends"
    # Too few weekends are free.
    FEWEST_WEEKENDS_OFF = "fewest_weekends_off"
    # Two starts of a week lie too far apart by the clock.
    START_BAND_MINUTES = "start_band_minutes"
    # One more night in a row than may be.
    MOST_NIGHTS_IN_ROW = "most_nights_in_row"
    # The rest between a run of nights and the next shift that is none is too short.
    REST_AFTER_NIGHTS_MINUTES = "rest_after_nights_minutes"
    # Too many shifts of one template.
    MOST_OF_TEMPLATE = "most_of_template"
    # A shift so long has too few minutes of pauses.
    PAUSE_AFTER = "pause_after"
    # Too long on duty without a pause.
    LONGEST_WITHOUT_PAUSE = "longest_without_pause"

    # A pause of the shape is not in the shift.
    PAUSE_MISSING = "pause_missing"
    # A pause is in the shift that is not of its shape.
    PAUSE_UNKNOWN = "pause_unknown"
    # A pause is shorter or longer than its shape says.
    PAUSE_LENGTH = "pause_length"
    # A pause begins outside its window.
    PAUSE_WINDOW = "pause_window"
    # Two activities of one shift at once.
    ACTIVITY_OVERLAP = "activity_overlap"
    # An activity does not lie within a spell of work of its shift.
    ACTIVITY_OUTSIDE = "activity_outside"

    # Too few who are not new where somebody new is.
    MIX = "mix"
    # Two who belong together are apart, or two who do not are together.
    PAIRING = "pairing"


# Those which `Weights` can make soft.
MAY_BE_SOFT = frozenset(
    {*(Rule(one.name) for one in fields(Limits)), Rule.MIX, Rule.PAIRING, Rule.ROTATION}
)
