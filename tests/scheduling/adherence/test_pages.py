"""The pages of adherence, of shrinkage, and of somebody's day."""

import csv
import re
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.urls import reverse

from ccm.models import AuditEntry
from kpis.models import AgentTimeStat
from scheduling.adherence import counting
from scheduling.models import (
    AdherenceDay,
    AdherenceException,
    AdherenceMark,
    AdherenceRules,
    LeaveKind,
    PauseReason,
    StaffingPlan,
)
from tests.builders import a_leave, a_paid_time, a_queue, a_site, a_team, a_user, an_agent
from tests.scheduling.adherence.builders import (
    AFTER,
    MINUTE,
    a_rostered,
    a_state,
    an_exception,
    at,
    counted,
    marked,
    told_later,
)
from tests.scheduling.kept.builders import DAY, MONDAY, a_roster, published
from tests.scheduling.terms.builders import a_contract, with_contract

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def planner(client, site):
    client.force_login(a_user("planner", site))
    with time_machine.travel(AFTER, tick=False):
        yield client


def an_hour(site, name, since=15, to=75, roster=None):
    """9:00-10:00 scheduled of somebody, and worked from `since` to `to`; counted."""
    agent = an_agent(site, name)
    a_rostered(agent, roster=roster)
    a_state(agent, at(since), at(to))
    told_later(agent)
    return agent


