"""The board of a roster: what it draws, and what comes of each change that is made on it."""

import json

import pytest
import time_machine
from django.urls import reverse

from scheduling.models import KeptShift, RosterEdit, SiteRules
from scheduling.rosters import asked
from tests.builders import a_leave, a_queue, a_site, a_team, a_user, an_agent
from tests.scheduling.kept.builders import (
    DAY,
    MONDAY,
    NOW,
    a_forecast,
    a_roster,
    a_run,
    a_shift,
    published,
)
from tests.scheduling.terms.builders import a_contract, a_template, with_contract

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
# 10:00 by half hours.
TEN = 20
LUNCH = {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 300, "is_paid": False}


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def planner(client, site):
    client.force_login(a_user("planner", site))
    with time_machine.travel(NOW, tick=False):
        yield client


@pytest.fixture
def roster(site):
    return a_roster(site)


@pytest.fixture
def day(site):
    return a_template(site, "Day", first_start=540, last_start=540, lengths=[480], pauses=[LUNCH])


def board_of(client, roster, query=""):
    return client.get(reverse("roster_board", args=[roster.pk]) + query)


def change(client, roster, *changes, seen=0):
    body = {"seen": seen, "changes": list(changes)}
    address = reverse("roster_change", args=[roster.pk])
    return client.post(address, json.dumps(body), content_type="application/json")


def put(agent, template=None, start=540, minutes=480, day=MONDAY, **more):
    said = {"do": "put", "agent": agent.pk, "day": day.isoformat(), "start": start}
    if template is not None:
        said["template"] = template.pk
    return said | {"minutes": minutes} | more


def clock(roster, agent, day=MONDAY):
    one = roster.shifts.filter(agent=agent, day=day).first()
    return one and f"{one.begins_at:%H:%M}-{one.ends_at:%H:%M}"


def test_a_board_has_its_people_their_shifts_and_what_these_cover(planner, site, roster, day):
    """100 calls of 180 s in the half hour from ten on take 14 positions; one is there for them."""
    a_forecast(a_queue(site), {TEN: 100})
    asked.by_now(roster, NOW)
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    with_contract(ben, a_contract(site))
    a_leave(ben, first_on=MONDAY, last_on=MONDAY + DAY)
    a_shift(roster, ada)
    told = board_of(planner, roster, "?view=day&day=2026-03-16").json()
    assert [one["name"] for one in told["people"]] == ["Ada", "Ben"]
    [shift] = told["shifts"]
    assert (shift["spells"], shift["parts"], shift["minutes"]) == ([[540, 1020]], [], 480)
    assert [(one["agent"], one["first"], one["last"]) for one in told["away"]] == [
        (ben.pk, "2026-03-16", "2026-03-16")
    ]
    strip = told["strip"]
    assert len(strip["at"]) == 96
    ten = strip["at"].index(600)
    assert (strip["required"][ten], strip["there"][ten], strip["short"][ten]) == (14, 1, 13)
    # Who is missing costs 10 a slot, who is there beyond what is asked for 1.
    assert (strip["costs"][ten], strip["costs"][ten - 1]) == (130, 1)
    assert (strip["under"], strip["over"]) == (10, 1)
    # One position for ten erlangs answers nobody in time; where nobody calls nothing is told.
    assert strip["level"][ten] == 0
    assert strip["level"][0] is None


def test_whoever_is_absent_covers_nothing_on_the_board_nor_in_the_account(
    planner, site, roster, day
):
    a_forecast(a_queue(site), {TEN: 100})
    asked.by_now(roster, NOW)
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    for one in (ada, ben):
        a_shift(roster, one, shape=f"{day.pk}-540-480", template=day)
        a_shift(roster, one, MONDAY + DAY, shape=f"{day.pk}-540-480", template=day)
    a_leave(ben, first_on=MONDAY, last_on=MONDAY)
    strip = board_of(planner, roster, "?view=week").json()["strip"]
    at = strip["at"]
    assert [strip["there"][at.index(minute)] for minute in (600, 24 * 60 + 600)] == [1, 2]
    told = planner.get(reverse("roster_account", args=[roster.pk])).context["told"]
    assert [round(one.there, 2) for one in told.days[:2]] == [8, 16]


