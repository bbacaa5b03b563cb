"""Choosing definitions on their pages, and what choosing them leaves behind.

Each week of the demo queue: 8 answered after 10 s, 2 after 25 s, 2 given up after 15 s and 3
after 30 s. SL4 with 20 s: 8 / 13. SL3 with 20 s: 8 / 15, with 30 s: 10 / 15.
"""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from ccm.models import AuditEntry, Queue, User
from ccm.signals import names_merged
from ccm.templatetags.figures import figure
from kpis import report, rollups
from kpis.choices import Choices
from kpis.choosing import fields, preview, scopes, services
from kpis.choosing.forms import ChoiceForm, is_a_choice
from kpis.choosing.preview import Week
from kpis.choosing.scopes import Scope
from kpis.choosing.services import Draft
from kpis.definitions import KPIS
from kpis.models import KpiChoice
from kpis.parameters import FIELDS, Parameter, Parameters
from kpis.report import Question
from kpis.reports.charts import value_axis
from tests.builders import NINE, a_call, a_cost, a_queue, a_site, a_team, a_user, an_agent
from tests.kpis.test_presence import a_spell
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db

LEVEL = KPIS["service_level"]
# A Wednesday; the last whole week ended on Sunday the 24th of May.
NOW = NINE.replace(month=5, day=27)
TODAY = NOW.date()
SL3 = {
    "variant": "SL3",
    "threshold_seconds": "30",
    "boundary": "<=",
    "lost": "yes",
    "clock_start_seconds": "0",
    "transfers_in": "yes",
    "business_hours": "no",
    "callbacks": "request",
}


# What is typed beside a formula in words.
TYPED = {"threshold", "window", "conversation"}


@pytest.fixture(autouse=True)
def on_that_day():
    with time_machine.travel(NOW, tick=False):
        yield


def a_morning(queue, at):
    for wait in (10,) * 8 + (25,) * 2:
        a_call(queue, at, wait=wait)
    for wait in (15,) * 2 + (30,) * 3:
        a_call(queue, at, wait=wait, outcome="abandoned")


def a_draft(scope=None, valid_from=TODAY, variant="SL3", row=None, **parameters):
    return Draft(LEVEL, scope or Scope(), variant, parameters, valid_from, "why", row)


def a_choice(valid_from, variant="SL3", scope=None, **parameters):
    return services.keep(a_draft(scope, valid_from, variant, **parameters), a_user("admin"), NOW)


@pytest.fixture
def admin(client):
    user = a_user("admin", name="ada")
    client.force_login(user)
    return user


def address(name="definition", *more):
    return reverse(name, args=["service_level", *more])


def look(client, said, to=None):
    """The page after a look at what is said would show."""
    return client.post(to or address(), SL3 | {"look": "1", "where": "all"} | said)


def keep(client, said, to=None):
    """Look, then keep it."""
    seen = look(client, said, to).context["seen"]
    sent = SL3 | {"where": "all"} | said | {"save": "1", "seen": seen}
    return client.post(to or address(), sent, follow=True)


def words(page):
    return page.content.decode()


def entries():
    return [(one.action, one.before, one.after) for one in AuditEntry.objects.order_by("pk")]


# The list.


def test_the_list_names_what_holds_for_all_and_where_another_does(client, admin):
    leeds, york = a_site("Leeds"), a_site("York")
    sales = a_queue(leeds, "Sales")
    a_choice(date(2026, 1, 1), "SL1", threshold_seconds=20)
    a_choice(date(2026, 1, 1), "SL3", Scope(leeds), threshold_seconds=30)
    a_choice(date(2026, 1, 1), "SL3", Scope(leeds, sales), threshold_seconds=30)  # as its site
    a_choice(date(2026, 1, 1), "SL1", Scope(york), threshold_seconds=20)  # as for all
    a_choice(date(2026, 6, 1), "SL7")  # to come
    rows = client.get(reverse("definitions")).context["rows"]
    assert {row["kpi"].id for row in rows} == set(KPIS)
    assert [row["open"] for row in rows] == sorted((row["open"] for row in rows), reverse=True)
    (level,) = [row for row in rows if row["kpi"] is LEVEL]
    assert (level["all"].short, level["all"].since) == ("SL1, 20 s", date(2026, 1, 1))
    assert [(one.scope.words, one.short) for one in level["apart"]] == [("Leeds", "SL3, 30 s")]
    (offered,) = [row for row in rows if row["kpi"].id == "offered"]
    assert not offered["open"]


@pytest.mark.parametrize("many", [1, 25])
@pytest.mark.parametrize(("name", "queries"), [("definitions", 6), ("definition", 8)])
def test_the_pages_ask_the_same_of_few_scopes_and_choices_as_of_many(
    client, admin, django_assert_num_queries, name, queries, many
):
    for number in range(many):
        site = a_site()
        a_choice(date(2026, 1, 1) + timedelta(days=number), scope=Scope(site, a_queue(site)))
    url = reverse(name, args=["service_level"] if name == "definition" else [])
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("many", [1, 25])
def test_a_preview_asks_the_same_of_few_calls_as_of_many(
    client, admin, django_assert_max_num_queries, many
):
    queue = a_queue()
    for number in range(many):
        a_call(queue, NOW - timedelta(days=7 + number), wait=5)
    rollups.rebuild()
    with django_assert_max_num_queries(12):
        assert "preview" in look(client, {"valid_from": "2026-06-01"}).context


