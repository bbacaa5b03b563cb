"""A country's or a region's rules, and where each is from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from scheduling.shifts import Limits


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value is from: the law's name, its article, a link to the text, the day of which it
    is stated, and what to know of it (empty: nothing)."""

    text: str
    article: str
    url: str
    as_of: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """What the law of a country, or of a region of one, says of an adult's shifts.

    `country` is its code of ISO 3166-1 (`EU`: the minimum of the European Union), `region` that of
    ISO 3166-2 without the country, empty for the country itself. `limits` hold for every roster as
    they are; the rest is said beside them, and None or empty where the law says nothing, or nothing
    that we know (`left_out` tells). `said` has the source of each value, by its field's name.
    """

    country: str
    region: str
    title: str
    # Whom it binds, in words.
    binds: str
    limits: Limits
    said: Mapping[str, Source]
    # How many days before, shifts and their changes have to be made known.
    notice_days: int | None = None
    # Most minutes a week on average, over so many weeks.
    average_week_minutes: int | None = None
    average_weeks: int | None = None
    # Beyond these, hours are overtime: not forbidden, but paid or agreed by rules of their own.
    overtime_day_minutes: int | None = None
    overtime_week_minutes: int | None = None
    # Night by the clock, from and to in minutes since midnight, as `Problem.night` has it; a shift
    # of which at least so many minutes lie within is a night.
    night: tuple[int, int] | None = None
    night_minutes: int | None = None
    # Most minutes of one night, and of a night worker's day on average.
    most_night_minutes: int | None = None
    average_night_minutes: int | None = None
    # Sundays off in a year, at least.
    fewest_sundays_off: int | None = None
    # What holds of being on call, in words.
    on_call: str = ""
    left_out: tuple[str, ...] = field(default=())