def test_of_days_of_which_nothing_is_forecast_nobody_is_too_many(planner, site, roster, day):
    """Forecast is the Tuesday alone: on the Monday, on which Ada works, nothing is known."""
    a_forecast(a_queue(site), {TEN: 100}, first=MONDAY + DAY, days=1)
    asked.by_now(roster, NOW)
    a_shift(roster, an_agent(site, "Ada"), shape=f"{day.pk}-540-480", template=day)
    page = planner.get(reverse("roster_account", args=[roster.pk]))
    monday, tuesday, *_rest = page.context["told"].days
    assert (monday.is_told, monday.there, monday.over, monday.costs) == (False, 8, 0, 0)
    assert (tuesday.is_told, tuesday.required) == (True, 7)
    assert page.context["told"].cost.over == 0
    strip = board_of(planner, roster, "?view=day&day=2026-03-16").json()["strip"]
    assert sum(strip["costs"]) == 0
    assert not any(strip["known"])
    week = board_of(planner, roster, "?view=week").json()["strip"]
    known = [at // (24 * 60) for at, told in zip(week["at"], week["known"], strict=True) if told]
    assert {*known} == {1}


def test_what_was_asked_of_days_that_are_over_stays_when_it_is_asked_anew(planner, site, roster):
    queue = a_queue(site)
    forecast = a_forecast(queue, {TEN: 100})
    asked.by_now(roster, NOW)
    before = asked.kept(roster).demand.required
    forecast.delete()
    a_forecast(queue, {TEN: 50}, first=MONDAY + 2 * DAY, days=5)
    asked.by_now(roster, NOW)
    demand = asked.kept(roster).demand
    days = before.shape[1] // 7
    assert (demand.required[:, : 2 * days] == before[:, : 2 * days]).all()
    assert 0 < demand.required[:, 2 * days :].max() < 14
    assert demand.told is None
    assert asked.kept(roster).work[0].calls[: 2 * days].sum() == pytest.approx(200)


def test_a_level_is_told_of_those_who_are_likely_to_be_there(planner, site, roster):
    """Where half of those scheduled do not come, twice as many give the same level; and twice as
    many are asked for."""
    a_forecast(a_queue(site), {TEN: 20})
    people = [an_agent(site, f"Agent {n}") for n in range(6)]
    for one in people[:3]:
        a_shift(roster, one)
    asked.by_now(roster, NOW)
    of_three = board_of(planner, roster, "?view=day&day=2026-03-16").json()["strip"]
    ten = of_three["at"].index(600)
    for one in people[3:]:
        a_shift(roster, one)
    SiteRules.objects.create(site=site, away_percent=50)
    asked.by_now(roster, NOW)
    of_six = board_of(planner, roster, "?view=day&day=2026-03-16").json()["strip"]
    assert 0 < of_six["level"][ten] < 1
    assert of_six["level"][ten] == of_three["level"][ten]
    assert of_six["required"][ten] == 2 * of_three["required"][ten]
    page = planner.get(reverse("roster", args=[roster.pk])).content.decode()
    assert "50.0\N{NO-BREAK SPACE}% of those scheduled are expected to be away" in page


def test_a_board_knows_the_level_with_one_more_there_and_with_one_fewer(planner, site, roster):
    """So that it tells what a shift does to it while that is dragged."""
    a_forecast(a_queue(site), {TEN: 10})
    asked.by_now(roster, NOW)
    told = []
    for number in range(4):
        strip = board_of(planner, roster, "?view=day&day=2026-03-16").json()["strip"]
        ten = strip["at"].index(600)
        told.append([strip[name][ten] for name in ("fewer", "level", "more")])
        a_shift(roster, an_agent(site, f"Agent {number}"))
    levels = [level for _fewer, level, _more in told]
    assert levels[0] == levels[1] == 0 < levels[2] < levels[3] < 1
    assert [more for *_, more in told[:3]] == levels[1:]
    assert [fewer for fewer, *_ in told[1:]] == levels[:3]
    assert strip["more"][0] is None


def test_a_night_is_on_the_board_of_the_day_it_ends_on(planner, site, roster):
    begins = a_shift(roster, an_agent(site, "Ada")).begins_at.replace(hour=22)
    ends = begins + DAY / 3
    spell = [begins.isoformat(), ends.isoformat()]
    KeptShift.objects.update(begins_at=begins, ends_at=ends, spells=[spell])
    told = board_of(planner, roster, "?view=day&day=2026-03-17").json()
    assert [(one["day"], one["spells"]) for one in told["shifts"]] == [
        ("2026-03-16", [[1320, 1800]])
    ]


def test_a_board_of_which_nothing_was_asked_yet_has_no_cover(planner, site, roster):
    a_shift(roster, an_agent(site, "Ada"))
    assert board_of(planner, roster).json()["strip"] is None


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", ("2026-03-16", "2026-03-22")),
        ("?view=week&day=2026-03-25", ("2026-03-23", "2026-03-29")),
        ("?view=day&day=2026-03-17", ("2026-03-17", "2026-03-17")),
        ("?view=month", ("2026-03-16", "2026-03-29")),
        ("?view=year&day=2026-99-99", ("2026-03-16", "2026-03-22")),
        ("?day=1999-01-01", ("2026-03-16", "2026-03-22")),
    ],
)
def test_a_page_shows_the_days_that_are_asked_for_of_its_roster(planner, site, query, days):
    roster = a_roster(site, days=14)
    span = planner.get(reverse("roster", args=[roster.pk]) + query).context["span"]
    assert (span.first.isoformat(), span.last.isoformat()) == days