def lines_of(page):
    text = b"".join(page.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def test_people_are_told_with_sums_and_all_of_them_below(planner, site):
    """Ada kept 45 of 60 minutes, Bob all 60: together 105 of 120, which is 87.5 %."""
    roster = published(a_roster(site))
    an_hour(site, "Ada", roster=roster)
    an_hour(site, "Bob", 0, 60, roster=roster)
    counting.count_day(site, MONDAY, AFTER)
    page = planner.get(reverse("adherence"))
    assert page.context["all"]["adherence"] == 105 / 120
    table = page.context["table"]
    assert [row.record["person"].name for row in table.rows] == ["Ada", "Bob"]
    text = page.content.decode()
    assert "87.5" in text
    assert "75.0" in text
    turned = planner.get(reverse("adherence") + "?sort=-adherence").context["table"]
    assert [row.record["person"].name for row in turned.rows] == ["Bob", "Ada"]


def figure_of(client, **asked):
    return client.get(reverse("adherence_figure"), asked)


def test_a_figure_says_its_formula_its_times_and_the_days_that_it_is_made_of(planner, site):
    """Ada is there from 9:15 to 10:15, Bob from 9:00 to 10:00, of 9:00 to 10:00 each."""
    roster = published(a_roster(site))
    ada = an_hour(site, "Ada", roster=roster)
    bob = an_hour(site, "Bob", 0, 60, roster=roster)
    counting.count_day(site, MONDAY, AFTER)
    page = figure_of(planner)
    how = page.context["how"]
    assert [(one.formula, one.value) for one in how.figures] == [
        ("1:45:00 / 2:00:00", 105 / 120),
        ("1:45:00 / 2:00:00", 105 / 120),
        ("2:00:00 / 2:00:00", 1),
    ]
    assert [one.seconds for one in how.sums] == [7200, 6300, 900, 900, 7200, 7200]
    days = [one for one, _url in page.context["days"]]
    assert [(one.agent, one.missed, one.outside, one.adherence) for one in days] == [
        (ada.pk, 900, 900, 0.75),
        (bob.pk, 0, 0, 1),
    ]
    _one, url = page.context["days"][0]
    assert "45:00 / 1:00:00" in planner.get(url).content.decode()

    of_ada = figure_of(planner, agent=ada.pk)
    assert of_ada.context["how"].figures[0].value == 0.75
    assert len(of_ada.context["days"]) == 1
    table = planner.get(reverse("adherence")).content.decode()
    assert f"agent={ada.pk}" in table


def test_the_formula_is_that_of_the_variant_that_holds(planner, site):
    ada = an_hour(site, "Ada")
    counted(ada)
    AdherenceRules.objects.create(site=site, starts_on=MONDAY, variant="AD2")
    figure = figure_of(planner).context["how"].figures[0]
    assert (figure.variant, figure.formula, figure.value) == (
        "AD2", "1 − (15:00 + 15:00) / (1:00:00 + 15:00)", 0.6,
    )  # fmt: skip


def test_what_a_figure_leaves_out_is_said(planner, site):
    """A day on leave, and half a minute that is forgiven."""
    roster = published(a_roster(site))
    ada, bob = (an_hour(site, name, 0, 60, roster=roster) for name in ("Ada", "Bob"))
    a_leave(ada, kind="Sickness", first_on=MONDAY, last_on=MONDAY)
    AdherenceRules.objects.create(site=site, starts_on=MONDAY, forgiven_seconds=30)
    counting.count_day(site, MONDAY, AFTER)
    told = figure_of(planner).context["how"].left_out
    assert told == [
        "1 day of shifts on leave: nothing is held against it",
        "stretches away or outside that are shorter than 0:30: they are forgiven",
    ]
    assert figure_of(planner, agent=bob.pk).context["how"].left_out == told[1:]


@pytest.mark.parametrize("many", [1, 30])
def test_a_figure_is_explained_in_few_queries(planner, site, many, django_assert_max_num_queries):
    roster = published(a_roster(site))
    for number in range(many):
        an_hour(site, f"Agent {number}", roster=roster)
    counting.count_day(site, MONDAY, AFTER)
    with django_assert_max_num_queries(12):
        page = figure_of(planner)
    assert len(page.context["days"]) == many


def test_a_figure_of_nobody_is_none_and_one_of_somebody_out_of_reach_is_not_there(planner, site):
    page = figure_of(planner)
    assert (page.context["how"].figures[0].value, page.context["days"]) == (None, [])
    assert "Nothing is kept of these days" in page.content.decode()
    elsewhere = an_hour(a_site("elsewhere"), "Eve")
    counted(elsewhere)
    assert figure_of(planner, agent=elsewhere.pk).status_code == 404
    assert figure_of(planner, agent="x").status_code == 404


def test_the_variant_that_holds_is_the_one_that_is_told(planner, site):
    agent = an_hour(site, "Ada")
    counted(agent)
    AdherenceRules.objects.create(site=site, starts_on=MONDAY, variant="AD2")
    told = planner.get(reverse("adherence")).context["all"]
    assert (told["adherence"], told["conformance"]) == (0.6, 1.0)


def test_who_leads_a_team_sees_its_people_and_nobody_else(client, site):
    roster = published(a_roster(site))
    ada, bob = an_hour(site, "Ada", roster=roster), an_hour(site, "Bob", roster=roster)
    counting.count_day(site, MONDAY, AFTER)
    lead = a_user("supervisor")
    a_team(site, lead, ada)
    client.force_login(lead)
    with time_machine.travel(AFTER, tick=False):
        page = client.get(reverse("adherence"))
        assert [row.record["person"].name for row in page.context["table"].rows] == ["Ada"]
        hours = lines_of(client.get(reverse("adherence") + "?export=hours"))
        assert {one["Agent"] for one in hours} == {"Ada"}
        assert client.get(reverse("adherence_day", args=[bob.pk])).status_code == 404
        assert client.get(reverse("adherence_day", args=[ada.pk])).status_code == 200


def test_an_agent_sees_the_own_day_alone(client, site):
    me = a_user("agent")
    ada = an_agent(site, "Ada", me)
    bob = an_agent(site, "Bob")
    a_rostered(ada)
    client.force_login(me)
    with time_machine.travel(AFTER, tick=False):
        page = client.get(reverse("my_day") + "?day=2026-03-16")
        assert page.context["own"]
        assert [bar.words for bar in page.context["drawn"].planned] == ["On queue"]
        assert client.get(reverse("adherence_day", args=[bob.pk])).status_code == 404
        assert client.get(reverse("adherence")).status_code == 404


@pytest.mark.parametrize("many", [1, 30])
def test_the_page_asks_the_same_of_one_person_as_of_thirty(
    planner, site, many, django_assert_max_num_queries
):
    roster = published(a_roster(site))
    for number in range(many):
        an_exception(an_hour(site, f"Agent {number:02}", roster=roster), 0, 15)
    counting.count_day(site, MONDAY, AFTER)
    with django_assert_max_num_queries(12):
        page = planner.get(reverse("adherence"))
    assert len(page.context["table"].rows) == many


@pytest.mark.parametrize("many", [1, 30])
def test_who_is_out_of_it_now_is_asked_in_few_queries(
    planner, site, many, django_assert_max_num_queries
):
    roster = published(a_roster(site))
    for number in range(many):
        a_rostered(an_agent(site, f"Agent {number:02}"), 1440, 1560, roster=roster, day=MONDAY)
    with django_assert_max_num_queries(12):
        page = planner.get(reverse("adherence_now"))
    assert page.context["many"] == many


@pytest.mark.parametrize("many", [1, 20])
def test_a_day_is_read_in_few_queries(planner, site, many, django_assert_max_num_queries):
    agent = an_hour(site, "Ada")
    for number in range(many):
        an_exception(agent, number, number + 1)
    counted(agent)
    with django_assert_max_num_queries(12):
        page = planner.get(reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-16")
    assert len(page.context["exceptions"]) == many


def test_a_day_is_drawn_and_told_in_words(planner, site):
    """Scheduled from 9:00 to 10:00, there from 9:15 to 10:15."""
    agent = an_hour(site, "Ada")
    counted(agent)
    page = planner.get(reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-16")
    drawn = page.context["drawn"]
    # From eight to twelve, an hour on either side: 1,440 units are four hours.
    assert [(bar.x, bar.width) for bar in drawn.planned] == [(360, 360)]
    assert [(bar.x, bar.width) for bar in drawn.done] == [(450, 360)]
    assert [mark.x for mark in drawn.marks] == [0, 360, 720, 1080]
    told = [(line.start, line.planned, line.done, line.is_kept) for line in drawn.lines]
    assert told == [
        (at(0), "On queue", "", False),
        (at(15), "On queue", "On queue", True),
        (at(60), "", "On queue", False),
    ]
    assert "75.0" in page.content.decode()


def test_a_day_that_is_not_over_says_until_when_its_figures_are(planner, site):
    agent = an_agent(site, "Ada")
    a_rostered(agent, 0, 480)
    a_state(agent, at(0), at(115))
    counted(agent, now=at(120))
    of_person = reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-16"
    of_all = reverse("adherence") + "?period=today"
    with time_machine.travel(at(120), tick=False):
        assert "what was scheduled until 10:55" in planner.get(of_person).content.decode()
        assert "Today is not over" in planner.get(of_all).content.decode()
    assert "The day is not over" not in planner.get(of_person).content.decode()


def test_of_a_night_what_comes_after_midnight_is_kept_though_its_lunch_was_before(planner, site):
    agent = an_agent(site)
    lunch = {
        "kind": "pause", "name": "Lunch", "start": at(14 * 60).isoformat(),
        "end": at(14 * 60 + 30).isoformat(), "is_pause": True, "is_paid": False,
    }  # fmt: skip
    a_rostered(agent, 13 * 60, 21 * 60, activities=[lunch])
    a_state(agent, at(13 * 60), at(14 * 60))
    a_state(agent, at(14 * 60 + 30), at(21 * 60))
    a_state(agent, at(26 * 60), at(27 * 60))
    later = AFTER + DAY
    counting.count_day(site, MONDAY + DAY, later)
    with time_machine.travel(later, tick=False):
        page = planner.get(reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-17")
    first = page.context["drawn"].lines[0]
    assert (first.planned, first.done, first.is_kept) == ("On queue", "On queue", True)
    assert [one.words for one in page.context["drawn"].planned] == ["On queue"]


@pytest.mark.parametrize("day", ["x", "2026-13-40", "0001-01-01", "9999-12-31", ""])
def test_a_day_that_is_none_is_today(planner, site, day):
    agent = an_agent(site)
    page = planner.get(reverse("adherence_day", args=[agent.pk]), {"day": day})
    assert page.context["day"] == AFTER.date()


def asked(client, agent, **more):
    said = {"since": "09:00", "until": "09:15", "kind": "excused", "reason": "No line"} | more
    return client.post(reverse("adherence_ask", args=[agent.pk]) + "?day=2026-03-16", said)


def test_an_agent_asks_and_a_supervisor_approves_and_the_day_is_counted_anew(client, site):
    me, lead = a_user("agent"), a_user("supervisor")
    agent = an_agent(site, "Ada", me)
    a_team(site, lead, agent)
    a_rostered(agent)
    a_state(agent, at(15), at(60))
    told_later(agent)
    assert counted(agent).adherent == 2700
    client.force_login(me)
    with time_machine.travel(AFTER, tick=False):
        assert asked(client, agent).status_code == 302
        assert asked(client, agent).status_code == 302  # sent twice, kept once
        one = AdherenceException.objects.get()
        assert (one.starts_at, one.ends_at, one.state) == (at(0), at(15), "asked")
        place = reverse("adherence_decide", args=[one.pk])
        said = {"seen": "asked", "answer": "approve", "note": "It was down"}
        assert client.post(place, said).status_code == 404  # nobody decides their own
        client.force_login(lead)
        assert "No line" in client.get(reverse("adherence")).content.decode()
        assert client.post(place, said).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.note, one.decided_by) == ("approved", "It was down", lead)
    assert MONDAY in marked()
    counting.count_marked(AFTER, 10)
    row = AdherenceDay.objects.get(agent=agent, day=MONDAY)
    assert (row.scheduled, row.adherent, row.before_adherent) == (2700, 2700, 2700)
    assert (row.before_scheduled, row.before_missed) == (3600, 900)
    with time_machine.travel(AFTER, tick=False):
        page = client.get(reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-16")
    assert [(one.planned, one.is_kept) for one in page.context["drawn"].lines] == [
        ("On queue; by exception: Excused", None),
        ("On queue", True),
    ]
    told = AuditEntry.objects.filter(model="scheduling.adherenceexception")
    assert [entry.who for entry in told.order_by("pk")] == [me, lead]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"since": "soon"}, "valid time"),
        ({"reason": ""}, "required"),
        ({"reason": "\u200b"}, "Say why"),
        ({"reason": "x" * 301}, "300"),
        ({"kind": "holiday"}, "not one of"),
    ],
)
def test_what_is_wrong_with_an_exception_is_said(planner, site, wrong, words):
    page = asked(planner, an_agent(site), **wrong)
    assert words in page.content.decode()
    assert not AdherenceException.objects.exists()