# The form.


def test_every_parameter_has_its_fields_and_every_field_a_form_field():
    assert set(FIELDS) == set(get_args(Parameter))
    known = set(Parameters.__dataclass_fields__)
    assert not known & set(ChoiceForm.base_fields)  # one form holds both
    for names in FIELDS.values():
        assert set(names) <= known
        for name in names:
            value = getattr(Parameters(), name)
            assert fields.read(name, fields.field(name).clean(fields.written(value))) == value


def test_the_form_asks_for_what_the_variant_reads_and_nothing_else(client, admin):
    def asked(**query):
        return [field.name for field in client.get(address(), query).context["form"].made]

    level = ["threshold_seconds", "boundary", "clock_start_seconds", "transfers_in"]
    level.append("business_hours")
    assert asked(variant="SL7") == ["variant", *level]
    assert asked(variant="SL2") == ["variant", *level, "callbacks"]
    assert "short_abandon_seconds" in asked(variant="SL5")
    assert asked(variant="") == ["variant"]
    assert asked(variant="nonsense", where="queue-99999999999999999999") == asked(variant="SL4")


def test_the_form_begins_with_what_holds_in_its_scope(client, admin):
    site = a_site()
    a_choice(date(2026, 1, 1), "SL5", Scope(site), threshold_seconds=45, lost=False)
    a_choice(date(2026, 6, 1), "SL7", Scope(site))
    form = client.get(address(), {"where": f"site-{site.pk}"}).context["form"]
    said = {field.name: field.value() for field in (*form.plain, *form.made)}
    assert said["variant"] == "SL5"
    assert (said["threshold_seconds"], said["lost"]) == (45, "no")
    assert said["valid_from"] == TODAY


def test_another_scope_keeps_what_was_typed_and_else_shows_what_holds_there(client, admin):
    site = a_site()
    a_choice(date(2026, 1, 1), "SL5", Scope(site), threshold_seconds=45)

    def drawn(**asked):
        form = client.get(address(), {"where": f"site-{site.pk}", "drawn_for": "all"} | asked)
        return {field.name: field.value() for field in form.context["form"].made}

    left_alone = drawn(variant="SL4", threshold_seconds="20", boundary="<=")
    assert (left_alone["variant"], left_alone["threshold_seconds"]) == ("SL5", 45)
    typed = drawn(variant="SL4", threshold_seconds="30", boundary="<=")
    assert (typed["variant"], typed["threshold_seconds"]) == ("SL4", "30")
    chosen = drawn(variant="SL3", threshold_seconds="20")
    assert (chosen["variant"], chosen["threshold_seconds"]) == ("SL3", "20")
    # Back where it is as it comes, what was typed is still what was typed.
    back = {"where": "all", "drawn_for": f"site-{site.pk}", "altered": "1"}
    assert drawn(**back, variant="SL4", threshold_seconds="20")["threshold_seconds"] == "20"


def test_a_queue_is_offered_only_where_it_can_have_a_figure(client, admin):
    """Nobody is employed, paid or logged in by a queue."""
    queue = a_queue()
    of_no_queue = {kpi.id for kpi in KPIS.values() if not kpi.of_queues}
    assert of_no_queue == {
        "turnover", "ramp_time", "utilisation", "shrinkage", "calls_per_hour", "dials_per_hour",
        "contacts_per_hour", "conversations_per_hour",
    }  # fmt: skip
    where = f"queue-{queue.pk}"
    for kpi, offered in (("turnover", False), ("asa", True)):
        form = client.get(reverse("definition", args=[kpi])).context["form"]
        assert (where in dict(form.fields["where"].choices)) is offered
    page = client.post(
        reverse("definition", args=["turnover"]),
        {"variant": "T2", "where": where, "valid_from": "2026-06-01", "look": "1"},
    )
    assert "not one of the available" in str(page.context["form"].errors["where"])
    form = client.get(reverse("definition", args=["revenue"]), {"where": where}).context["form"]
    assert set(dict(form.fields["variant"].choices)) == {"", "total", "per_contact", "per_agent"}


def test_words_that_nothing_is_called_by_are_said_before_anything_is_kept(client, admin):
    site = a_site()
    ann = an_agent(site)
    a_spell(ann, "paused", NINE, NINE + timedelta(hours=1), reason="Training")
    a_cost(site, kind="Salaries")
    rollups.rebuild()

    def told(kpi, **said):
        said |= {"where": "all", "valid_from": "2026-06-01", "look": "1"}
        page = client.post(reverse("definition", args=[kpi]), said)
        assert "preview" in page.context
        return [str(one) for one in page.context["unknown"]]

    assert told("utilisation", variant="U1", productive_pauses="training") == []
    assert told("utilisation", variant="U1", productive_pauses="training, trainnig") == [
        "Nothing is called trainnig. Known are: Training."
    ]
    assert told("cost_per_call", variant="answered", cost_kinds="wages, salaries") == [
        "Nothing is called wages. Known are: Salaries."
    ]