def test_who_leads_a_team_sees_its_people_on_the_board_and_no_cover(client, site, roster):
    lead, mine, other = a_user("supervisor", site), an_agent(site, "Ada"), an_agent(site, "Ben")
    a_team(site, lead, mine)
    a_forecast(a_queue(site), {TEN: 100})
    asked.by_now(roster, NOW)
    published(roster)
    for one in (mine, other):
        a_shift(roster, one)
    client.force_login(lead)
    told = board_of(client, roster).json()
    assert [one["name"] for one in told["people"]] == ["Ada"]
    assert [one["agent"] for one in told["shifts"]] == [mine.pk]
    assert told["strip"] is None
    others = board_of(client, roster, f"?people={mine.pk},{other.pk}").json()
    assert [one["agent"] for one in others["shifts"]] == [mine.pk]
    assert change(client, roster, put(mine)).status_code == 404


def test_a_new_shift_has_the_pauses_of_its_template(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    answer = change(planner, roster, put(ada, day, start=600)).json()
    assert clock(roster, ada) == "10:00-18:00"
    [shift] = answer["shifts"]
    assert (shift["spells"], shift["parts"]) == ([[600, 1080]], [["pause", "Lunch", 840, 870]])
    assert (answer["revision"], answer["can_undo"], answer["can_redo"]) == (1, True, False)
    assert [one["minutes"] for one in answer["shifts"]] == [450]


def test_a_shift_that_is_moved_takes_its_pauses_with_it(planner, site, roster, day):
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    change(planner, roster, put(ada, day))
    to = {"to_agent": ben.pk, "to_day": "2026-03-17"}
    answer = change(planner, roster, put(ada, start=600, **to), seen=1)
    assert answer.status_code == 200
    assert clock(roster, ada) is None
    assert clock(roster, ben, MONDAY + DAY) == "10:00-18:00"
    [lunch] = roster.shifts.get().activities
    assert lunch["start"] == "2026-03-17T14:00:00+00:00"


def test_a_shorter_shift_has_the_pauses_that_still_lie_in_it(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day))
    change(planner, roster, put(ada, minutes=420), seen=1)
    assert (clock(roster, ada), roster.shifts.get().worked_minutes) == ("09:00-16:00", 390)
    change(planner, roster, put(ada, minutes=180), seen=2)
    row = roster.shifts.get()
    assert (row.activities, row.worked_minutes) == ([], 180)


def test_a_pause_is_moved_within_its_shift_and_not_out_of_it(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day))
    said = {"do": "within", "agent": ada.pk, "day": "2026-03-16", "place": 0}
    change(planner, roster, said | {"start": 720}, seen=1)
    assert roster.shifts.get().activities[0]["start"] == "2026-03-16T12:00:00+00:00"
    refused = change(planner, roster, said | {"start": 1010}, seen=2)
    assert refused.status_code == 422
    assert refused.json()["words"] == "Lunch lies outside of the hours worked."
    # Somebody else has moved it since.
    late = change(planner, roster, said | {"was": 780, "start": 735}, seen=2)
    assert (late.status_code, late.json()["words"]) == (
        422, "This pause is not there any more: look again."
    )  # fmt: skip
    assert change(planner, roster, said | {"was": 720, "start": 735}, seen=2).status_code == 200


