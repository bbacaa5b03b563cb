"""Changes of shifts: kept, undone, told, and never lost between two planners."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from scheduling.models import KeptShift, RosterEdit, ShiftChange, SiteRules
from scheduling.rosters import edits, given, kept, parts
from scheduling.rosters.edits import Stale, Wanted
from tests.builders import a_site, a_user, an_agent
from tests.scheduling.kept.builders import (
    DAY,
    MONDAY,
    NOW,
    a_roster,
    a_run,
    a_shift,
    published,
)
from tests.scheduling.terms.builders import a_template

pytestmark = pytest.mark.django_db
LUNCH = {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 300, "is_paid": False}


@pytest.fixture
def site():
    return a_site(zone="UTC")


@pytest.fixture
def roster(site):
    return a_roster(site)


@pytest.fixture
def planner(site):
    return a_user("planner", site)


@pytest.fixture
def day(site):
    return a_template(site, "Day", first_start=540, last_start=540, lengths=[480], pauses=[LUNCH])


def by_hand(roster, template, start, minutes, day=MONDAY):
    """What a template comes to from a start, of a length."""
    problem = kept.problem_of(roster, None, [])
    shape = given.by_hand(template, start, minutes)
    problem = type(problem)(**{**problem.__dict__, "shapes": (shape,)})
    number = (day - roster.first_day).days
    begin = kept.begin_of(roster.site, roster.first_day)
    return given.of_shape(problem, begin, number, given.placed(problem, number, shape), template.pk)


def moved(roster, agent, template, who, start=600, *, seen=None, day=MONDAY, **more):
    wanted = [Wanted(agent.pk, day, by_hand(roster, template, start, 480, day))]
    seen = roster.revision if seen is None else seen
    return edits.apply(roster, wanted, who, NOW, seen=seen, **more)


def told(row):
    return [(one.kind, f"{one.start:%H:%M}", f"{one.end:%H:%M}") for one in parts.of_shift(row)]


def begins(roster, agent, day=MONDAY):
    one = roster.shifts.filter(agent=agent, day=day).first()
    return one and f"{one.begins_at:%H:%M}"


def test_a_shift_by_hand_has_its_hours_and_its_lunch_in_the_middle_of_its_window(
    roster, day, planner, site
):
    ada = an_agent(site, "Ada")
    moved(roster, ada, day, planner)
    row = roster.shifts.get()
    assert (row.begins_at, row.ends_at) == (
        datetime(2026, 3, 16, 10, tzinfo=UTC), datetime(2026, 3, 16, 18, tzinfo=UTC)
    )  # fmt: skip
    assert row.worked_minutes == 450
    assert [
        (one.kind, f"{one.start:%H:%M}", f"{one.end:%H:%M}") for one in parts.of_shift(row)
    ] == [
        ("on_queue", "10:00", "14:00"),
        ("pause", "14:00", "14:30"),
        ("on_queue", "14:30", "18:00"),
    ]


def test_a_short_shift_has_no_pause_that_it_has_no_room_for(roster, day, planner):
    short = by_hand(roster, day, 540, 200)
    assert not short.activities
    assert short.worked_minutes == 200


def test_a_change_is_kept_with_what_was_before(roster, day, planner, site):
    ada = an_agent(site, "Ada")
    a_shift(roster, ada)
    edit = moved(roster, ada, day, planner)
    change = edit.changes.get()
    assert change.before["begins_at"] == "2026-03-16T09:00:00+00:00"
    assert change.after["begins_at"] == "2026-03-16T10:00:00+00:00"
    assert (edit.number, roster.revision) == (1, 1)


def test_a_change_of_nothing_is_none(roster, day, planner, site):
    ada = an_agent(site, "Ada")
    moved(roster, ada, day, planner)
    assert moved(roster, ada, day, planner) is None
    assert roster.revision == 1


def test_two_planners_who_change_different_days_both_keep_what_they_did(roster, day, planner, site):
    ada, bo, other = an_agent(site, "Ada"), an_agent(site, "Bo"), a_user("planner", site)
    moved(roster, ada, day, planner, seen=0)
    moved(roster, bo, day, other, seen=0)
    assert [begins(roster, one) for one in (ada, bo)] == ["10:00", "10:00"]


def test_a_day_that_somebody_else_has_changed_since_is_refused_with_their_name(
    roster, day, planner, site
):
    ada, other = an_agent(site, "Ada"), a_user("planner", site)
    moved(roster, ada, day, planner, seen=0)
    with pytest.raises(Stale, match=f"{planner} has changed what Ada has on Mon 16 Mar"):
        moved(roster, ada, day, other, 660, seen=0)
    assert begins(roster, ada) == "10:00"


def test_what_was_done_is_undone_and_done_again_in_order(roster, day, planner, site):
    ada = an_agent(site, "Ada")
    a_shift(roster, ada)
    moved(roster, ada, day, planner, 600)
    moved(roster, ada, day, planner, 660)
    seen = [begins(roster, ada)]
    for step in (edits.undo, edits.undo, edits.undo, edits.redo, edits.redo, edits.redo):
        step(roster, planner, NOW)
        seen.append(begins(roster, ada))
    assert seen == ["11:00", "10:00", "09:00", "09:00", "10:00", "11:00", "11:00"]
    assert KeptShift.objects.get().template_id == day.pk


def test_a_new_change_leaves_nothing_to_do_again(roster, day, planner, site):
    ada = an_agent(site, "Ada")
    moved(roster, ada, day, planner, 600)
    edits.undo(roster, planner, NOW)
    moved(roster, ada, day, planner, 720)
    assert edits.redo(roster, planner, NOW) is None
    assert begins(roster, ada) == "12:00"


def test_each_undoes_what_they_did_themselves(roster, day, planner, site):
    ada, bo, other = an_agent(site, "Ada"), an_agent(site, "Bo"), a_user("planner", site)
    moved(roster, ada, day, planner)
    moved(roster, bo, day, other)
    edits.undo(roster, planner, NOW)
    assert [begins(roster, one) for one in (ada, bo)] == [None, "10:00"]


def test_what_somebody_else_has_changed_since_is_not_undone(roster, day, planner, site):
    ada, other = an_agent(site, "Ada"), a_user("planner", site)
    moved(roster, ada, day, planner)
    moved(roster, ada, day, other, 660)
    with pytest.raises(Stale):
        edits.undo(roster, planner, NOW)
    assert begins(roster, ada) == "11:00"


def test_what_came_before_a_roster_was_made_anew_is_not_undone(roster, day, planner, site):
    moved(roster, an_agent(site, "Ada"), day, planner)
    roster.revision = roster.made_revision = 2
    roster.save()
    assert edits.undo(roster, planner, NOW) is None
    with pytest.raises(Stale, match="made anew"):
        moved(roster, an_agent(site, "Bo"), day, planner, seen=1)


def test_nothing_is_changed_while_it_is_being_made(roster, day, planner, site):
    a_run(roster)
    with pytest.raises(ValidationError, match="being made"):
        moved(roster, an_agent(site, "Ada"), day, planner)
    assert not RosterEdit.objects.exists()


@pytest.mark.parametrize("far", [-1, 7])
def test_a_day_that_is_not_of_the_roster_is_refused(roster, day, planner, site, far):
    said = by_hand(roster, day, 540, 480)
    wanted = [Wanted(an_agent(site, "Ada").pk, MONDAY + far * DAY, said)]
    with pytest.raises(ValidationError, match="not of this roster"):
        edits.apply(roster, wanted, planner, NOW, seen=0)


def test_somebody_of_another_site_is_refused(roster, day, planner):
    with pytest.raises(ValidationError, match="not of this site"):
        moved(roster, an_agent(a_site("Elsewhere"), "Zoe"), day, planner)


def test_an_activity_outside_of_the_hours_worked_is_refused(roster, day, planner, site):
    said = by_hand(roster, day, 540, 480)
    late = said.ends_at.isoformat(), (said.ends_at + timedelta(minutes=30)).isoformat()
    talk = {"kind": "meeting", "name": "Talk", "is_pause": False, "is_paid": True}
    talk |= {"start": late[0], "end": late[1]}
    wanted = [
        Wanted(an_agent(site, "Ada").pk, MONDAY, replace(said, activities=[*said.activities, talk]))
    ]
    with pytest.raises(ValidationError, match="Talk lies outside"):
        edits.apply(roster, wanted, planner, NOW, seen=0)


def test_of_a_published_roster_a_change_within_the_notice_asks_to_be_acknowledged(
    roster, day, planner, site
):
    """Of Thursday 12 March, four days of notice are to Sunday and five to Monday; nobody who asked
    for it themselves needs to say that they know."""
    SiteRules.objects.create(site=site, notice_days=4)
    ada, bo = an_agent(site, "Ada"), an_agent(site, "Bo")
    moved(roster, ada, day, planner)
    roster.refresh_from_db()
    published(roster)
    thursday = MONDAY + 3 * DAY
    moved(roster, ada, day, planner, 660)
    moved(roster, bo, day, planner, by_themselves={bo.pk})
    moved(roster, ada, day, planner, day=thursday)
    changes = ShiftChange.objects.order_by("edit__number")
    assert [(one.is_published, one.is_short) for one in changes] == [
        (False, False), (True, False), (True, False), (True, False)
    ]  # fmt: skip
    SiteRules.objects.filter(site=site).update(notice_days=5)
    moved(roster, ada, day, planner, 720)
    moved(roster, bo, day, planner, 720, by_themselves={bo.pk})
    assert [one.is_short for one in changes.all()[4:]] == [True, False]


def test_of_a_published_roster_nobody_gets_a_second_shift_of_a_day(roster, day, planner, site):
    ada = an_agent(site, "Ada")
    a_shift(roster, ada)
    published(roster)
    second = a_roster(site)
    published(second)
    with pytest.raises(ValidationError, match="another roster"):
        moved(second, ada, day, planner)


def test_who_sees_changes(roster, day, planner, site):
    ada, bo = an_agent(site, "Ada"), an_agent(site, "Bo")
    ada.user = a_user("agent")
    ada.save()
    moved(roster, ada, day, planner)
    assert not ShiftChange.objects.visible_to(ada.user).exists()
    published(roster)
    moved(roster, ada, day, planner, 660)
    moved(roster, bo, day, planner)
    assert [one.agent_id for one in ShiftChange.objects.visible_to(ada.user)] == [ada.pk]
    assert ShiftChange.objects.visible_to(planner).count() == 3


def test_a_shift_by_hand_goes_by_the_clock_on_a_day_on_which_clocks_are_put(planner):
    """In Berlin on 29 March 2026 two o'clock is three: from 22:00 of the day before to 06:00 are
    seven hours."""
    site = a_site("Berlin", zone="Europe/Berlin")
    roster = a_roster(site, first_day=MONDAY + 7 * DAY)
    night = a_template(site, "Night", first_start=1320, last_start=1320, lengths=[480])
    said = by_hand(roster, night, 1320, 480, MONDAY + 12 * DAY)
    assert said.begins_at.astimezone(ZoneInfo("Europe/Berlin")).hour == 22
    assert (said.ends_at - said.begins_at, said.worked_minutes) == (timedelta(hours=7), 420)
    assert said.is_night


def test_hours_between_the_spells_of_a_split_shift_are_nobodys(roster, planner, site):
    split = a_template(
        site, "Split", first_start=480, last_start=480, lengths=[], spells=[[0, 240], [480, 720]]
    )
    moved(roster, an_agent(site, "Ada"), split, planner, 480)
    assert told(roster.shifts.get()) == [
        ("on_queue", "08:00", "12:00"),
        ("on_queue", "16:00", "20:00"),
    ]