def test_what_is_asked_too_late_or_over_another_is_refused_in_words(planner, site):
    agent = an_agent(site)
    a_rostered(agent)
    an_exception(agent, 10, 20)
    assert "another exception at the same time" in asked(planner, agent).content.decode()
    with time_machine.travel(AFTER + timedelta(days=100), tick=False):
        assert "within the last 62 days" in asked(planner, agent).content.decode()
    assert AdherenceException.objects.count() == 1


def test_what_ends_before_it_begins_is_told_so_above_and_the_page_opens_at_its_field(planner, site):
    """A quarter of an hour is asked for already, and lies between 9:45 and the 9:30 of tomorrow."""
    agent = an_agent(site)
    a_rostered(agent)
    an_exception(agent, 48, 55)
    page = asked(planner, agent, since="09:45", until="09:30")
    assert [*page.context["form"].errors] == ["until"]
    [told] = page.context["messages"]
    assert str(told).startswith("The exception is not asked for. It ends after it begins")
    text = page.content.decode()
    assert re.search(r"<input[^>]*name=.until.[^>]*autofocus", text)
    assert text.count("autofocus") == 1


def test_a_refusal_of_an_exception_says_why(planner, site):
    one = an_exception(an_agent(site), 0, 15)
    place, said = reverse("adherence_decide", args=[one.pk]), {"seen": "asked", "answer": "refuse"}
    page = planner.post(place, said | {"note": " "}, follow=True)
    assert "Say why it is refused" in page.content.decode()
    one.refresh_from_db()
    assert one.state == "asked"
    page = planner.post(place, said | {"note": "The line was up"}, follow=True)
    assert "The line was up" in page.content.decode()
    one.refresh_from_db()
    assert (one.state, one.note) == ("refused", "The line was up")


def test_an_exception_of_a_night_goes_on_over_midnight(planner, site):
    """Of a shift from 22:00 to 6:00; what is asked for after midnight is of the next day."""
    agent = an_agent(site)
    a_rostered(agent, 13 * 60, 21 * 60)
    asked(planner, agent, since="23:30", until="00:30")
    one = AdherenceException.objects.get()
    assert one.ends_at - one.starts_at == timedelta(hours=1)
    place = reverse("adherence_ask", args=[agent.pk]) + "?day=2026-03-17"
    said = {"since": "05:00", "until": "06:00", "kind": "excused", "reason": "No line"}
    assert planner.post(place, said).status_code == 302
    page = planner.post(place, said | {"since": "01:00", "until": "06:30"})
    assert page.context["form"].errors
    assert AdherenceException.objects.count() == 2