def test_pauses_have_their_places_in_the_order_of_time(planner, site, roster, day):
    """As a board draws them, however they are kept."""
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day))
    row = roster.shifts.get()
    [lunch] = row.activities
    tea = {"start": "2026-03-16T10:00:00+00:00", "end": "2026-03-16T10:15:00+00:00"}
    row.activities = [lunch, lunch | tea | {"name": "Tea"}]
    row.save()
    said = {"do": "within", "agent": ada.pk, "day": "2026-03-16", "place": 0}
    [shift] = change(planner, roster, said | {"start": 645}, seen=1).json()["shifts"]
    assert shift["parts"] == [["pause", "Tea", 645, 660], ["pause", "Lunch", 780, 810]]


def test_what_is_broken_by_a_change_is_said_of_whom_it_is_about(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    with_contract(ada, a_contract(site, most_week_days=1))
    change(planner, roster, put(ada, day))
    answer = change(planner, roster, put(ada, day, day=MONDAY + DAY), seen=1).json()
    assert {
        "words": "Ada works on too many days of a week, Tue 17 Mar: 2, allowed 1", "hard": True
    } in answer["broken"]  # fmt: skip


def test_a_change_tells_what_the_days_that_it_is_about_are_covered_by(planner, site, roster, day):
    a_forecast(a_queue(site), {TEN: 100})
    asked.by_now(roster, NOW)
    answer = change(planner, roster, put(an_agent(site, "Ada"), day)).json()
    strip = answer["strip"]
    assert strip["first"] == "2026-03-16"
    assert strip["there"][strip["at"].index(600)] == 1


def test_what_is_frozen_says_so_and_may_be_freed(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day))
    said = {"do": "fix", "agent": ada.pk, "day": "2026-03-16"}
    assert change(planner, roster, said | {"fixed": True}, seen=1).json()["shifts"][0]["fixed"]
    change(planner, roster, said | {"fixed": False}, seen=2)
    assert not roster.shifts.get().is_fixed


def test_all_of_a_person_or_of_a_day_is_frozen_at_once(planner, site, roster):
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    for one in (ada, ben):
        for number in range(2):
            a_shift(roster, one, MONDAY + number * DAY)
    freeze = reverse("roster_freeze", args=[roster.pk])
    planner.post(freeze, {"who": ada.pk, "on": "", "fixed": "yes"})
    assert {*roster.shifts.filter(is_fixed=True).values_list("agent", flat=True)} == {ada.pk}
    planner.post(freeze, {"who": "", "on": "2026-03-17", "fixed": "yes"})
    assert roster.shifts.filter(is_fixed=True).count() == 3
    planner.post(freeze, {"who": "", "on": "", "fixed": "no"})
    assert not roster.shifts.filter(is_fixed=True).exists()
    assert RosterEdit.objects.count() == 3
    planner.post(freeze, {"who": "9", "on": "soon", "fixed": "x"})
    assert RosterEdit.objects.count() == 3


def test_of_two_planners_at_once_the_second_hears_who_was_faster(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day))
    late = change(planner, roster, put(ada, start=660), seen=0)
    assert late.status_code == 409
    assert "has changed what Ada has on Mon 16 Mar since" in late.json()["words"]
    assert clock(roster, ada) == "09:00-17:00"


def test_who_drags_what_somebody_else_has_moved_away_hears_by_whom(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day))
    change(planner, roster, put(ada, to_day="2026-03-17"), seen=1)
    late = change(planner, roster, put(ada, start=660), seen=1)
    assert late.status_code == 409
    assert "has changed what Ada has on Mon 16 Mar since" in late.json()["words"]


def test_a_day_on_which_somebody_works_already_takes_no_second_shift(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    for number in range(2):
        a_shift(roster, ada, MONDAY + number * DAY)
    refused = change(planner, roster, put(ada, to_day="2026-03-17"))
    assert refused.status_code == 422
    assert refused.json()["words"] == "There is a shift on Tue 17 Mar already."


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"do": "put"}, {"start": -5}, {"start": "540"}, {"minutes": 5}, {"minutes": 1500},
        {"agent": True}, {"agent": 10**30}, {"day": "x"}, {"day": "2026-02-31"}, {"day": None},
        {"to_day": "2027-01-01"}, {"do": "dance"}, {"template": 0}, [], "put", None,
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(planner, site, roster, wrong):
    ada = an_agent(site, "Ada")
    said = put(ada) | wrong if isinstance(wrong, dict) else wrong
    refused = change(planner, roster, said)
    assert refused.status_code == 422
    assert refused.json()["words"]
    assert not RosterEdit.objects.exists()