@pytest.mark.parametrize(
    ("said", "field", "complaint"),
    [
        ({"threshold_seconds": "-1"}, "threshold_seconds", "greater than or equal to 0"),
        ({"threshold_seconds": "3601"}, "threshold_seconds", "less than or equal to 3600"),
        ({"threshold_seconds": "x"}, "threshold_seconds", "whole number"),
        ({"threshold_seconds": "0", "boundary": "<"}, "boundary", "No wait is shorter than 0 s"),
        ({"boundary": "=="}, "boundary", "not one of the available"),
        ({"variant": "SL99"}, "variant", "not one of the available"),
        ({"where": "site-0"}, "where", "not one of the available"),
        ({"valid_from": "2026-02-31"}, "valid_from", "YYYY-MM-DD"),
        ({"valid_from": "0026-05-01"}, "valid_from", "before 1950"),
        ({"valid_from": ""}, "valid_from", "required"),
        ({"valid_from": "2026-05-26"}, "note", "Say why"),
        ({"note": "x" * 301}, "note", "at most 300"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(
    client, admin, said, field, complaint
):
    page = look(client, {"valid_from": "2026-06-01"} | said)
    assert page.status_code == 200
    assert complaint in str(page.context["form"].errors[field])
    assert "preview" not in page.context
    assert KpiChoice.objects.count() == 0


# The preview.


def test_a_preview_shows_the_last_thirteen_whole_weeks_under_both_definitions():
    site = a_site()
    queue = a_queue(site)
    # In the first week shown, in the last, in the one before the first, and in this one.
    for day in (date(2026, 2, 23), date(2026, 5, 24), date(2026, 2, 22), date(2026, 5, 25)):
        a_morning(queue, NINE.replace(month=day.month, day=day.day))
    a_call(queue, NINE.replace(month=5, day=24), wait=30, outcome="abandoned")
    rollups.rebuild()
    draft = a_draft(valid_from=date(2026, 6, 1), threshold_seconds=30)
    found = preview.of(draft, scopes.known(), TODAY)
    assert [week.first for week in found.weeks][::12] == [date(2026, 2, 23), date(2026, 5, 18)]
    assert {week.first.weekday() for week in found.weeks} == {0}
    first, *between, last = found.weeks
    assert (first.old.value, first.new.value) == (8 / 13, 10 / 15)
    # Of what is shown, 66.7 and 61.5 %: so it follows from what stands beside it.
    assert first.difference == pytest.approx(0.052)
    # One more gave up, in the first 30 s but not in 20.
    assert (last.old.value, last.new.value) == (8 / 14, 10 / 16)
    assert {(week.old.value, week.difference) for week in between} == {(None, None)}
    # Of counts, not of the weeks' levels.
    assert (found.whole.old.value, found.whole.new.value) == (16 / 27, 20 / 31)
    assert (found.old, found.new) == ("SL4, 20 s", "SL3, 30 s")


@pytest.mark.parametrize("where", ["all", "site", "queue"])
def test_a_preview_says_what_reports_say_once_it_is_kept(where):
    site = a_site()
    queue = a_queue(site)
    for day in range(1, 29):
        a_morning(queue, NINE.replace(month=4, day=day))
        a_call(queue, NINE.replace(month=4, day=day), wait=day)
    rollups.rebuild()
    scope = {"all": Scope(), "site": Scope(site), "queue": Scope(site, queue)}[where]
    draft = a_draft(scope, date(2026, 1, 1), threshold_seconds=15)
    found = preview.of(draft, scopes.known(), TODAY)

    def reported(week):
        queues = [queue] if where == "queue" else None
        question = Question([site], week.first, week.last, queues=queues, kpis=[LEVEL.id])
        (row,) = report.answer(question)
        return row.figures[LEVEL.id].value

    shown = [week for week in found.weeks if week.old.n]
    assert len(shown) == 5
    assert [reported(week) for week in shown] == [week.old.value for week in shown]
    services.keep(draft, a_user("admin"), NOW)
    assert [reported(week) for week in shown] == [week.new.value for week in shown]
    assert all(week.difference for week in shown)


@pytest.mark.parametrize(
    "kpi", [kpi for kpi in KPIS.values() if is_a_choice(kpi)], ids=lambda kpi: kpi.id
)
def test_every_kpi_that_can_be_chosen_has_a_form_and_a_preview(client, admin, kpi):
    a_morning(a_queue(), NOW - timedelta(days=7))
    rollups.rebuild()
    url = reverse("definition", args=[kpi.id])
    for variant in kpi.variants:
        assert client.get(url, {"variant": variant.id}).status_code == 200
        said = {"variant": variant.id, "where": "all", "valid_from": "2026-06-01", "look": "1"}
        assert client.post(url, said).context["preview"].new.startswith(variant.id)


def test_a_preview_says_until_when_a_choice_would_hold():
    a_choice(date(2026, 3, 1), "SL2")
    found = preview.of(a_draft(valid_from=date(2026, 1, 1)), scopes.known(), TODAY)
    assert found.until == date(2026, 3, 1)
    assert found.old == "SL4, 20 s"


def test_a_preview_of_a_correction_holds_it_against_the_choice_that_pages_show(client, admin):
    """SL3 with 30 s holds since January: corrected to SL4 with 20 s, which is as it comes."""
    a_morning(a_queue(), NINE.replace(month=5, day=20))
    rollups.rebuild()
    row = a_choice(date(2026, 1, 1), "SL3", threshold_seconds=30)
    said = {"variant": "SL4", "threshold_seconds": "20", "note": "A slip"}
    found = look(client, said, address("definition_edit", row.pk)).context["preview"]
    assert (found.old, found.new) == ("SL3, 30 s", "SL4, 20 s")
    assert (found.whole.old.value, found.whole.new.value) == (10 / 15, 8 / 13)
    # What reads another thing than calls is read of the choice that is corrected, too.
    hours = a_choice(date(2026, 1, 2), "SL3", threshold_seconds=30, business_hours=True)
    found = preview.of(a_draft(valid_from=date(2026, 1, 2), row=hours), scopes.known(), TODAY)
    assert (found.whole.old.n, found.whole.new.n) == (15, 15)


def test_a_difference_follows_from_the_numbers_beside_it():
    """90.909 and 76.25 % are shown as 90.9 and 76.3, so as 14.6 less, though it is 14.659."""
    (row,) = report.answer(Question([a_site()], TODAY, TODAY, kpis=["service_level", "asa"]))
    share, wait = row.figures["service_level"], row.figures["asa"]
    for one, was, will, told in (
        (share, 10 / 11, 61 / 80, "−14.6\xa0pts"),
        (wait, 59.5, 61.4, "0:01"),  # 1:00 and 1:01, though it is 1.9 s
        (wait, 59.5, None, "–"),
    ):
        week = Week(TODAY, TODAY, replace(one, value=was), replace(one, value=will))
        assert figure(week.difference, week.difference_unit) == told


def test_weeks_that_only_one_definition_knows_say_how_many_are_pending_and_are_not_in_the_whole(
    client, admin
):
    """A caller each Monday comes once; Ann on the 2nd and the 12th of March. The record ends on the
    26th of May: 30 days after a Monday are over up to that of the 20th of April. Up to then 11 of
    11 did not come again within 7 days; within 30 one of 10 did, for Ann's second is no first."""
    queue = a_queue()
    mondays = [date(2026, 2, 23) + timedelta(weeks=week) for week in range(13)]
    callers = [(day, str(day)) for day in (*mondays, date(2026, 5, 26))]
    for day, caller in (*callers, (date(2026, 3, 2), "ann"), (date(2026, 3, 12), "ann")):
        a_call(queue, NINE.replace(month=day.month, day=day.day), caller_hash=caller)
    rollups.rebuild()
    said = {
        "where": "all", "variant": "F3", "window_days": "30", "matter": "queue",
        "valid_from": "2026-06-01", "look": "1",
    }  # fmt: skip
    page = client.post(reverse("definition", args=["fcr"]), said)
    found = page.context["preview"]
    weeks = [(week.old.n, week.old_pending, week.new.n, week.new_pending) for week in found.weeks]
    assert weeks[8:] == [(1, "", 1, ""), *[(1, "", 0, "1 pending")] * 4]
    assert {week.difference for week in found.weeks[9:]} == {None}
    whole = found.whole
    assert (whole.first, whole.last) == (date(2026, 2, 23), date(2026, 4, 26))
    assert (whole.old.value, whole.old.n, whole.new.value, whole.new.n) == (1, 11, 0.9, 10)
    assert whole.part == "9 of 13 weeks: as much is known under both"
    assert whole.difference == pytest.approx(-0.1)
    told = words(page)
    assert (told.count("1 pending</small>"), told.count(whole.part)) == (4, 1)
    # The chart has them all, and says so of those.
    assert told.count("\\u2013, 1 pending") == 4
    assert "weeks from 2026-02-23 to 2026-05-24" in told
    # Where as little is known under both, all weeks are compared.
    page = client.post(reverse("definition", args=["fcr"]), said | {"window_days": "7"})
    assert page.context["preview"].whole.last == date(2026, 5, 24)
    assert page.context["preview"].whole.part == ""


def test_a_preview_says_time_as_all_pages_do(client, admin):
    """Two calls of 9:00 and 10:08 of talk: 9:34. 1.5 hours of work in 2 hours: of 2.0 h."""
    queue = a_queue()
    agent = an_agent(queue.site)
    at = NINE.replace(month=5, day=18)
    for number, talk in enumerate((540, 608)):
        a_call(queue, at + timedelta(minutes=20 * number), talk=talk, agent=agent)
    a_spell(agent, "logged_in", at, at + timedelta(hours=2))
    rollups.rebuild()
    begins = {"where": "all", "valid_from": "2026-06-01", "look": "1"}
    page = client.post(reverse("definition", args=["aht"]), begins | {"variant": "H1"})
    assert page.context["preview"].whole.new.value == 574
    drawn = json.loads(page.context["chart"]["json"])
    assert {one for line in drawn["data"] for one in line["text"]} == {"9:34", "–"}
    axis = drawn["layout"]["yaxis"]
    assert (axis["tickvals"], axis["ticktext"]) == ([574], ["9:34"])
    said = begins | {"variant": "O2", "ring": "yes"}
    page = client.post(reverse("definition", args=["occupancy"]), said)
    assert page.context["preview"].whole.new.n == 7200
    assert "<td>2.0 h</td>" in words(page)


@pytest.mark.parametrize(
    ("unit", "values", "told"),
    [
        ("seconds", [0, 574, None], ["0:00", "2:00", "4:00", "6:00", "8:00", "10:00"]),
        ("seconds", [500, 610], ["8:00", "8:30", "9:00", "9:30", "10:00", "10:30"]),
        ("seconds", [574.3], ["9:34", "9:35"]),
        ("seconds", [0, 90_000], ["0:00", *(f"{n}:00:00" for n in (6, 12, 18, 24, 30))]),
        ("points", [-0.2, 0.45], [f"{n}.0\xa0pts" for n in ("−20", 0, 20, 40, 60)]),
        ("count", [0, 574], None),
        ("seconds", [None], None),
    ],
)  # fmt: skip
def test_an_axis_is_written_as_tables_are(unit, values, told):
    assert value_axis(unit, values).get("ticktext") == told


def test_an_axis_of_shares_that_differ_little_names_no_two_steps_alike():
    assert value_axis("fraction", [0, 0.009, None])["tickformat"] == ".1%"
    assert value_axis("fraction", [0, 0.8])["tickformat"] == ".0%"


def test_a_week_in_which_the_record_begins_says_how_much_of_it_is_there(client, admin):
    """The record begins on a Saturday: two days of that week."""
    queue = a_queue()
    for day in (16, 17, 18):
        a_morning(queue, NINE.replace(month=5, day=day))
    rollups.rebuild()
    page = look(client, {"valid_from": "2026-06-01"})
    found = page.context["preview"]
    assert [week.part for week in found.weeks[-3:]] == ["", "2 of 7 days", ""]
    assert found.whole.part == "9 of 91 days"
    told = words(page)
    assert "2 of 7 days" in told
    assert "As it is (SL4, 20 s): Answered within 20 s ÷ (answered + abandoned" in told
    assert "New (SL3, 30 s): Answered within 30 s ÷ (answered + abandoned)" in told


def test_a_preview_of_all_sites_says_what_it_lacks_in_the_words_of_a_report():
    """Leeds' record begins on a Saturday, Pune's on the Monday after: those two days are in it."""
    for name, first in (("Leeds", 16), ("Pune", 18)):
        queue = a_queue(a_site(name))
        for day in (first, 20):
            a_morning(queue, NINE.replace(month=5, day=day))
    rollups.rebuild()
    found = preview.of(a_draft(valid_from=date(2026, 6, 1)), scopes.known(), TODAY)
    parts = {week.first: week.part for week in found.weeks}
    assert parts[date(2026, 5, 11)] == "2 of 7 days; without Pune"
    assert parts[date(2026, 5, 18)] == ""
    assert found.whole.part == "9 of 91 days; a part of Pune"  # 16 to 24 May
    assert found.weeks[0].new.value is None


def test_a_preview_of_all_sites_counts_each_on_its_own_days():
    """At 11:00 UTC on a Sunday it is Monday on Kiritimati (UTC+14), and so another week."""
    leeds, far = a_site(), a_site(zone="Pacific/Kiritimati")
    for site in (leeds, far):
        a_call(a_queue(site), NINE.replace(month=5, day=17, hour=11), wait=5)
    rollups.rebuild()
    found = preview.of(a_draft(), scopes.known(), TODAY)
    assert [week.old.n for week in found.weeks[-2:]] == [1, 1]
    assert found.whole.old.n == 2


# Keeping.


def test_an_admin_looks_first_then_keeps_it_and_figures_follow(client, admin):
    site = a_site()
    queue = a_queue(site)
    a_morning(queue, NOW - timedelta(days=7))
    rollups.rebuild()
    said = {"where": f"site-{site.pk}", "valid_from": "2026-05-01", "note": "As agreed"}
    page = look(client, said)
    assert "26 past days, from 2026-05-01 on, change at once" in words(page)
    assert "SL3, 30 s" in words(page)
    assert KpiChoice.objects.count() == 0  # a look keeps nothing
    page = keep(client, said)
    assert f"Service level, {site.name}, from 2026-05-01: it is kept." in words(page)
    row = KpiChoice.objects.get()
    assert (row.variant, row.site, row.queue, row.note) == ("SL3", site, None, "As agreed")
    assert (row.chosen_by, row.chosen_at) == (admin, NOW)
    assert row.parameters == {
        "threshold_seconds": 30, "boundary": "<=", "lost": True, "clock_start_seconds": 0,
        "transfers_in": True, "business_hours": False, "callbacks": "request",
    }  # fmt: skip
    day = (NOW - timedelta(days=7)).date()
    (total,) = report.answer(Question([site], day, day, kpis=["service_level"]))
    assert total.figures["service_level"].value == 10 / 15
    after = services.values(row)
    assert entries() == [("created", None, after)]
    assert "As agreed" not in str(after)


def test_what_was_altered_after_the_look_is_looked_at_again(client, admin):
    seen = look(client, {"valid_from": "2026-06-01"}).context["seen"]
    sent = SL3 | {"where": "all", "valid_from": "2026-06-02", "save": "1", "seen": seen}
    page = client.post(address(), sent)
    assert "You changed the form since you looked" in words(page)
    assert KpiChoice.objects.count() == 0


def test_the_enter_key_looks_and_keeps_nothing(client, admin):
    seen = look(client, {"valid_from": "2026-06-01"}).context["seen"]
    page = look(client, {"valid_from": "2026-06-01", "seen": seen})
    assert "preview" in page.context
    assert KpiChoice.objects.count() == 0


def test_a_choice_of_nothing_goes_back_to_the_wider_scope(client, admin):
    site = a_site()
    a_choice(date(2026, 1, 1), "SL3", Scope(site), threshold_seconds=60)
    keep(client, {"where": f"site-{site.pk}", "valid_from": "2026-06-01", "variant": ""})
    row = KpiChoice.objects.latest("pk")
    assert (row.variant, row.parameters) == ("", {})
    may, june = Choices(date(2026, 5, 31)), Choices(date(2026, 6, 1))
    assert may.of(LEVEL, site.pk)[0].id == "SL3"
    assert june.of(LEVEL, site.pk)[0].id == "SL4"


def test_a_choice_to_come_is_changed_and_the_log_keeps_both(client, admin):
    row = a_choice(date(2026, 6, 1), "SL2")
    was = services.values(row)
    page = keep(client, {"valid_from": "2026-07-01"}, address("definition_edit", row.pk))
    assert "it is kept" in words(page)
    row = KpiChoice.objects.get()
    assert (row.variant, row.valid_from) == ("SL3", date(2026, 7, 1))
    assert entries()[1:] == [("changed", was, services.values(row))]


def test_one_that_has_begun_keeps_its_day_and_is_corrected_with_a_reason(client, admin):
    row = a_choice(date(2026, 3, 2), "SL2")
    to = address("definition_edit", row.pk)
    assert "It has begun" in words(client.get(to))
    page = look(client, {"valid_from": "2026-07-01", "note": ""}, to)
    assert "Say why" in str(page.context["form"].errors["note"])
    keep(client, {"valid_from": "2026-07-01", "note": "A slip of the keys"}, to)
    row.refresh_from_db()
    assert (row.variant, row.valid_from) == ("SL3", date(2026, 3, 2))
    assert [action for action, _before, _after in entries()] == ["created", "changed"]


def test_one_that_has_not_begun_is_removed_and_one_that_has_is_not(client, admin):
    coming, there = a_choice(date(2026, 6, 1), "SL2"), a_choice(TODAY, "SL1")
    assert "It has not begun" in words(client.get(address("definition_remove", coming.pk)))
    page = client.post(address("definition_remove", coming.pk), {"why": "x" * 5001})
    assert "The reason has at most" in words(page)
    page = client.post(address("definition_remove", coming.pk), {"why": "Too soon"}, follow=True)
    assert AuditEntry.objects.latest("pk").why == "Too soon"
    assert "what was to hold from 2026-06-01 is removed" in words(page)
    page = client.post(address("definition_remove", there.pk))
    assert "It cannot be removed" in words(page)
    assert list(KpiChoice.objects.all()) == [there]
    assert entries()[-1] == ("removed", services.values(coming), None)


def test_the_history_says_which_was_which_holds_and_which_comes(client, admin):
    for month, variant in ((1, "SL1"), (3, "SL2"), (6, "SL3")):
        a_choice(date(2026, month, 1), variant)
    site = a_site("Leeds")
    a_choice(date(2026, 2, 1), "", Scope(site))
    told = client.get(address()).context["history"]
    assert [(one["scope"].words, one["words"], one["state"], one["may_go"]) for one in told] == [
        ("All sites", "SL3, 20 s", "comes", True),
        ("All sites", "SL2, 20 s", "holds", False),
        ("All sites", "SL1, 20 s", "was", False),
        ("Leeds", "nothing of its own any more", "ended", False),
    ]
    assert "until 2026-03-01" in words(client.get(address()))


def test_a_choice_of_parameters_alone_is_no_end_and_says_what_holds(client, admin):
    """As the demo centre of old versions has it: pauses, and no variant. At Leeds the variant is as
    chosen for all, at York nothing is of its own."""
    leeds, york = a_site("Leeds"), a_site("York")
    utilisation = {"kpi": "utilisation", "valid_from": date(2026, 1, 1)}
    pauses = {"productive_pauses": "Training"}
    KpiChoice.objects.create(**utilisation, variant="U2")
    KpiChoice.objects.create(**utilisation, site=york)
    row = KpiChoice.objects.create(**utilisation, site=leeds, parameters=pauses)
    page = client.get(reverse("definition", args=["utilisation"]))
    told = {one["scope"].words: (one["words"], one["state"]) for one in page.context["history"]}
    assert told == {
        "All sites": ("U2", "holds"),
        "Leeds": ("U2", "holds"),
        "York": ("nothing of its own any more", "ended"),
    }
    KpiChoice.objects.filter(variant="U2").update(variant="U1")
    page = client.get(reverse("definition", args=["utilisation"]))
    told = {one["scope"].words: one["words"] for one in page.context["history"]}
    holds = {one.scope.words: (one.short, one.since) for one in page.context["in_force"]}
    assert holds["Leeds"] == (told["Leeds"], row.valid_from)
    assert told["Leeds"] == "U1, productive pauses: Training"
    # Who corrects it begins with what holds.
    to = reverse("definition_edit", args=["utilisation", row.pk])
    form = client.get(to).context["form"]
    assert (form["variant"].value(), form["productive_pauses"].value()) == ("U1", "Training")


def test_a_reason_names_who_gave_it_the_program_or_that_they_are_gone(client, admin):
    for month, who in ((1, None), (2, a_user("admin")), (3, admin)):
        services.keep(a_draft(valid_from=date(2026, month, 1)), who, NOW)
    User.objects.exclude(pk=admin.pk).delete()
    told = client.get(address()).context["history"]
    names = [str(reason.who) for one in told for reason, _said in one["reasons"]]
    assert names == [str(admin), "someone gone", "the program"]


def test_the_formulas_to_choose_from_have_no_number_that_another_is_typed_over(client, admin):
    page = client.get(reverse("definition", args=["service_level"]), {"threshold_seconds": "30"})
    options = dict(page.context["form"].fields["variant"].choices)
    assert options["SL4"] == (
        "SL4: Answered within the threshold ÷ (answered + abandoned after it)"
    )
    for kpi in KPIS.values():
        typed = {one.id for one in kpi.variants if {*one.uses} & TYPED}
        if typed:
            page = client.get(reverse("definition", args=[kpi.id]))
            said = dict(page.context["form"].fields["variant"].choices)
            assert not [one for one in typed if re.search(r"\d+ (s|days?)\b", said[one])]


def test_a_day_is_that_of_the_site_where_it_begins(client, admin):
    """At 09:00 UTC it is the 27th in Leeds and, at UTC+14, still the 27th; at 13:00 the 28th."""
    far = a_site("Kiritimati", zone="Pacific/Kiritimati")
    row = a_choice(date(2026, 5, 28), "SL2", Scope(far))
    for hour, may_go in ((9, True), (13, False)):
        with time_machine.travel(NOW.replace(hour=hour), tick=False):
            (told,) = client.get(address()).context["history"]
        assert (told["row"], told["may_go"]) == (row, may_go)


def test_every_reason_stands_in_the_history_and_in_the_log(client, admin):
    row = a_choice(date(2026, 3, 2), "SL2")  # because "why"
    to = address("definition_edit", row.pk)
    assert client.get(to).context["form"]["note"].value() is None
    keep(client, {"note": "A slip of the keys"}, to)
    (told,) = client.get(address()).context["history"]
    assert [(one.words, was) for one, was in told["reasons"]] == [
        ("A slip of the keys", "SL3, 30 s"), ("why", "SL2, 20 s"),
    ]  # fmt: skip
    # Each with what it was given for.
    assert "SL2, 20 s: why" in words(client.get(address()))
    assert list(AuditEntry.objects.order_by("pk").values_list("why", flat=True)) == [
        "why", "A slip of the keys",
    ]  # fmt: skip
    page = words(client.get(reverse("audit")))
    assert "A slip of the keys" in page
    assert "Threshold, in seconds" in page


@pytest.mark.parametrize("role", ["manager", "planner", "supervisor", "qa_analyst", "trainer"])
def test_who_sees_figures_of_a_site_reads_how_they_are_made_and_changes_nothing(client, role):
    leeds, york = a_site("Leeds"), a_site("York")
    for scope, variant in ((Scope(), "SL1"), (Scope(leeds), "SL2"), (Scope(york), "SL3")):
        a_choice(date(2026, 1, 1), variant, scope)
    user = a_user(role, leeds)
    if role == "supervisor":
        a_team(leeds, user)
    client.force_login(user)
    page = client.get(address())
    told = [(one["scope"].words, one["words"]) for one in page.context["history"]]
    assert told == [("All sites", "SL1, 20 s"), ("Leeds", "SL2, 20 s")]
    assert "York" not in words(page)
    assert "<form id=" not in words(page)
    assert reverse("audit") not in words(page)
    (level,) = (row for row in client.get(reverse("definitions")).context["rows"]
                if row["kpi"] is LEVEL)  # fmt: skip
    assert [(one.scope.words, one.short) for one in level["apart"]] == [("Leeds", "SL2, 20 s")]
    assert client.post(address(), SL3 | {"look": "1", "where": "all"}).status_code == 404


# Two at a time.


def test_the_second_of_two_who_choose_for_one_scope_and_day_is_told(client, admin):
    seen = look(client, {"valid_from": "2026-06-01"}).context["seen"]
    other = a_choice(date(2026, 6, 1), "SL7")
    sent = SL3 | {"where": "all", "valid_from": "2026-06-01", "save": "1", "seen": seen}
    page = client.post(address(), sent)
    assert page.status_code == 200
    assert "From this day there is a choice already" in str(
        page.context["form"].errors["valid_from"]
    )
    assert KpiChoice.objects.get() == other


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        (lambda row: row.delete(), "Somebody removed this choice meanwhile"),
        (
            lambda row: KpiChoice.objects.filter(pk=row.pk).update(variant="SL7"),
            "Somebody changed this choice meanwhile",
        ),
    ],
    ids=["removed", "changed"],
)
def test_whoever_changes_what_another_touched_meanwhile_is_told(meanwhile, told):
    row = a_choice(date(2026, 6, 1), "SL2")
    meanwhile(KpiChoice.objects.get(pk=row.pk))
    with pytest.raises(ValidationError, match=told):
        services.keep(a_draft(row=row), a_user("admin"), NOW)
    with pytest.raises(ValidationError, match=told):
        services.remove(row, a_user("admin"), TODAY, NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_keeps_and_the_other_is_told():
    def choosing(who):
        return lambda: services.keep(a_draft(valid_from=date(2026, 6, 1)), who, NOW)

    kept, told = sorted(elsewhere(choosing(a_user("admin")), choosing(a_user("admin"))), key=len)
    assert kept == "done"
    assert told.startswith("ValidationError")
    assert KpiChoice.objects.count() == AuditEntry.objects.count() == 1


# What else.


def test_what_was_chosen_for_a_queue_that_became_another_goes_and_the_log_keeps_it():
    site = a_site()
    sales, old = a_queue(site), a_queue(site)
    kept = a_choice(date(2026, 1, 1), "SL1", Scope(site, sales))
    gone = a_choice(date(2026, 1, 1), "SL2", Scope(site, old))
    names_merged.send(sender=Queue, loser=old.pk, keeper=sales.pk)
    assert list(KpiChoice.objects.all()) == [kept]
    assert entries()[-1] == ("removed", services.values(gone), None)


def test_the_audit_log_names_the_kpi_and_its_scope_and_leads_to_its_page(client, admin):
    leeds = a_site("Leeds")
    for scope in (Scope(), Scope(leeds), Scope(leeds, a_queue(leeds, "Sales"))):
        a_choice(date(2026, 6, 1), "SL2", scope)
    page = words(client.get(reverse("audit")))
    for where in ("all sites", "Leeds", "Sales"):
        assert f"Service level, {where}" in page
    assert f'href="{address()}"' in page
    assert "Definition of a KPI" in page


@pytest.mark.parametrize(
    "path",
    [
        "/definitions/nonsense/",
        "/definitions/service_level/99999999999999999999/",
        "/definitions/abandon_rate/1/",
        "/definitions/service_level/1/remove/",
    ],
)
def test_what_is_not_there_is_not_found(client, admin, path):
    assert client.get(path).status_code == 404


def test_a_kpi_that_is_made_in_one_way_says_so(client, admin):
    page = client.get(reverse("definition", args=["offered"]))
    assert "There is one way to count this" in words(page)
    assert client.post(reverse("definition", args=["offered"]), {"save": "1"}).status_code == 200


def test_a_preview_of_who_came_again_sums_the_days_under_each_window():
    """Ann calls on day 1 and again 10 days later: a repeat within 14 days, none within 7."""
    site = a_site()
    queue = a_queue(site)
    for day in (6, 16):
        a_call(queue, NINE.replace(month=4, day=day), caller_hash="ann")
    a_call(queue, NINE.replace(month=6, day=1), caller_hash="bob")  # the record goes on
    rollups.rebuild()
    draft = Draft(KPIS["fcr"], Scope(site), "F3", {"window_days": 14}, date(2026, 1, 1))
    whole = preview.of(draft, scopes.known(), TODAY).whole
    assert (whole.old.value, whole.old.n) == (1, 2)
    assert (whole.new.value, whole.new.n) == (0, 1)