@pytest.mark.parametrize(
    ("since", "until", "field", "words"),
    [
        ("12:00", "11:00", "until", "It ends after it begins"),
        ("12:00", "12:00", "until", "It ends after it begins"),
        ("16:45", "17:15", "until", "no later than the shift, which is over at 17:00"),
        ("08:45", "09:15", "since", "an exception lies within one"),
        ("17:00", "17:15", "since", "an exception lies within one"),
    ],
)
def test_an_exception_lies_within_the_shift_and_ends_after_it_begins(
    planner, site, since, until, field, words
):
    """Of a shift from 9:00 to 17:00; its very ends may be asked for."""
    agent = an_agent(site)
    a_rostered(agent, 0, 480)
    page = asked(planner, agent, since=since, until=until)
    assert [*page.context["form"].errors] == [field]
    assert words in page.context["form"].errors[field][0]
    assert words in page.content.decode()
    assert not AdherenceException.objects.exists()
    assert asked(planner, agent, since="09:00", until="17:00").status_code == 302


def test_what_somebody_else_decided_meanwhile_is_left_as_it_is(planner, site):
    one = an_exception(an_agent(site), 0, 15, state="refused")
    place = reverse("adherence_decide", args=[one.pk])
    page = planner.post(place, {"seen": "asked", "answer": "approve", "note": ""}, follow=True)
    assert "decided it meanwhile" in page.content.decode()
    one.refresh_from_db()
    assert one.state == "refused"
    bad = planner.post(place, {"seen": "x", "answer": "burn"}, follow=True)
    assert "That cannot be" in bad.content.decode()


def test_one_takes_back_what_one_asked_for_until_it_is_decided(client, site):
    me = a_user("agent")
    one = an_exception(an_agent(site, "Ada", me), 0, 15)
    client.force_login(me)
    place, said = reverse("adherence_decide", args=[one.pk]), {"seen": "asked"}
    with time_machine.travel(AFTER, tick=False):
        client.post(place, said | {"answer": "withdraw"})
        one.refresh_from_db()
        assert one.state == "withdrawn"
        again = client.post(place, said | {"answer": "withdraw"}, follow=True)
    assert "decided it meanwhile" in again.content.decode()


def test_hours_for_payroll_agree_with_the_page_and_are_no_formulas(planner, site):
    """An hour on the queue and a paid quarter of training were scheduled; 70 minutes worked."""
    agent = an_agent(site, "=cmd()")
    training = {
        "kind": "training", "name": "New", "start": at(60).isoformat(), "end": at(75).isoformat(),
        "is_pause": False, "is_paid": True,
    }  # fmt: skip
    lunch = {
        "kind": "pause", "name": "Lunch", "start": at(75).isoformat(), "end": at(105).isoformat(),
        "is_pause": True, "is_paid": False,
    }  # fmt: skip
    a_rostered(agent, 0, 105, activities=[training, lunch])
    a_state(agent, at(0), at(70))
    told_later(agent)
    counted(agent)
    [line] = lines_of(planner.get(reverse("adherence") + "?export=hours"))
    assert line["Agent"] == "'=cmd()"
    assert (line["Paid scheduled, min"], line["Unpaid pauses scheduled, min"]) == ("75", "30")
    assert (line["Worked, min"], line["On queue done, min"]) == ("70", "70")
    assert (line["Training scheduled, min"], line["Training done, min"]) == ("15", "0")
    assert (line["Left early, min"], line["Log"]) == ("35", "told")
    told = planner.get(reverse("adherence")).context["all"]
    assert (told["paid"], told["worked"]) == (75 * 60, 70 * 60)
    [row] = lines_of(planner.get(reverse("adherence") + "?export=csv"))
    assert (row["Paid scheduled, min"], row["Worked, min"]) == ("75.0", "70.0")
    assert AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED).count() == 2


def test_days_of_leave_without_a_shift_are_hours_for_payroll_as_shrinkage_has_them(planner, site):
    """Ada works on Monday and is on holiday on Tuesday: a fifth of her 40 hours. Bob is on unpaid
    leave on Monday, on which he had a shift, and on Tuesday."""
    LeaveKind.objects.create(site=site, name="Unpaid leave", is_paid=False)
    contract = a_contract(site, week_minutes=40 * 60)
    ada, bob = an_agent(site, "Ada"), an_agent(site, "Bob")
    for one in (ada, bob):
        with_contract(one, contract)
        a_rostered(one)
    a_state(ada, at(0), at(60))
    a_leave(ada, kind="Holiday", first_on=MONDAY + DAY, last_on=MONDAY + DAY)
    a_leave(bob, kind="unpaid leave", first_on=MONDAY, last_on=MONDAY + DAY)
    told_later(ada)
    counted(ada)
    query = "?period=custom&from=2026-03-16&to=2026-03-17"
    lines = lines_of(planner.get(reverse("adherence") + query + "&export=hours"))
    assert [
        (one["Day"], one["Agent"], one["Paid scheduled, min"], one["Leave"], one["Log"])
        for one in lines
    ] == [
        ("2026-03-16", "Ada", "60", "", "told"),
        ("2026-03-16", "Bob", "0", "unpaid leave", "told"),
        ("2026-03-17", "Ada", "480", "Holiday", "no shift"),
        ("2026-03-17", "Bob", "0", "unpaid leave", "no shift"),
    ]
    assert lines[2]["Worked, min"] == ""
    with time_machine.travel(AFTER + 2 * DAY, tick=False):
        shrunk = planner.get(reverse("shrinkage") + query).context
    assert shrunk["paid"] == 60 + 480