@pytest.mark.parametrize("body", ["", "{", "[]", '{"seen": true, "changes": []}', "[" * 9999])
def test_a_body_that_is_none_is_refused_in_words(planner, roster, body):
    address = reverse("roster_change", args=[roster.pk])
    refused = planner.post(address, body, content_type="application/json")
    assert refused.status_code == 422


def test_what_was_done_is_undone_and_done_again(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day))
    json_back = {"HTTP_ACCEPT": "application/json"}
    undone = planner.post(reverse("roster_undo", args=[roster.pk]), **json_back).json()
    assert (undone["shifts"], undone["can_undo"], undone["can_redo"]) == ([], False, True)
    assert undone["keys"] == [[ada.pk, "2026-03-16"]]
    planner.post(reverse("roster_redo", args=[roster.pk]))
    assert clock(roster, ada) == "09:00-17:00"
    again = planner.post(reverse("roster_redo", args=[roster.pk]), **json_back)
    assert (again.status_code, again.json()["words"]) == (422, "There is nothing to do again.")


def test_what_others_change_is_noticed(planner, site, roster, day):
    since = reverse("roster_since", args=[roster.pk])
    assert planner.get(since + "?revision=0").json() == {"revision": 0, "edits": []}
    change(planner, roster, put(an_agent(site, "Ada"), day))
    told = planner.get(since + "?revision=0").json()
    assert told["revision"] == 1
    assert [one["words"] for one in told["edits"]] == ["1 shift: Ada"]
    assert planner.get(since + "?revision=1").json()["edits"] == []


def test_nothing_is_dragged_while_it_is_being_made(planner, site, roster, day):
    a_run(roster)
    refused = change(planner, roster, put(an_agent(site, "Ada"), day))
    assert refused.status_code == 422
    assert "being made" in refused.json()["words"]


def test_people_work_by_a_published_roster_and_who_has_not_acknowledged_is_told(planner, site, day):
    roster = published(a_roster(site, first_day=NOW.date()))
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day, day=NOW.date()))
    page = planner.get(reverse("roster", args=[roster.pk]))
    assert page.context["waiting"] == [("Ada", 1)]
    assert "People work by it" in page.content.decode()


def test_what_is_asked_for_is_read_anew_when_somebody_says_so(planner, site, roster):
    a_forecast(a_queue(site), {TEN: 100})
    planner.post(reverse("roster_ask", args=[roster.pk]))
    roster.refresh_from_db()
    assert (asked.kept(roster).demand.required.max(), roster.asked_at) == (14, NOW)


def test_shifts_come_with_the_people_that_are_drawn_and_cover_is_of_all(planner, site, roster, day):
    a_forecast(a_queue(site), {TEN: 100})
    asked.by_now(roster, NOW)
    ada, ben, cleo = [an_agent(site, name) for name in ("Ada", "Ben", "Cleo")]
    for one in (ada, ben, cleo):
        a_shift(roster, one, shape=f"{day.pk}-540-480", template=day)
    told = board_of(planner, roster, "?rows=2").json()
    assert [one["name"] for one in told["people"]] == ["Ada", "Ben", "Cleo"]
    assert [one["agent"] for one in told["shifts"]] == [ada.pk, ben.pk]
    assert told["strip"]["there"][told["strip"]["at"].index(600)] == 3
    rest = board_of(planner, roster, f"?people={cleo.pk},{ada.pk}").json()
    assert {one["agent"] for one in rest["shifts"]} == {ada.pk, cleo.pk}
    assert (rest["revision"], "people" in rest, "strip" in rest) == (0, False, False)
    for odd in ("?people=", "?people=x,,-1,9999999999999999999", "?rows=x", "?rows=-1"):
        assert board_of(planner, roster, odd).status_code == 200, odd
    assert board_of(planner, roster, "?people=x").json()["shifts"] == []


@pytest.mark.parametrize("many", [1, 12])
def test_a_board_asks_no_more_for_many_people_than_for_one(
    planner, site, roster, day, many, django_assert_num_queries
):
    a_forecast(a_queue(site), {TEN: 100})
    asked.by_now(roster, NOW)
    for number in range(many):
        agent = an_agent(site, f"A{number}")
        a_team(site, None, agent) if number % 2 else None
        a_shift(roster, agent, shape=f"{day.pk}-540-480", template=day)
    with django_assert_num_queries(9):
        board_of(planner, roster)