def test_a_day_of_leave_that_payroll_left_out_is_not_paid_and_one_it_has_not_come_to_is(
    planner, site
):
    """Of a week of leave payroll tells ten hours of Tuesday and nothing of Monday; it has not told
    of Wednesday yet."""
    ada = an_agent(site, "Ada")
    with_contract(ada, a_contract(site, week_minutes=40 * 60))
    a_rostered(ada, day=MONDAY - 7 * DAY)
    counted(ada)
    a_leave(ada, kind="Holiday", first_on=MONDAY, last_on=MONDAY + 2 * DAY)
    a_paid_time(ada, day=MONDAY + DAY, minutes=600)
    AdherenceDay.objects.update_or_create(
        agent=ada, day=MONDAY - 7 * DAY, defaults={"site": site, "is_told": False}
    )
    query = "?period=custom&from=2026-03-16&to=2026-03-18"
    with time_machine.travel(AFTER + 2 * DAY, tick=False):
        lines = lines_of(planner.get(reverse("adherence") + query + "&export=hours"))
    assert [(one["Day"], one["Paid scheduled, min"]) for one in lines] == [
        ("2026-03-17", "600"), ("2026-03-18", "480"),
    ]  # fmt: skip


def test_of_a_day_without_a_log_the_hours_worked_are_empty(planner, site):
    agent = an_agent(site)
    a_rostered(agent)
    counted(agent)
    [line] = lines_of(planner.get(reverse("adherence") + "?export=hours"))
    assert (line["Worked, min"], line["Absent"], line["Log"]) == ("", "", "no log")


def test_who_is_out_of_the_schedule_now_and_since_when(planner, site):
    """It is 10:00 on Tuesday; all are scheduled from 9:30 to 12:00. Ada is available since 9:35,
    Bob in a pause since 9:50, and Cy is not there."""
    roster = published(a_roster(site))
    tuesday = 24 * 60
    names = ("Ada", "Bob", "Cy", "Dee")
    agents = {name: an_agent(site, name) for name in names}
    for one in agents.values():
        a_rostered(one, tuesday + 30, tuesday + 180, roster=roster, day=MONDAY)
    a_state(agents["Ada"], at(tuesday + 35), None, "logged_in")
    a_state(agents["Bob"], at(tuesday + 30), None, "logged_in")
    a_state(agents["Bob"], at(tuesday + 50), None, "paused", "Break")
    an_exception(agents["Dee"], tuesday + 30, tuesday + 90, state="approved")
    PauseReason.objects.create(site=site, reason="break", activity="pause")
    page = planner.get(reverse("adherence_now"))
    told = [
        (row["one"].name, row["doing"], row["one"].is_kept, row["one"].since)
        for row in page.context["rows"]
    ]
    assert told == [
        ("Cy", "not there", False, at(tuesday + 30)),
        ("Bob", "Pause", False, at(tuesday + 50)),
        ("Ada", "On queue", True, at(tuesday + 35)),
    ]
    assert (page.context["keep"], page.context["many"]) == (1, 3)


def test_who_has_not_come_is_missing_since_the_shift_began_and_who_is_ill_is_not(planner, site):
    """It is 10:00 on Tuesday. Of shifts from 9:00 on with a paid break from 9:15 to 9:30 and an
    unpaid lunch from 9:30 to 9:45, Cy never came, Dee went with the lunch and Ed for it, at 9:35;
    Flo is ill."""
    roster = published(a_roster(site))
    tuesday = 24 * 60

    def pause(name, since, to, *, is_paid):
        return {
            "kind": "pause", "name": name, "start": at(tuesday + since).isoformat(),
            "end": at(tuesday + to).isoformat(), "is_pause": True, "is_paid": is_paid,
        }  # fmt: skip

    parts = [pause("Break", 15, 30, is_paid=True), pause("Lunch", 30, 45, is_paid=False)]
    agents = {name: an_agent(site, name) for name in ("Cy", "Dee", "Ed", "Flo")}
    for one in agents.values():
        a_rostered(one, tuesday, tuesday + 180, roster=roster, day=MONDAY + DAY, activities=parts)
    for name, gone in (("Dee", 20), ("Ed", 35)):
        a_state(agents[name], at(tuesday), at(tuesday + gone))
    a_leave(agents["Flo"], kind="Illness", first_on=MONDAY + DAY)
    rows = planner.get(reverse("adherence_now")).context["rows"]
    assert [(row["one"].name, row["one"].since) for row in rows] == [
        ("Cy", at(tuesday)),
        ("Dee", at(tuesday + 20)),
        ("Ed", at(tuesday + 45)),
    ]


def test_what_reasons_of_pauses_are_is_kept_by_who_plans_the_site(planner, site):
    agent = an_agent(site)
    PauseReason.objects.create(site=site, reason="Lunch", activity="pause")
    a_rostered(agent)
    told_later(agent)
    counted(agent)
    place = reverse("adherence_rules")
    page = planner.get(place)
    assert page.context["reasons"].reasons == ["lunch"]
    said = {"what": "reasons", "reason": ["lunch"], "r0": "training"}
    planner.post(place, said)
    assert PauseReason.objects.get().activity == "training"
    assert marked() == {MONDAY}
    planner.post(place, said | {"reason": ["other"], "r0": "pause"})
    assert PauseReason.objects.get().activity == "training"
    planner.post(place, said | {"r0": "nonsense"})
    assert PauseReason.objects.get().activity == "training"
    planner.post(place, said | {"r0": ""})
    assert not PauseReason.objects.exists()


def test_rules_hold_from_a_day_on_and_wrong_ones_are_refused_in_words(planner, site):
    place = reverse("adherence_rules")
    said = {
        "what": "rules", "starts_on": "2026-03-16", "variant": "AD2", "forgiven_seconds": "60",
        "late_seconds": "300",
    }  # fmt: skip
    assert planner.post(place, said).status_code == 302
    row = AdherenceRules.objects.get()
    assert (row.variant, row.forgiven_seconds, row.late_seconds) == ("AD2", 60, 300)
    for wrong in ({"variant": "AD9"}, {"forgiven_seconds": "-1"}, {"late_seconds": "99999"}):
        page = planner.post(place, said | wrong)
        assert page.context["rules"].errors
    assert AdherenceRules.objects.count() == 1


def test_of_two_who_say_rules_for_one_day_to_come_the_second_is_told_of_both(planner, site):
    place = reverse("adherence_rules")
    hidden = planner.get(place).context["rules"].as_drawn  # both have the page open
    said = {
        "what": "rules", "drawn": hidden, "starts_on": "2026-04-06", "variant": "AD2",
        "forgiven_seconds": "60", "late_seconds": "0",
    }  # fmt: skip
    assert planner.post(place, said).status_code == 302
    other = {**said, "forgiven_seconds": "120"}
    page = planner.post(place, other)
    [words] = page.context["rules"].errors["forgiven_seconds"]
    assert "it says “60” now, you wrote “120”" in words
    assert [*page.context["rules"].errors] == ["forgiven_seconds"]
    row = AdherenceRules.objects.get()
    assert row.forgiven_seconds == 60
    # The same is no news; another day is another row; and who was told may have theirs.
    assert planner.post(place, said).status_code == 302
    assert planner.post(place, {**other, "starts_on": "2026-04-13"}).status_code == 302
    again = {**other, "drawn": page.context["rules"].as_drawn}
    assert planner.post(place, again).status_code == 302
    row.refresh_from_db()
    assert row.forgiven_seconds == 120
    # A hidden field of anything else is of nothing.
    for odd in ("", "[]", '{"2026-04-06": 3}', '{"2026-04-06": ["AD2"]}'):
        assert planner.post(place, {**other, "drawn": odd}).status_code == 302


def test_shrinkage_planned_against_actual_and_carried_into_a_plan(planner, site):
    """Three are paid ten hours each on Monday, Cy's a day of leave of eight hours by contract.

    Ada has an hour of training and is an hour late. Bob is sick all his ten hours. Of 28 paid
    hours one is planned for training and eight for leave; actual are training 1, away 1, sickness
    10, holiday 8.
    """
    roster = published(a_roster(site))
    ada, bob, cy = (an_agent(site, name) for name in ("Ada", "Bob", "Cy"))
    training = {
        "kind": "training", "name": "New", "start": at(540).isoformat(),
        "end": at(600).isoformat(), "is_pause": False, "is_paid": True,
    }  # fmt: skip
    a_rostered(ada, 0, 600, roster=roster, activities=[training])
    a_rostered(bob, 0, 600, roster=roster)
    a_rostered(cy, 0, 600, roster=roster, day=MONDAY + timedelta(days=4),
               begins_at=at(4 * 1440), ends_at=at(4 * 1440 + 600))  # fmt: skip
    AdherenceDay.objects.create(site=site, agent=cy, day=MONDAY - timedelta(days=7), is_told=True)
    PauseReason.objects.create(site=site, reason="Class", activity="training")
    a_state(ada, at(60), at(540))
    a_state(ada, at(540), at(600), "paused", "Class")
    told_later(ada)
    a_leave(bob, kind="Sickness", first_on=MONDAY, last_on=MONDAY)
    a_leave(cy, kind="Holiday", first_on=MONDAY, last_on=MONDAY)
    with_contract(cy, a_contract(site, week_minutes=40 * 60))
    counting.count_day(site, MONDAY, AFTER)
    place = reverse("shrinkage") + "?period=custom&from=2026-03-16&to=2026-03-16"
    page = planner.get(place)
    told = {words: (plan, was) for words, plan, was, _minutes in page.context["lines"]}
    assert told == {
        "Holiday": (8 / 28, 8 / 28),
        "Sickness": (0, 10 / 28),
        "Training": (1 / 28, 1 / 28),
        "Late, absent or away": (0, 1 / 28),
    }
    assert page.context["actual"] == 20 / 28
    queue = a_queue(site)
    said = {"queue": queue.pk, "first": "2026-03-16", "last": "2026-03-16"}
    planner.post(reverse("shrinkage_carry"), said)
    plan = StaffingPlan.objects.get(queue=queue)
    assert plan.shrinkage_kinds == [
        ["Holiday", "0.2857"], ["Sickness", "0.3571"], ["Training", "0.0357"],
        ["Late, absent or away", "0.0357"],
    ]  # fmt: skip
    assert AuditEntry.objects.filter(model="scheduling.staffingplan").count() == 1


def test_leave_of_a_week_of_which_no_shift_is_known_is_not_all_that_was_paid(planner, site):
    """Ada works an hour on Monday, and Bob is on holiday then and all of the week before, of which
    there is no roster: eight hours of nine, and not 48 of 49."""
    contract = a_contract(site, week_minutes=40 * 60)
    ada, bob = an_agent(site, "Ada"), an_agent(site, "Bob")
    for one in (ada, bob):
        with_contract(one, contract)
    a_rostered(ada)
    a_state(ada, at(0), at(60))
    told_later(ada)
    counted(ada)
    a_leave(bob, kind="Holiday", first_on=MONDAY - 7 * DAY, last_on=MONDAY)
    AdherenceDay.objects.create(site=site, agent=bob, day=MONDAY + 7 * DAY, is_told=False)
    with time_machine.travel(AFTER + DAY, tick=False):
        place = reverse("shrinkage") + "?period=custom&from=2026-03-09&to="
        answer = planner.get(place + "2026-03-16")
        before = planner.get(place + "2026-03-15").content.decode()
    assert answer.context["paid"] == 9 * 60
    assert "5 days of leave without a shift are left out" in " ".join(
        answer.content.decode().split()
    )
    assert "Nothing is known of these days" in before