def form_of(roster, agent, day=MONDAY):
    return reverse("roster_shift", args=[roster.pk, agent and agent.pk, day])


def filled(page, **more):
    """What a browser would send of a form as it is."""
    found = {"seen": page.context["seen"]}
    for form in (
        page.context["form"],
        page.context["within"].management_form,
        *page.context["within"],
    ):
        for field in form:
            value = field.value()
            if hasattr(value, "strftime"):
                value = f"{value:%H:%M}" if hasattr(value, "hour") else f"{value:%Y-%m-%d}"
            if value is not None and value is not False:
                found[field.html_name] = "on" if value is True else value
    return {name: value for name, value in (found | more).items() if value != ""}


def test_a_shift_is_given_by_its_form(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    page = planner.get(form_of(roster, ada))
    planner.post(form_of(roster, ada), filled(page, start="07:00", end="15:00", fixed="on"))
    row = roster.shifts.get()
    assert (clock(roster, ada), row.worked_minutes, row.is_fixed) == ("07:00-15:00", 450, True)
    assert row.activities[0]["start"] == "2026-03-16T11:00:00+00:00"


def test_a_form_moves_a_shift_its_pause_and_adds_a_meeting(planner, site, roster, day):
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    change(planner, roster, put(ada, day))
    page = planner.get(form_of(roster, ada))
    meeting = {
        "within-0-start": "12:00", "within-0-end": "12:30", "within-1-kind": "meeting",
        "within-1-start": "15:00", "within-1-end": "16:00", "within-1-is_paid": "on",
    }  # fmt: skip
    answer = planner.post(form_of(roster, ada), filled(page, who=ben.pk, **meeting))
    assert answer.status_code == 302, answer.context["form"].errors
    assert (clock(roster, ada), clock(roster, ben)) == (None, "09:00-17:00")
    row = roster.shifts.get()
    assert [(one["kind"], one["start"][11:16]) for one in row.activities] == [
        ("pause", "12:00"), ("meeting", "15:00")
    ]  # fmt: skip
    assert row.worked_minutes == 450


def test_a_form_moves_what_lies_within_as_the_board_does(planner, site, roster, day):
    """Nine to five with lunch at one and an hour's meeting at three; two hours later all of it is
    two hours later, and where it ends at half past three the meeting has no room left."""
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day))
    meeting = {"within-1-kind": "meeting", "within-1-start": "15:00", "within-1-end": "16:00"}
    page = planner.get(form_of(roster, ada))
    planner.post(form_of(roster, ada), filled(page, **meeting))
    page = planner.get(form_of(roster, ada))
    planner.post(form_of(roster, ada), filled(page, start="11:00", end="19:00"))
    assert clock(roster, ada) == "11:00-19:00"
    starts = [one["start"][11:16] for one in roster.shifts.get().activities]
    assert starts == ["15:00", "17:00"]
    page = planner.get(form_of(roster, ada))
    planner.post(form_of(roster, ada), filled(page, end="17:30"))
    assert [one["start"][11:16] for one in roster.shifts.get().activities] == ["15:00"]


def saying(planner, roster, agent, query="", **more):
    """The form of somebody's Monday is sent; where it leads to, and what is said there."""
    page = planner.get(form_of(roster, agent) + query)
    answer = planner.post(form_of(roster, agent) + query, filled(page, **more))
    assert answer.status_code == 302, answer.context["form"].errors
    return answer.url, [str(one) for one in planner.get(answer.url).context["messages"]]


def test_a_form_says_what_became_of_it_as_the_board_does(planner, site, roster, day):
    """Nine hours and a half are more than eight; until one there is no room for a lunch at two."""
    ada = an_agent(site, "Ada")
    with_contract(ada, a_contract(site, most_day_minutes=480))
    change(planner, roster, put(ada, day))
    assert saying(planner, roster, ada)[1] == ["It was so already."]
    assert saying(planner, roster, ada, start="10:00", end="18:00")[1] == ["Saved."]
    [longer] = saying(planner, roster, ada, start="10:00", end="20:00")[1]
    assert longer == (
        "Saved. It breaks: Ada works more hours in a shift than they may, Mon 16 Mar: 9:30,"
        " allowed 8:00"
    )
    shorter = saying(planner, roster, ada, start="10:00", end="13:00")[1]
    assert shorter == [
        "Saved.",
        "Not in it any more, as there was no room: Lunch 14:00",
    ]