def test_shrinkage_is_told_of_teams_led_as_far_as_their_people_are_seen(client, site):
    """Ada was in the other team before, which its lead is told of; of Bob, who went there, only
    that somebody is not seen."""
    lead = a_user("supervisor")
    ada, bob = an_agent(site, "Ada"), an_agent(site, "Bob")
    led, other = a_team(site, lead, ada), a_team(site)
    ada.memberships.update(starts_on=MONDAY - 7 * DAY)
    ada.memberships.create(team=other, starts_on=date(2026, 1, 1), ends_on=MONDAY - 7 * DAY)
    bob.memberships.create(team=led, starts_on=date(2026, 1, 1), ends_on=MONDAY + DAY)
    for one in (ada, bob):
        AdherenceDay.objects.create(
            site=site, agent=one, day=MONDAY, is_told=True, paid_seconds=3600, within={"pause": 60}
        )
    place = reverse("shrinkage") + f"?period=custom&from=2026-03-16&to=2026-03-16&team={led.pk}"
    client.force_login(lead)
    with time_machine.travel(AFTER + DAY, tick=False):
        page, whole = client.get(place), client.get(place.split("&team")[0])
        client.force_login(a_user("planner", site))
        planned = client.get(place)
    assert page.context["teams"] == [(str(led.pk), led.name)]
    assert (page.context["paid"], planned.context["paid"]) == (60, 120)
    assert "as far as you see them, on the days" in page.content.decode()
    assert "people as far as you see them" in whole.content.decode()
    assert "as far as you see them" not in planned.content.decode()
    assert [pk for pk, _name in planned.context["teams"]] == sorted([str(led.pk), str(other.pk)])


def test_only_who_plans_a_queue_carries_shrinkage_into_its_plan(client, site):
    lead = a_user("supervisor")
    a_team(site, lead, an_agent(site))
    client.force_login(lead)
    said = {"queue": a_queue(site).pk, "first": "2026-03-16", "last": "2026-03-16"}
    with time_machine.travel(AFTER, tick=False):
        assert client.post(reverse("shrinkage_carry"), said).status_code == 404
        assert client.get(reverse("shrinkage")).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"queue": "x"}, {"queue": "9" * 30}, {"first": "x"}, {"last": "2020-01-01"}]
)
def test_a_carry_that_makes_no_sense_changes_nothing(planner, site, wrong):
    said = {"queue": a_queue(site).pk, "first": "2026-03-16", "last": "2026-03-16"} | wrong
    assert planner.post(reverse("shrinkage_carry"), said).status_code in (302, 404)
    assert not StaffingPlan.objects.exists()


def test_pages_with_nothing_on_them_say_how_something_comes(planner, site):
    assert "Nothing is kept of these days" in planner.get(reverse("adherence")).content.decode()
    assert "Nobody has a shift at this moment" in planner.get(
        reverse("adherence_now")
    ).content.decode()  # fmt: skip
    assert "Nothing is known of these days" in planner.get(reverse("shrinkage")).content.decode()
    day = planner.get(reverse("adherence_day", args=[an_agent(site).pk]))
    assert "Nothing was planned and nothing done" in day.content.decode()
    # There is nothing to ask an exception from.
    assert "Ask for an exception" not in day.content.decode()


def test_before_the_first_shift_of_today_the_page_says_so_and_tells_no_figures(planner, site):
    page = planner.get(reverse("adherence") + "?period=today")
    text = page.content.decode()
    assert "No shift has begun yet today" in text
    for empty in ("before exceptions", "on the queue", "Today is not over", "left early"):
        assert f"{empty}</span>" not in text
        assert f"{empty}:" not in text
    assert page.context["all"] is None


def test_today_says_until_when_it_is_judged_and_until_when_hours_are_paid(planner, site):
    """Half an hour after it began the log knows of 9:20; the day was counted at 9:30."""
    agent, now = an_agent(site), at(30)
    a_rostered(agent, 0, 480)
    a_state(agent, at(0), at(20))
    with time_machine.travel(now, tick=False):
        counted(agent, now=now)
        text = planner.get(reverse("adherence") + "?period=today").content.decode()
        url = reverse("adherence_figure") + "?period=today"
        for told in (text, planner.get(url).content.decode()):
            assert "it is judged until 09:20" in told
            assert "those scheduled until 09:30" in told


def test_exported_shares_have_four_digits(planner, site):
    """Forty minutes of an hour are kept: two thirds."""
    counted(an_hour(site, "Ada", 20, 60))
    [row] = lines_of(planner.get(reverse("adherence") + "?export=csv"))
    assert (row["Adherence"], row["Before exceptions"], row["Conformance"]) == (
        "0.6667", "0.6667", "0.6667",
    )  # fmt: skip


def test_a_page_says_that_days_are_being_counted_again(planner, site):
    counted(an_hour(site, "Ada"))
    AdherenceMark.objects.create(site=site, day=MONDAY)
    assert "1 day is being counted again." in planner.get(reverse("adherence")).content.decode()


def test_what_was_missed_reads_the_same_in_the_list_and_on_the_day(planner, site):
    """Away for 50 minutes and 48 seconds of an hour: "50:48" could be hours."""
    agent = an_hour(site, "Ada", 50.8, 60)
    counted(agent)
    words = "50\xa0min\xa048\xa0s"
    assert planner.get(reverse("adherence")).context["table"].rows[0].get_cell("missed") == words
    of_day = reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-16"
    assert f'<p class="fig">{words}</p>' in planner.get(of_day).content.decode()