def test_a_form_leads_back_to_the_board_that_one_came_from(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    change(planner, roster, put(ada, day))
    address = reverse("roster", args=[roster.pk])
    assert saying(planner, roster, ada, "?view=day", start="10:00", end="18:00")[0] == (
        f"{address}?view=day&day=2026-03-16"
    )
    page = planner.get(form_of(roster, ada) + "?view=month").content.decode()
    assert f"{address}?view=month&amp;day=2026-03-16" in page
    board = planner.get(f"{address}?view=day").content.decode()
    assert f'{form_of(roster, 0)}?view=day"' in board


def test_of_a_day_who_works_comes_first_if_by_the_night_before(planner, site, roster, day):
    _ada, ben, cleo = (an_agent(site, one) for one in ("Ada", "Ben", "Cleo"))
    change(planner, roster, put(cleo, day))
    change(planner, roster, put(ben, day, start=1320), seen=1)
    tuesday = board_of(planner, roster, "?view=day&day=2026-03-17").json()
    assert [one["name"] for one in tuesday["people"]] == ["Ben", "Ada", "Cleo"]
    monday = board_of(planner, roster, "?view=day&day=2026-03-16&rows=1").json()
    assert [one["name"] for one in monday["people"]] == ["Ben", "Cleo", "Ada"]
    assert [one["agent"] for one in monday["shifts"]] == [ben.pk]
    week = board_of(planner, roster, "?view=week").json()
    assert [one["name"] for one in week["people"]] == ["Ada", "Ben", "Cleo"]


def test_a_form_of_a_night_ends_on_the_next_day(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    page = planner.get(form_of(roster, ada))
    late = {"start": "22:00", "end": "06:00", "usual": ""}
    pause = {"within-0-kind": "pause", "within-0-start": "01:00", "within-0-end": "01:30"}
    planner.post(form_of(roster, ada), filled(page, **late, **pause))
    row = roster.shifts.get()
    assert row.ends_at.isoformat() == "2026-03-17T06:00:00+00:00"
    assert row.activities[0]["start"] == "2026-03-17T01:00:00+00:00"


def test_a_form_removes_a_shift(planner, site, roster):
    ada = an_agent(site, "Ada")
    a_shift(roster, ada)
    planner.post(form_of(roster, ada), {"seen": "0", "remove": "yes"})
    assert not roster.shifts.exists()


def test_a_form_that_somebody_was_faster_than_says_so_and_keeps_theirs(planner, site, roster, day):
    ada = an_agent(site, "Ada")
    page = planner.get(form_of(roster, ada))
    change(planner, roster, put(ada, day))
    kinds = {"within-0-kind": "pause", "within-1-kind": "pause"}
    late = planner.post(form_of(roster, ada), filled(page, start="11:00", end="19:00", **kinds))
    assert "has changed what Ada has" in late.content.decode()
    assert clock(roster, ada) == "09:00-17:00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "25:00"}, {"start": "09:00", "end": "09:00"}, {"day": "2027-01-01"},
        {"template": "0"}, {"who": "0"}, {"end": ""},
        {"within-0-start": "10:00"},
        {"within-0-start": "02:00", "within-0-end": "03:00", "usual": ""},
        {"within-TOTAL_FORMS": "999"}, {"within-TOTAL_FORMS": "x"},
    ],
)  # fmt: skip
def test_a_form_that_is_wrong_says_why_and_changes_nothing(planner, site, roster, day, wrong):
    ada = an_agent(site, "Ada")
    page = planner.get(form_of(roster, ada))
    answer = planner.post(form_of(roster, ada), filled(page) | wrong)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not roster.shifts.exists()


def test_a_form_of_somebody_or_a_day_that_is_not_there_is_not_found(planner, site, roster):
    ada, zoe = an_agent(site, "Ada"), an_agent(a_site("Elsewhere"), "Zoe")
    assert planner.get(form_of(roster, zoe)).status_code == 404
    assert planner.get(form_of(roster, ada, MONDAY - DAY)).status_code == 404
    assert (
        planner.get(f"/rostering/rosters/{roster.pk}/shifts/{10**30}/2026-03-16/").status_code
        == 404
    )
    assert (
        planner.get(f"/rostering/rosters/{roster.pk}/shifts/{ada.pk}/2026-99-16/").status_code
        == 404
    )