def test_conformance_can_be_reckoned_from_what_stands_beside_it(planner, site):
    """An hour and a paid quarter of a pause scheduled; half an hour of calls, no pause: 30 of 60
    minutes. Paid are 75 minutes, which conformance is not of."""
    agent = an_agent(site, "Ada")
    pause = {
        "kind": "pause", "name": "Break", "start": at(60).isoformat(), "end": at(75).isoformat(),
        "is_pause": True, "is_paid": True,
    }  # fmt: skip
    a_rostered(agent, 0, 75, activities=[pause])
    a_state(agent, at(0), at(30))
    told_later(agent)
    counted(agent)
    page = planner.get(reverse("adherence"))
    assert (page.context["all"]["paid"], page.context["all"]["conformance"]) == (75 * 60, 0.5)
    words = "30\xa0min\xa00\xa0s on the queue, of 1\xa0h\xa00\xa0min scheduled"
    assert words in page.content.decode()
    of_day = reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-16"
    assert words in planner.get(of_day).content.decode()
    [row] = lines_of(planner.get(reverse("adherence") + "?export=csv"))
    told = (row["On the queue scheduled, min"], row["On the queue worked, min"])
    assert (told, row["Conformance"]) == (("60.0", "30.0"), "0.5")


def test_the_link_of_a_person_leads_to_the_last_day_of_which_there_is_anything(planner, site):
    """The period ends today, Tuesday; Ada worked on Monday."""
    agent = an_hour(site, "Ada")
    counted(agent)
    text = planner.get(reverse("adherence")).content.decode()
    assert reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-16" in text
    assert reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-17" not in text


def test_reasons_of_pauses_say_how_long_they_were(planner, site):
    """Ninety minutes of lunch, and a quarter of an hour for which nobody said why."""
    paused = {"Lunch": 90 * 60_000, "": 15 * 60_000}
    AgentTimeStat.objects.create(site=site, agent=an_agent(site), day=MONDAY, paused=paused)
    page = planner.get(reverse("adherence_rules"))
    told = [(reason, field.help_text) for field, reason in page.context["drawn"]]
    assert told == [("Lunch", "1:30 hours"), ("", "0:15 hours")]
    assert "1:30 hours" in page.content.decode()


def test_a_decision_says_that_the_day_is_counted_again_and_the_page_looks_until_it_is(
    planner, site
):
    """Fifteen of sixty minutes were missed, which are excused: 75 %, and then 100 %."""
    agent = an_hour(site, "Ada", 15, 60)
    counted(agent)
    one = an_exception(agent, 0, 15)
    of_day = reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-16"
    assert "being counted again" not in planner.get(of_day).content.decode()
    said = {"seen": "asked", "answer": "approve", "note": ""}
    page = planner.post(reverse("adherence_decide", args=[one.pk]), said, follow=True)
    assert "It is approved. The day is being counted again." in page.content.decode()
    waits = planner.get(of_day).content.decode()
    assert "The day is being counted again" in waits
    assert 'hx-trigger="every 10s"' in waits
    assert 'hx-select-oob="#kept,#how-made"' in waits
    counting.count_marked(AFTER, 10)
    page = planner.get(of_day)
    assert page.context["told"]["adherence"] == 1
    assert "being counted again" not in page.content.decode()
    assert 'hx-trigger="every 10s"' not in page.content.decode()


def test_where_it_is_narrow_a_person_has_six_values(planner, site):
    """The others are columns of the class that a narrow page leaves out."""
    counted(an_hour(site, "Ada"))
    columns = planner.get(reverse("adherence")).context["table"].columns
    told = [one.name for one in columns if "seldom" not in (one.attrs["td"].get("class") or "")]
    assert told == ["name", "team", "adherence", "conformance", "missed", "late", "absent"]


def test_times_have_their_units(planner, site):
    agent = an_hour(site, "Ada", 15, 75)
    counted(agent)
    row = planner.get(reverse("adherence")).context["table"].rows[0]
    assert (row.get_cell("missed"), row.get_cell("outside")) == ("15\xa0min\xa00\xa0s",) * 2
    assert timedelta(seconds=row.record["missed"]) == MINUTE * 15


@pytest.mark.parametrize(
    ("variant", "kept", "told"),
    [
        ("AD1", None, "2:00 of unpaid pauses: nothing is held against them"),
        ("AD2", False, "2:00 of unpaid pauses: work in them is outside of what was scheduled"),
    ],
)
def test_an_unpaid_pause_is_left_out_as_far_as_the_log_tells(planner, site, variant, kept, told):
    """On the queue from 9:00 to 9:32, at lunch by the plan from 9:30 on; counted at 9:40."""
    agent, now = an_agent(site), at(40)
    lunch = {
        "kind": "pause", "name": "Lunch", "start": at(30).isoformat(), "end": at(60).isoformat(),
        "is_pause": True, "is_paid": False,
    }  # fmt: skip
    AdherenceRules.objects.create(site=site, starts_on=MONDAY, variant=variant)
    a_rostered(agent, 0, 480, activities=[lunch])
    a_state(agent, at(0), at(32))
    with time_machine.travel(now, tick=False):
        counted(agent, now=now)
        page = planner.get(reverse("adherence_day", args=[agent.pk]))
        # And of all people, whose sums are of the plan until it was counted, ten minutes of lunch.
        whole = planner.get(reverse("adherence_figure") + "?period=today")
    assert page.context["how"].left_out == whole.context["how"].left_out == [told]
    row = AdherenceDay.objects.get()
    assert (row.unpaid_seconds, row.unpaid_judged_seconds) == (600, 120)
    lines = {one.start: one.is_kept for one in page.context["drawn"].lines}
    assert (lines[at(0)], lines[at(30)]) == (True, kept)
    # Where the screen is narrow the lanes begin at what was done last: an hour after their start.
    assert 'data-reached="' in page.content.decode()
    assert (
        "data-reached"
        not in planner.get(
            reverse("adherence_day", args=[agent.pk]) + "?day=2026-03-16"
        ).content.decode()
    )
