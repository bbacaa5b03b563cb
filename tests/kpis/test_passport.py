"""A figure's passport lists as many calls as the figure counted."""

import csv
import math
from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.models import (
    AuditEntry,
    Call,
    CallNote,
    Disposition,
    Offer,
    Queue,
    Site,
    SurveyInvitation,
    SurveyResponse,
    Topic,
)
from kpis import report, rollups
from kpis.declaration import PRIVATE
from kpis.definitions import KPIS
from kpis.models import KpiChoice
from kpis.passports import bringing, contents, listing, passport
from kpis.passports.listing import ALL, DENOMINATOR, LEFT_OUT, NUMERATOR, REST, Narrowed
from kpis.passports.passport import Scope
from kpis.report import Unanswerable
from tests.builders import (
    NINE,
    a_call,
    a_queue,
    a_record,
    a_sale,
    a_site,
    a_target,
    a_team,
    a_user,
    an_agent,
    stored,
)
from tests.kpis.test_against_oracle import (
    WITHOUT_SHRINKING,
    centres,
    hang_on,
    lose_waits,
    taken_back,
    write,
)
from tests.kpis.test_verify_paths import differing
from tests.kpis.visits import EVERY_PARAMETERS

pytestmark = pytest.mark.django_db

# A call may have several of these.
SEVERAL = ("ring", "rings", "answer", "answers")

DAY = date(2026, 3, 2)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
# What lists tell beside the calls: shown as the sums it was made of.
OF_LISTS = {"people", "ramp", "costs", "sales", "paid", "worked"}


def a_morning(site):
    """Twenty contacts of all kinds, two of them with several visits."""
    records, surveys = [], []

    def visit(number, outcome, wait, *, linked=None, queue="Sales", later=0, **more):
        at = NINE + timedelta(minutes=number) + later * SECOND
        known = {} if wait is None else {"wait_ms": round(wait * 1000)}
        if outcome == "answered":
            known |= {
                "answered_at": at + timedelta(seconds=wait or 0),
                "agent": "Ann" if number % 2 else "Bob",
                "talk_ms": 60_000,
            }
        records.append(
            a_record(
                at,
                external_id=f"c{number}-{queue}-{later}",
                linked_id=linked or f"c{number}",
                queue=queue,
                outcome=outcome,
                **known | more,
            )
        )
        return len(records) - 1

    for number, wait in enumerate((0, 3, 19.9, 20, 20.1, 45, None)):
        call = visit(number, "answered", wait, resolved=number % 3 == 0)
        if number < 4:
            score = {"kind": "csat", "scale_min": 1, "scale_max": 5, "score": float(2 + number)}
            surveys.append({"call": call, "answered_at": NINE, **score})
    visit(7, "answered", 5, talk_ms=None)
    visit(8, "answered", 5, acw_ms=9000)
    for number, wait in enumerate((2, 5, 5.1, 20, 33, None), start=10):
        visit(number, "abandoned", wait)
    visit(17, "timed_out", 300)
    visit(18, "key_exit", 12)
    visit(19, "callback_requested", 15)
    visit(20, "voicemail", 60)
    visit(21, "in_progress", None)
    visit(22, "left_ivr", None)
    # 15 s, timed out to another queue, there answered after 15 s: 30 s in all.
    visit(30, "timed_out", 15, linked="both")
    visit(30, "answered", 15, linked="both", queue="Help", later=16)
    # Given up on the second queue: the last wait counts.
    visit(31, "timed_out", 100, linked="lost")
    missed = visit(31, "abandoned", 4, linked="lost", queue="Help", later=101)
    # Answered by two agents, passed on after a word.
    visit(33, "answered", 5, linked="two", transfer_kind="attended")
    visit(34, "answered", 5, linked="two", queue="Help")
    # Called back; two more calls out, one of them in vain.
    visit(35, "callback_requested", 20, linked="back")
    visit(36, "answered", None, linked="back", direction="outbound")
    visit(37, "answered", None, direction="outbound", talk_ms=29_000, queue=None)
    visit(38, "busy", None, direction="outbound")
    rings = [
        {"call": 1, "agent": "Ann", "ended_ms": 1, "ring_ms": 2_000, "outcome": "answered"},
        {"call": missed, "agent": "Ann", "ended_ms": 2, "ring_ms": 9_000, "outcome": "cancelled"},
    ]
    stored(site, *records, surveys=surveys, offers=rings)
    first, second = Call.objects.filter(outcome="answered").order_by("offered_at")[:2]
    for call, escalation in ((first, "second line"), (second, "")):
        CallNote.objects.create(call=call, site=site, at=NINE, escalation=escalation)
    for number, call in enumerate((first, Call.objects.get(external_id="c17-Sales-0"))):
        SurveyInvitation.objects.create(
            hash=str(number), call=call, site=site, questions=["csat"], expires_at=NINE
        )
    while rollups.recount_dirty():
        continue


def contradictions(made, reader):
    """Where a passport's calls are not as many as its figure says; and whether it says any."""
    figure, found = made.figure, listing.page(made, reader, Narrowed(), 0, 1000)
    wrong = []
    sides = Counter({one: n for one in (NUMERATOR, REST, LEFT_OUT) if (n := found.on(one))})
    if Counter(row.on for row in found.rows) != sides:
        wrong.append(("each call once", sides))
    for note in figure.left_out:
        listed = found.on(ALL, frozenset(note.reasons))
        if note.reasons and listed != note.n and figure.of not in SEVERAL:
            wrong.append((str(note.words), listed, note.n))
    if figure.value is not None and not figure.of.startswith("answer"):
        wrong += of_values(figure, [row for row in found.rows if row.on == NUMERATOR])
    if figure.value is not None and figure.of in ("agents who answered", "agent who answered"):
        # Who answered is counted, and what they answered is listed.
        expected = round(figure.value * figure.n)
        if found.on(NUMERATOR) != expected:
            wrong.append(("answered by them", found.on(NUMERATOR), expected))
        return wrong
    if figure.value is None or figure.of in SEVERAL:
        return wrong
    if found.on(DENOMINATOR) != figure.n:
        wrong.append(("n", found.on(DENOMINATOR), figure.n))
    expected = round(figure.value * figure.n)
    share = figure.unit == "fraction" and figure.kpi.id != "missed_rate"
    if share and found.on(NUMERATOR) != expected:
        wrong.append(("numerator", found.on(NUMERATOR), expected))
    return wrong


def of_values(figure, rows):
    """Where what the calls of a numerator bring does not add up to the figure. A rank of waits is
    one of them, of which its sums know no more than whole seconds."""
    unit = bringing.unit_of(figure.variant, figure.parameters)
    brought = [row.value for row in rows if row.value is not None]
    if unit is None:
        return [("each brings one", brought)] if brought else []
    if figure.kpi.id.startswith(("wait_p", "longest_wait")):
        near = any(abs(one - figure.value) <= 1 for one in brought)
        return [] if near else [("a wait", brought, figure.value)]
    whole = figure.value if figure.unit == "count" else figure.value * figure.n
    return [] if math.isclose(sum(brought), whole) else [("adds up", sum(brought), whole)]


WITH_CALLS = [
    f"{kpi.id}:{variant.id}"
    for kpi in KPIS.values()
    for variant in kpi.variants
    if any(variant.behind(kpi.parameters)) and not {*variant.needs} & OF_LISTS
]


@pytest.mark.parametrize("of", ["site", "queue", "agent", "outbound"])
def test_as_many_calls_are_behind_a_figure_as_it_counted(of):
    """Each call of the scope is on one side for one reason, and what was left out is listed too."""
    site, reader = a_site(), a_user("admin")
    a_morning(site)
    scope = Scope(
        site=site,
        first=DAY,
        last=DAY,
        queue=site.queues.get(name="Sales") if of == "queue" else None,
        agent=site.agents.get(name="Ann") if of == "agent" else None,
        only={"direction": ["outbound"]} if of == "outbound" else {},
    )
    made = {name: passport.issue(name, scope) for name in WITH_CALLS}
    assert {name: wrong for name in made if (wrong := contradictions(made[name], reader))} == {}
    if of == "site":
        # No hold is told, no caller's number is (test_repeats), and nobody was asked to recommend
        # us or of effort.
        silent = {name for name, one in made.items() if one.figure.value is None}
        silent = {one for one in silent if not one.startswith(("nps", "ces", "fcr", "resol"))}
        assert silent == {"aht:H4", "hold:mean"}


@settings(max_examples=6, phases=WITHOUT_SHRINKING)
@given(
    centres(most_contacts=8),
    EVERY_PARAMETERS,
    st.sampled_from(("site", "site", "queue", "agent", "outbound")),
    st.lists(st.sampled_from(WITH_CALLS), min_size=15, max_size=15, unique=True),
)
def test_so_it_is_of_any_centre_and_under_any_parameters(centre, parameters, of, names):
    with taken_back(centre.zone, centre.begins) as site:
        write(site, centre.visits, centre.alone)
        lose_waits(site, centre.visits)
        hang_on(site, centre.visits)
        Site.objects.filter(pk=site.pk).update(opening=centre.opening)
        Queue.objects.filter(site=site, name="Sales").update(hours=centre.queue_hours)
        site.refresh_from_db()
        while rollups.recount_dirty():
            continue
        said = {key: one for key, one in asdict(parameters).items() if key != "target"}
        if of == "agent":
            said["business_hours"] = False  # of agents hours are not told
        for kpi in {name.partition(":")[0] for name in names}:
            KpiChoice.objects.create(kpi=kpi, valid_from=date(2020, 1, 1), parameters=said)
        first, last = centre.span(alone=True)
        scope = Scope(
            site, first, last,
            site.queues.first() if of == "queue" else None,
            site.agents.first() if of == "agent" else None,
            {"direction": ["outbound"]} if of == "outbound" else {},
        )  # fmt: skip
        reader = a_user("admin")
        made = {name: passport.issue(name, scope) for name in names}
        assert {name: wrong for name in made if (wrong := contradictions(made[name], reader))} == {}


# Ten calls, and what is to be said of each: on which side it is, and why.
TEN = {
    "fast": {"wait_ms": 12_000},
    "slow": {"wait_ms": 20_100},
    "untimed": {},
    "short": {"outcome": "abandoned", "wait_ms": 3_000},
    "early": {"outcome": "abandoned", "wait_ms": 15_000},
    "late": {"outcome": "abandoned", "wait_ms": 700_000},
    "lost": {"outcome": "timed_out", "wait_ms": 60_000},
    "asked": {"outcome": "callback_requested", "wait_ms": 9_000},
    "waits": {"outcome": "in_progress"},
    "full": {"outcome": "refused"},
}
SAID = {
    "service_level:SL4": {
        "fast": (NUMERATOR, "answered after 12 s, within 20 s"),
        "slow": (REST, "answered after 20.1 s, not within 20 s"),
        "untimed": (LEFT_OUT, "answered after an unknown wait"),
        "short": (LEFT_OUT, "the caller left after 3 s, within 20 s"),
        "early": (LEFT_OUT, "the caller left after 15 s, within 20 s"),
        "late": (REST, "the caller left after 700 s, not within 20 s"),
        "lost": (REST, "left without service after 60 s, not within 20 s"),
        "asked": (LEFT_OUT, "asked for a call back after 9 s"),
        "waits": (LEFT_OUT, "still waiting, as far as is known"),
        "full": (LEFT_OUT, "turned away before the queue"),
    },
    "abandon_rate:A1": {
        "fast": (REST, "answered after 12 s"),
        "slow": (REST, "answered after 20.1 s"),
        "untimed": (REST, "answered, after an unknown wait"),
        "short": (LEFT_OUT, "the caller left after 3 s: a short abandon, within 5 s"),
        "early": (NUMERATOR, "the caller left after 15 s: no short abandon, not within 5 s"),
        "late": (NUMERATOR, "the caller left after 700 s: no short abandon, not within 5 s"),
        "lost": (REST, "timed out after 60 s"),
        "asked": (REST, "asked for a call back after 9 s"),
        "waits": (LEFT_OUT, "still waiting, as far as is known"),
        "full": (LEFT_OUT, "turned away before the queue"),
    },
    "asa:W1": {
        "fast": (NUMERATOR, "answered after 12 s"),
        "slow": (NUMERATOR, "answered after 20.1 s"),
        "untimed": (LEFT_OUT, "answered after an unknown wait"),
        "short": (LEFT_OUT, "the caller left after 3 s"),
        "early": (LEFT_OUT, "the caller left after 15 s"),
        "late": (LEFT_OUT, "the caller left after 700 s"),
        "lost": (LEFT_OUT, "timed out after 60 s"),
        "asked": (LEFT_OUT, "asked for a call back after 9 s"),
        "waits": (LEFT_OUT, "still waiting, as far as is known"),
        "full": (LEFT_OUT, "turned away before the queue"),
    },
}


@pytest.mark.parametrize("asked", SAID)
def test_each_call_is_told_on_which_side_it_is_and_why(asked):
    site, reader = a_site(), a_user("admin")
    a_morning_of_ten(site)
    found = listing.every(passport.issue(asked, Scope(site, DAY, DAY)), reader, Narrowed())
    assert {one.external_id: (one.on, one.why) for one in found} == SAID[asked]


def a_morning_of_ten(site):
    known = {"outcome": "answered", "agent": "Ann", "talk_ms": 60_000}
    stored(
        site,
        *(
            a_record(
                at := NINE + number * MINUTE,
                external_id=name,
                linked_id=name,
                queue="Sales",
                **(known | {"answered_at": at} if "outcome" not in more else {}) | more,
            )
            for number, (name, more) in enumerate(TEN.items())
        ),
    )
    while rollups.recount_dirty():
        continue


def test_a_switch_that_takes_calls_out_is_their_reason():
    """The clock starts after 5 s: who left before is in no side, and waits are counted from it."""
    site, reader = a_site(), a_user("admin")
    a_morning_of_ten(site)
    KpiChoice.objects.create(
        kpi="service_level", valid_from=DAY, parameters={"clock_start_seconds": 5}
    )
    made = passport.issue("service_level", Scope(site, DAY, DAY))
    found = {one.external_id: one for one in listing.every(made, reader, Narrowed())}
    assert (found["short"].on, found["short"].why) == (
        LEFT_OUT,
        "left after 3 s, before the clock starts",
    )
    assert (found["slow"].on, found["slow"].why) == (
        NUMERATOR,
        "answered after 20.1 s, within 20 s of the clock's start, which is 5 s after entry",
    )


def asked_of(site, kpi, **more):
    return {"kpi": kpi, "from": DAY, "to": DAY, "site": site.slug} | more


def test_the_list_is_narrowed_by_side_reason_outcome_agent_queue_and_id(client):
    site = a_site()
    a_morning_of_ten(site)
    client.force_login(a_user("manager", site))
    ann, sales = site.agents.get(name="Ann").pk, site.queues.get(name="Sales").pk

    def listed(**more):
        page = client.get(reverse("passport_calls"), asked_of(site, "service_level", **more))
        return page.context["page"].paginator.count, len(page.context["calls"])

    assert [listed(side=side)[0] for side in ("numerator", "denominator", "rest", "left_out")] == [
        1, 4, 3, 6,
    ]  # fmt: skip
    assert listed(side="all") == (10, 10)
    assert listed(side="all", reason="abandoned_within") == (2, 2)
    assert listed(side="all", reason="abandoned_within,in_progress") == (3, 3)
    assert listed(side="rest", reason="abandoned_within") == (0, 0)
    assert listed(side="all", outcome="abandoned") == (3, 3)
    assert listed(side="all", of_agent=ann) == (3, 3)
    assert listed(side="all", of_queue=sales, q="lo") == (2, 2)  # slow, lost
    for nonsense in ({"side": "middle"}, {"reason": "x"}, {"outcome": "x"}, {"of_queue": "x"}):
        address = asked_of(site, "service_level", **nonsense)
        assert client.get(reverse("passport_calls"), address).status_code == 404
    assert client.get(reverse("passport_calls"), asked_of(site, "turnover")).status_code == 404


def test_what_was_left_out_leads_to_its_calls_as_many_as_it_says(client):
    site = a_site()
    a_morning_of_ten(site)
    client.force_login(a_user("manager", site))
    shown = client.get(reverse("passport"), asked_of(site, "service_level")).context["passport"]
    rows = {str(row["words"]): row for row in shown["left_out"]}
    assert {words: row["n"] for words, row in rows.items()} == {
        "answered after an unknown wait": 1,
        "abandoned within the threshold": 2,
        "asked for a call back": 1,
        "still waiting": 1,
        "turned away before the queue": 1,
    }
    for row in rows.values():
        assert row["calls"] == row["n"] == client.get(row["url"]).context["page"].paginator.count


def test_the_calls_are_exported_as_listed_with_side_day_and_reason(client):
    site = a_site(zone="Asia/Kolkata")
    a_call(a_queue(site, "=Sales"), NINE + 10 * HOUR, wait=12, external_id="one")
    a_call(site.queues.get(), NINE, wait=12, external_id="before")
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    # Half past midnight there: the day after.
    address = asked_of(site, "service_level", export="csv", side="all") | {
        "from": DAY + timedelta(days=1), "to": DAY + timedelta(days=1),
    }  # fmt: skip
    page = client.get(reverse("passport_calls"), address)
    assert page["Content-Disposition"].endswith('2026-03-03-calls.csv"')
    text = b"".join(page.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(StringIO(text))
    assert row["Time (Asia/Kolkata)"] == "2026-03-03T00:30:00+05:30"
    assert (row["Site day"], row["Counts"], row["Queue"]) == ("2026-03-03", "counts", "'=Sales")
    assert (row["Why"], row["Wait, seconds"]) == ("answered after 12 s, within 20 s", "12.0")
    assert row["Id at the source"] == "one"
    day = "2026-03-03"
    assert [entry.after for entry in AuditEntry.objects.filter(action="exported")] == [
        {
            "site": site.pk,
            "first": day,
            "last": day,
            "kpi": "service_level",
            "side": "all",
            "file": "csv",
        }
    ]


@pytest.mark.parametrize("calls", [1, 70])
def test_the_calls_of_a_passport_ask_the_same_of_few_as_of_many(
    client, django_assert_max_num_queries, calls
):
    site = a_site()
    queue, ann = a_queue(site), an_agent(site)
    for number in range(calls):
        a_call(queue, NINE + number * SECOND, agent=ann)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("passport_calls"), asked_of(site, "service_level"))
    words = f"Page 1 of {1 if calls == 1 else 2}"
    assert words in page.content.decode()
    assert len(page.context["calls"]) == min(calls, 50)
    last = client.get(reverse("passport_calls"), asked_of(site, "service_level", page="999999999"))
    assert len(last.context["calls"]) == (1 if calls == 1 else 20)


def test_no_passport_asks_more_than_twelve_times_whoever_and_whatever_it_is_of(
    client, django_assert_max_num_queries
):
    site = a_site()
    queue, ann = a_queue(site), an_agent(site)
    team = a_team(site, None, ann)
    topic, word = Topic.objects.create(name="Bill"), Disposition.objects.create(name="Sold")
    a_sale(site, call=a_call(queue, NINE, agent=ann, topic=topic, disposition=word))
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    of_all = [
        f"{by}:{one.pk}"
        for by, one in (
            ("queue", queue), ("agent", ann), ("team", team), ("topic", topic),
            ("disposition", word),
        )
    ]  # fmt: skip
    scopes = ({"agent": ann.pk, "queue": queue.pk}, {"only": of_all})
    for kpi in ("conversion", "revenue", "fcr", "occupancy", "aht_outbound", "calls_per_agent"):
        for scope in scopes:
            for name in ("passport", "passport_calls"):
                with django_assert_max_num_queries(12):
                    page = client.get(reverse(name), asked_of(site, kpi) | scope)
                assert name == "passport_calls" or page.status_code == 200


@pytest.mark.parametrize("sites", [1, 3])
def test_nor_one_of_sales_that_are_told_of_fewer_days_than_it_is_of(
    client, django_assert_max_num_queries, sites
):
    """Each site begins to tell on a day of its own: the counts of those days are read at once."""
    for number in range(sites):
        site = a_site()
        queue, ann = a_queue(site), an_agent(site)
        days = [NINE + timedelta(days=day) for day in range(5)]
        of_days = [a_call(queue, day, agent=ann) for day in days]
        for day in (number + 1, 4):
            a_sale(site, call=of_days[day], call_ref=f"{day}", reference=f"{day}", value=10)
    rollups.rebuild()
    client.force_login(a_user("manager", *Site.objects.all()))
    sites_ = [site.slug for site in Site.objects.all()]
    asked = {"site": sites_, "from": NINE.date(), "to": NINE.date() + timedelta(days=4)}
    variants = [
        f"{kpi.id}:{one.id}"
        for kpi in KPIS.values()
        for one in kpi.variants
        if "sales" in one.needs
    ]
    for words in variants:
        for name in ("passport", "passport_calls"):
            with django_assert_max_num_queries(12):
                page = client.get(reverse(name), asked | {"kpi": words})
            assert name == "passport_calls" or page.status_code == 200, words


def test_an_agent_sees_the_own_calls_of_the_own_figure(client):
    site = a_site()
    queue = a_queue(site)
    ann = an_agent(site, "Ann", a_user("agent", site))
    for agent in (ann, an_agent(site, "Bob")):
        a_call(queue, NINE, agent=agent)
    rollups.rebuild()
    client.force_login(ann.user)
    asked = asked_of(site, "talk", agent=ann.pk, side="all")
    (row,) = client.get(reverse("passport_calls"), asked).context["calls"]
    assert (row["agent"], row["why"]) == ("Ann", "answered, with 120 s of talk")


def test_a_definition_that_is_asked_for_by_its_name_is_not_called_the_chosen_one(client):
    site = a_site()
    a_call(a_queue(site), NINE)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    for asked, word in (("service_level:SL4", "shown here"), ("service_level", "chosen")):
        page = client.get(reverse("passport"), asked_of(site, asked))
        first = page.context["passport"]["variants"][0]
        assert (first["chosen"], first["is_shown"]) == (word == "chosen", True)
        marked = f'<span class="state" data-level="none">{word}</span>'
        assert page.content.decode().count(marked) == 1


def test_a_passport_of_calls_out_says_why_nothing_of_a_queue_is_told_of_them(client):
    site = a_site()
    for direction in ("inbound", "outbound"):
        a_call(a_queue(site), NINE, direction=direction, outcome="abandoned", wait=60)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = asked_of(site, "abandon_rate", only="direction:outbound")
    page = client.get(reverse("passport"), asked)
    shown = page.context["passport"]
    assert (shown["value"], shown["counted_over"]) == (None, "")
    assert shown["reason"] == "it counts what callers met in a queue, and calls out enter none"
    assert {row["value"] for row in shown["variants"]} == {None}
    assert "The calls behind it" not in page.content.decode()
    assert client.get(reverse("passport_calls"), asked).status_code == 404
    dials = client.get(reverse("passport"), asked | {"kpi": "dials"}).context["passport"]
    assert dials["value"] == 1


def test_a_passport_tells_its_target_its_interval_and_each_switch(client):
    """Ten days, on every other both of two were answered in time, else none: 0.5, each day one
    off it. The variance is 10/9 * 10 / 20**2, t(9) is 2.262 (printed table)."""
    site = a_site()
    queue = a_queue(site)
    for number in range(20):
        a_call(queue, NINE + timedelta(days=number // 2), wait=10 + 20 * (number // 2 % 2))
    rollups.rebuild()
    a_target(site, queue=queue, value=Decimal("0.9"), valid_from=DAY)
    KpiChoice.objects.create(
        kpi="service_level", valid_from=DAY, parameters={"boundary": "<", "lost": False}
    )
    client.force_login(a_user("manager", site))
    of_queue = asked_of(site, "service_level", queue=queue.pk) | {"to": DAY + timedelta(days=9)}
    shown = client.get(reverse("passport"), of_queue).context["passport"]
    assert shown["counted_over"] == "20 visits"
    assert shown["target"] == "90\N{NO-BREAK SPACE}%, the more the better; " + (
        "set for the queue, since 2 Mar 2026"
    )
    reach = 2.262 * math.sqrt(100 / 9) / 20
    assert (shown["interval"].low, shown["interval"].high) == (
        pytest.approx(0.5 - reach, abs=1e-4), pytest.approx(0.5 + reach, abs=1e-4),
    )  # fmt: skip
    assert "site days" in shown["method"]
    assert dict(shown["switches"]) == {
        "Threshold": "20 s; a wait of exactly that is beyond it",
        "Clock starts": "at entry",
        "Transferred in": "count",
        "Hours": "all, open or not",
        "Time-outs and other exits": "are left out",
        "Call backs": "asking for one ends the wait, and is neither success nor failure",
    }
    of_site = client.get(reverse("passport"), asked_of(site, "service_level"))
    assert of_site.context["passport"]["target"].endswith("program, and nobody set another")
    assert of_site.context["passport"]["interval"] is None  # of one day


@pytest.mark.parametrize(
    ("days", "apart", "why"),
    [
        (1, 1, "none: these are fewer than 8 days"),
        (7, 1, "none: these are fewer than 8 days"),
        (14, 2, "none: on fewer than 8 of these days is there anything to count"),
        (8, 1, "none: all these days are alike"),
    ],
)
def test_a_passport_says_which_of_the_causes_leaves_a_figure_without_an_interval(
    client, days, apart, why
):
    """Every day, or every other, one of two is answered in time."""
    site = a_site()
    queue = a_queue(site)
    for day in range(0, days, apart):
        for wait in (10, 30):
            a_call(queue, NINE + timedelta(days=day), wait=wait)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = asked_of(site, "service_level") | {"to": DAY + timedelta(days=days - 1)}
    assert f"<dd>{why} · a ratio of sums" in client.get(reverse("passport"), asked).content.decode()


@pytest.mark.parametrize(
    ("kpi", "over", "reason"),
    [
        ("missed_rate", "1 ring", ""),
        ("csat", "4 answers", ""),
        ("nps", "", "no survey of this kind was answered on its scale"),
        ("cost_per_call", "", "not every day with calls has its costs"),
    ],
)
def test_a_figure_is_counted_over_what_it_counts(client, kpi, over, reason):
    site = a_site()
    a_morning(site)
    client.force_login(a_user("manager", site))
    shown = client.get(reverse("passport"), asked_of(site, kpi)).context["passport"]
    assert (shown["counted_over"], shown["reason"]) == (over, reason)


SOLD = {
    "conversion": {"numerator": "ab", "denominator": "abcd", "rest": "cd"},
    "conversion:answered": {"numerator": "ab", "denominator": "abc"},
    "conversion:dials": {"numerator": "e", "denominator": "ef"},
    "revenue": {"numerator": "abe"},
    "revenue:per_contact": {"numerator": "ab", "denominator": "abcd"},
    "pipeline": {"numerator": "cf", "left_out": "abde"},
}
NO_CALL = "1 sale is of no call on record: it is in the figure, and not in the list."
ONE_OUT = "1 call out that sold is in the figure, and not in the list."


def test_of_a_site_a_contact_that_sold_twice_sold_once(db):
    """One contact sells on both queues it comes to, another comes to one and buys nothing: of the
    site's contacts half sold, of Sales' visits half, of Help's all."""
    site = a_site()
    sales, help_ = a_queue(site, "Sales"), a_queue(site, "Help")
    for queue, later in ((sales, 0), (help_, 5)):
        call = a_call(queue, NINE + later * MINUTE, linked_id="one")
        a_sale(site, call=call, call_ref=call.external_id, value=10)
    a_call(sales, NINE, linked_id="two")
    rollups.rebuild()
    for queue, sold, of in ((None, 1, 2), (sales, 1, 2), (help_, 1, 1)):
        made = passport.issue("conversion", Scope(site, DAY, DAY, queue), PRIVATE)
        page = listing.page(made, a_user("admin"), Narrowed(), 0, 1)
        assert (made.figure.value, made.figure.n) == (sold / of, of)
        assert (page.on(NUMERATOR), page.on(DENOMINATOR)) == (sold, of)
    revenue = passport.issue("revenue", Scope(site, DAY, DAY), PRIVATE).figure
    assert (revenue.value, revenue.n) == (20, 1)
    assert differing(site, DAY, DAY) == []


def test_the_calls_that_sold_are_behind_conversion_and_revenue(client):
    """Four came in: a sold twice, b by what it tells itself, c for nothing, d was abandoned. Two
    went out, of which e sold. One sale names no call. 10 + 20 + 12 + 5 + 7 = 54. On c and f 4 and 9
    may yet be sold."""
    site = a_site()
    Site.objects.filter(pk=site.pk).update(currency="GBP")
    queue, ann, bob = a_queue(site), an_agent(site, "Ann"), an_agent(site, "Bob")
    made = {
        name: a_call(queue, NINE, external_id=name, agent=ann, **more)
        for name, more in {
            "a": {}, "b": {"sale_value": 12}, "c": {"sale_value": 0},
            "d": {"outcome": "abandoned"}, "e": {"direction": "outbound"},
            "f": {"direction": "outbound", "pipeline_value": 9},
        }.items()
    }  # fmt: skip
    rollups.rebuild()
    a_sale(site, call=made["c"], reference="5", value=None, pipeline_value=4)
    for reference, call, value, seller in (
        ("1", "a", 10, None), ("2", "a", 20, bob), ("3", "e", 5, None), ("4", "", 7, ann),
    ):  # fmt: skip
        day = {"call_ref": "", "sold_on": DAY} if not call else {"call": made[call]}
        a_sale(site, reference=reference, value=value, agent=seller, **day)
    client.force_login(a_user("manager", site))

    def listed(kpi, side, **more):
        page = client.get(reverse("passport_calls"), asked_of(site, kpi, side=side, **more))
        found = {Call.objects.get(pk=row["url"].split("/")[-2]) for row in page.context["calls"]}
        return "".join(sorted(call.external_id for call in found))

    assert {kpi: {side: listed(kpi, side) for side in sides} for kpi, sides in SOLD.items()} == SOLD
    assert listed("revenue", "numerator", agent=bob.pk) == "a"
    assert listed("conversion", "numerator", reason="sold") == "ab"
    shown = {
        kpi: client.get(reverse("passport"), asked_of(site, kpi)).context["passport"]
        for kpi in SOLD
    }
    assert [shown[kpi]["value"] for kpi in ("conversion", "revenue", "pipeline")] == [0.75, 54, 13]
    assert {kpi: one["unlisted"] for kpi, one in shown.items()} == {
        "conversion": [NO_CALL], "conversion:answered": [NO_CALL], "conversion:dials": [],
        "revenue": [NO_CALL], "revenue:per_contact": [NO_CALL, ONE_OUT],
        "pipeline": [],
    }  # fmt: skip
    # Sales of a site are not for those who may open but some of its calls.
    supervisor = a_user("supervisor", site)
    a_team(site, supervisor)
    client.force_login(supervisor)
    for kpi in SOLD:
        assert (
            client.get(reverse("passport"), asked_of(site, kpi)).context["passport"].get("calls")
            is None
        )
        assert client.get(reverse("passport_calls"), asked_of(site, kpi)).status_code == 404


def test_calls_per_agent_of_a_site_is_what_its_passport_lists_over_who_answered(client):
    """A contact that Ann passed on to Bob, one of Ann's, and one not told by whom it was answered:
    three visits of two agents, though two contacts."""
    site = a_site()
    queue = a_queue(site)
    ann, bob = an_agent(site, "Ann"), an_agent(site, "Bob")
    for number, (linked, agent) in enumerate((("a", ann), ("a", bob), ("b", ann), ("c", None))):
        a_call(queue, NINE + number * MINUTE, agent=agent, linked_id=linked)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = asked_of(site, "calls_per_agent")
    shown = client.get(reverse("passport"), asked).context["passport"]
    assert (shown["value"], shown["counted_over"]) == (1.5, "2 agents who answered")
    assert [(one["count"], one["words"]) for one in shown["sides"]] == [
        (3, "counted"), (1, "not counted"),
    ]  # fmt: skip
    listed = client.get(reverse("passport_calls"), asked | {"side": "all"}).context["calls"]
    assert [row["why"] for row in listed] == [
        *["answered after 10 s"] * 3, "answered, not told by whom",
    ]  # fmt: skip


def test_the_method_of_an_interval_says_of_what_the_share_is():
    site = a_site()
    a_call(a_queue(site))
    rollups.rebuild()
    words = "Wilson's, for a share of {0}; where agents differ, the {0} are worth fewer"
    sales = a_queue(site)
    for kpi, queue, of in (
        ("csat:C1", None, "answers"),
        ("ces:E2", sales, "answers"),
        ("fcr:F4", None, "answers"),
        ("conversion:contacts", None, "contacts"),
        ("conversion:answered", sales, "visits"),
        ("conversion:dials", None, "calls out"),
    ):
        made = passport.issue(kpi, Scope(site, DAY, DAY, queue), PRIVATE)
        assert contents.method(made.figure, made.unit_words) == words.format(of), kpi
    every = {kpi.id for kpi in KPIS.values() for one in kpi.variants if one.interval == "wilson"}
    assert every == {"csat", "ces", "fcr", "conversion"}


def test_what_may_yet_be_sold_is_counted_over_the_calls_that_are_listed(client):
    """Three calls may yet sell, of which one is a contact's second and one called out; one sale
    that may come names no call. Of the two that sold one may sell again: 10 + 20 + 30 + 40."""
    site = a_site()
    Site.objects.filter(pk=site.pk).update(currency="GBP")
    queue, ann = a_queue(site), an_agent(site, "Ann")
    for name, more, sales in (
        ("a", {"linked_id": "one"}, [(5, 10)]),
        ("b", {"linked_id": "one"}, [(None, 12), (None, 8)]),
        ("c", {"direction": "outbound", "pipeline_value": 30}, []),
        ("d", {}, [(7, None)]),
        ("e", {"pipeline_value": 0}, []),
    ):
        call = a_call(queue, NINE, external_id=name, agent=ann, **more)
        for number, (value, perhaps) in enumerate(sales):
            a_sale(
                site, call=call, call_ref=name, reference=f"{name}{number}", value=value,
                pipeline_value=perhaps,
            )  # fmt: skip
    a_sale(site, call_ref="", agent=ann, sold_on=DAY, value=None, pipeline_value=40)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    for scope, value, n in ((Scope(site, DAY, DAY), 100, 4), (Scope(site, DAY, DAY, queue), 60, 3)):
        made = passport.issue("pipeline", scope, PRIVATE)
        page = listing.page(made, a_user("admin"), Narrowed(NUMERATOR), 0, 9)
        assert (made.figure.value, made.figure.n) == (value, n)
        assert sorted(one.external_id for one in page.rows) == ["a", "b", "c"]
    shown = client.get(reverse("passport"), asked_of(site, "pipeline")).context["passport"]
    over = "4 calls that may yet sell and such sales of no call on record"
    assert (shown["counted_over"], shown["unlisted"]) == (over, [NO_CALL])
    assert [part[:2] for part in shown["made_of"]] == [
        ("calls that may yet sell", 3),
        ("sale of no call on record", 1),
        ("may yet be sold", 100),
    ]
    assert differing(site, DAY, DAY) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT perhaps FROM kpi.sold WHERE agent_id IS NULL ORDER BY queue_id IS NULL"
        )
        assert cursor.fetchall() == [(3,), (4,)]


def test_the_file_of_calls_says_what_each_brings_to_the_figure(client):
    """a gave 4 and 2 of 5, b 5, c nothing: 11 / 3. a rang in vain twice, b once. a sold for 10 and
    20.5, b for 12, d, which was called out, for 5.25; 8 may yet be sold on c, 9 on d."""
    site = a_site()
    Site.objects.filter(pk=site.pk).update(currency="GBP")
    known = {"queue": "Sales", "outcome": "answered", "agent": "Ann", "answered_at": NINE}
    rings = [(0, "no_answer"), (0, "declined"), (0, "answered"), (1, "no_answer")]
    given = [(0, "csat", 1, 5, 4.0), (1, "csat", 1, 5, 5.0),
             (0, "nps", 0, 10, 9.0), (1, "nps", 0, 10, 3.0), (1, "ces", 1, 7, 6.0)]  # fmt: skip
    more = {
        "a": {"wait_ms": 1_500, "talk_ms": 60_000, "hold_ms": 500, "acw_ms": 0},
        "b": {"wait_ms": 2_000, "talk_ms": 30_000, "hold_ms": 0, "acw_ms": 9_000},
        "c": {"wait_ms": 0, "talk_ms": 0, "hold_ms": 0, "acw_ms": 0},
        "d": {"direction": "outbound", "talk_ms": 10_000},
    }
    stored(
        site,
        *(a_record(NINE, external_id=one, linked_id=one, **known | it) for one, it in more.items()),
        offers=[
            {"call": call, "agent": "Ann", "ended_ms": number, "ring_ms": 2_000, "outcome": one}
            for number, (call, one) in enumerate(rings, start=1)
        ],
        surveys=[
            {"call": call, "answered_at": NINE + number * SECOND, "kind": kind, "scale_min": low,
             "scale_max": high, "score": score}
            for number, (call, kind, low, high, score) in enumerate(given)
        ],
    )  # fmt: skip
    calls = {call.external_id: call for call in Call.objects.all()}
    SurveyResponse.objects.create(
        id=UUID(int=7), source="later", call=calls["a"], site=site, queue=calls["a"].queue,
        agent=calls["a"].agent, kind="csat", scale_min=1, scale_max=5, score=2, answered_at=NINE,
    )  # fmt: skip
    Call.objects.filter(external_id="b").update(sale_value=12)
    Call.objects.filter(external_id="d").update(pipeline_value=9)
    for reference, call, value, perhaps in (
        ("1", "a", 10, None), ("2", "a", "20.50", None), ("3", "d", "5.25", None),
        ("4", "c", None, 8),
    ):  # fmt: skip
        a_sale(
            site, call=calls[call], call_ref=call, reference=reference, value=value,
            pipeline_value=perhaps,
        )  # fmt: skip
    while rollups.recount_dirty():
        continue
    client.force_login(a_user("manager", site))

    def brought(kpi, side="numerator", **more):
        asked = asked_of(site, kpi, export="csv", side=side, **more)
        page = client.get(reverse("passport_calls"), asked)
        text = b"".join(page.streaming_content).decode("utf-8-sig")
        lines = list(csv.DictReader(StringIO(text)))
        headings[kpi] = list(lines[0])[-1]
        return {row["Id at the source"]: row[headings[kpi]] for row in lines}

    headings = dict[str, str]()
    expected = {
        "csat:C2": {"a": "6.0", "b": "5.0"},
        "csat:C1": {"a": "1", "b": "1"},
        "csat:C3": {"a": "0", "b": "1"},
        "nps": {"a": "1", "b": "-1"},
        "ces:E1": {"b": "6.0"},
        "asa": {"a": "1.5", "b": "2.0", "c": "0.0"},
        "aht:H1": {"a": "60.5", "b": "39.0", "c": "0.0"},
        "aht:H4": {"a": "61.5", "b": "41.0", "c": "0.0"},
        "hold": {"a": "0.5", "b": "0.0", "c": "0.0"},
        "missed_rate": {"a": "2", "b": "1"},
        "ring_no_answer": {"a": "1", "b": "1"},
        "revenue": {"a": "30.50", "b": "12.00", "d": "5.25"},
        "pipeline": {"c": "8.00", "d": "9.00"},
        "conversion": {"a": "", "b": ""},
        "answered": {"a": "", "b": "", "c": ""},
    }  # fmt: skip
    assert {kpi: brought(kpi) for kpi in expected} == expected
    # The heading says in what.
    assert {kpi: headings[kpi] for kpi in ("csat:C2", "nps", "asa", "missed_rate")} == {
        "csat:C2": "Value, score", "nps": "Value, answers", "asa": "Value, seconds",
        "missed_rate": "Value, rings",
    }  # fmt: skip
    assert {headings[kpi] for kpi in ("revenue", "pipeline")} == {"Value, GBP"}
    assert {headings[kpi] for kpi in ("conversion", "answered")} == {"Value"}
    # Whoever is not in the numerator brings nothing.
    assert brought("missed_rate", "all") == {"a": "2", "b": "1", "c": ""}
    assert brought("revenue", agent=site.agents.get(name="Ann").pk)["a"] == "30.50"
    shown = {
        kpi: client.get(reverse("passport_calls"), asked_of(site, kpi, side="numerator")).context
        for kpi in ("csat:C2", "revenue", "nps", "missed_rate", "asa")
    }
    assert {kpi: one["value_words"] for kpi, one in shown.items()} == {
        "csat:C2": "Score", "revenue": "Amount, GBP", "nps": "Answers", "missed_rate": "",
        "asa": "",
    }  # fmt: skip
    amounts = sorted(call["value"] for call in shown["revenue"]["calls"])
    assert amounts == ["12.00", "30.50", "5.25"]


def test_of_rings_it_is_told_on_how_many_calls_they_were(client):
    """One rang at three agents of whom the last answered, one at one who did: 2 of 4 rings."""
    site = a_site()
    known = {"queue": "Sales", "outcome": "answered", "agent": "Ann", "answered_at": NINE}
    rings = [(0, "no_answer"), (0, "declined"), (0, "answered"), (1, "answered")]
    stored(
        site,
        *(a_record(NINE, external_id=name, linked_id=name, **known) for name in "ab"),
        offers=[
            {"call": call, "agent": "Ann", "ended_ms": number, "ring_ms": 2_000, "outcome": one}
            for number, (call, one) in enumerate(rings, start=1)
        ],
    )
    while rollups.recount_dirty():
        continue
    client.force_login(a_user("manager", site))
    page = client.get(reverse("passport"), asked_of(site, "missed_rate:per_offer"))
    assert page.context["passport"]["value"] == 0.5
    text = page.content.decode()
    assert "1 call with 2 rings in the numerator" in text
    assert "2 calls with 4 rings in the denominator" in text
    assert "rang at an agent who did not answer, or declined: 2 rings" in text


def test_no_list_of_calls_looks_through_all_rings_for_each_of_them(client):
    """Of 300 calls with a ring each: the planner knows them, and expects one to be asked for."""
    site, names = a_site(), [str(number) for number in range(300)]
    known = {"queue": "Sales", "outcome": "answered", "agent": "Ann", "answered_at": NINE}
    stored(
        site,
        *(a_record(NINE, external_id=name, linked_id=name, **known) for name in names),
        offers=[
            {"call": call, "agent": "Ann", "ended_ms": 1, "ring_ms": 2_000, "outcome": "answered"}
            for call in range(300)
        ],
    )
    while rollups.recount_dirty():
        continue
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ccm_call, ccm_offer")
        cursor.execute("SET LOCAL enable_nestloop = on")  # as it is where nothing was recounted
    loops, asked = [], []

    def explained(execute, sql, params, many, context):
        if "AS left_ringing" in sql:
            setting, found, statement = sql.rpartition("; ")
            asked.append(statement)
            with context["connection"].cursor() as cursor:
                cursor.cursor.execute(f"{setting}{found} EXPLAIN {statement}", params)
                plan = [line for (line,) in cursor.fetchall()]
            loops.extend(one for one in plan if "Join Filter" in one and "call_id" in one)
        return execute(sql, params, many, context)

    client.force_login(a_user("manager", site))
    day = {"from": "2026-03-02", "to": "2026-03-02", "site": site.slug}
    day["queue"] = str(Queue.objects.get().pk)
    with connection.execute_wrapper(explained):
        page = client.get(reverse("passport"), day | {"kpi": "missed_rate"})
        hours = day | {"period": "custom", "by": "hour", "across": "agent", "kpi": "answered"}
        client.get(reverse("report"), hours)
    assert page.context["passport"]["value"] == 0
    assert len(asked) >= 2
    assert loops == []


def test_the_hour_that_comes_twice_has_two_names():
    """The clocks of London went back from 02:00 to 01:00 at 01:00 UTC."""
    zone = a_site(zone="Europe/London").tz
    hours = [datetime(2025, 10, 26, hour, tzinfo=UTC) for hour in (0, 1, 2)]
    assert passport.words_of({"hour": hours}, zone, {}) == (
        "26 Oct 2025 01:00 BST, 26 Oct 2025 01:00 GMT, 26 Oct 2025 02:00"
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from": "2026-02-30"}, "The dates could not be read; write YYYY-MM-DD."),
        ({"from": DAY + timedelta(days=1)}, "The last day is before the first."),
        ({"kpi": "speed"}, "there is no KPI &#x27;speed&#x27;; there are "),
    ],
)
def test_an_address_of_no_passport_says_why(client, asked, words):
    site = a_site()
    client.force_login(a_user("manager", site))
    for name in ("passport", "passport_calls"):
        page = client.get(reverse(name), asked_of(site, "asa") | asked)
        assert page.status_code == 404
        assert words in page.content.decode()


def test_what_no_page_can_answer_is_said_there_in_words(client, monkeypatch):
    """Of more definitions than can be told beside one; of a topic through a year; and of whatever
    else is refused, wherever it is asked."""
    site = a_site()
    agent = an_agent(site)
    a_call(a_queue(site), NINE, agent=agent)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    many = ",".join(f"service_level:SL1@{seconds}" for seconds in range(1, 206))
    topic = Topic.objects.create(name="Bill")
    year = {"from": DAY - timedelta(days=300), "only": f"topic:{topic.pk}"}
    for name, more, words in (
        ("passport", {"definition": many}, "KPIs and definitions of them: ask for at most 200."),
        ("passport_sites", {"definition": many}, "These are 206 KPIs and definitions of them"),
        ("passport", year, "ask for at most 92 days of it"),
        ("passport_sites", year, "ask for at most 92 days of it"),
        ("passport_calls", year, "ask for at most 92 days of it"),
    ):
        page = client.get(reverse(name), asked_of(site, "service_level") | more)
        assert (name, page.status_code) == (name, 404)
        assert words in page.content.decode()

    def refuse(*_asked, **_more):
        raise Unanswerable("Nobody can tell.")

    monkeypatch.setattr(report, "answer", refuse)
    pages = map(reverse, ("home", "queues", "agents"))
    for address in (*pages, reverse("agent", args=[agent.pk])):
        page = client.get(address)
        assert (address, page.status_code) == (address, 404)
        assert "Nobody can tell." in page.content.decode()


def test_where_there_is_no_figure_nothing_is_said_of_what_it_left_out(client):
    site = a_site()
    client.force_login(a_user("manager", site))
    text = client.get(reverse("passport"), asked_of(site, "nps")).content.decode()
    assert "nothing, for there is no figure" in text
    assert "nothing that it could count" not in text


def test_a_passport_names_what_was_left_out_and_the_other_formulas():
    site = a_site()
    a_morning(site)
    made = passport.issue("service_level", Scope(site, DAY, DAY))
    assert made.figure.variant.id == "SL4"
    assert {other.variant.id for other in made.others} >= {"SL1", "SL2", "SL3", "SL6"}
    assert "20 s" in made.words
    assert made.counted_at is not None
    assert sum(one.n for one in made.figure.left_out) > 0


@pytest.mark.parametrize(("role", "said"), [("supervisor", True), ("manager", False)])
def test_whoever_may_not_open_every_call_of_a_figure_is_told(client, role, said):
    site = a_site()
    user = a_user(role, site)
    a_team(site, user if role == "supervisor" else None)
    a_call(a_queue(site), NINE, agent=an_agent(site))
    rollups.rebuild()
    client.force_login(user)
    asked = {"kpi": "answered", "from": DAY, "to": DAY, "site": site.slug}
    page = client.get(reverse("passport"), asked).content.decode()
    assert ("Listed are the calls that you may open" in page) == said
    assert (f"{0 if said else 1} counted") in page


def test_how_fast_calls_are_handled_is_not_told_without_how_well(client):
    """Ann's caller of Monday did not call again and is content: both stand on the passport of her
    handling time, each with its own passport in the same scope."""
    site = a_site()
    queue = a_queue(site)
    a_call(queue, NINE, agent=an_agent(site, "Ann"), caller_hash="c", talk=120)
    rollups.rebuild()
    client.force_login(a_user("admin"))
    scope = {"site": site.slug, "from": DAY.isoformat(), "to": DAY.isoformat()}
    page = client.get(reverse("passport"), scope | {"kpi": "aht"})
    with_it = page.context["passport"]["with_it"]
    assert [str(one["name"]) for one in with_it] == [str(KPIS["fcr"].name), str(KPIS["csat"].name)]
    other = client.get(with_it[1]["url"])
    assert other.context["passport"]["name"] == KPIS["csat"].name
    alone = client.get(reverse("passport"), scope | {"kpi": "asa"})
    assert alone.context["passport"]["with_it"] == []


@pytest.mark.parametrize(
    ("kpi", "value", "counted"),
    [
        ("missed_rate", 2 / 3, "2 calls with 2 rings"),
        ("ring_no_answer", 1, "1 call with 1 ring"),
        ("declined", 1, "1 call with 1 ring"),
    ],
)
def test_an_agent_is_listed_every_own_ring_and_of_calls_of_others_nothing_else(
    client, kpi, value, counted
):
    """Three calls ring at Ann. One she lets ring and Ben takes it, one she declines and the caller
    leaves, one she takes. She may open that alone, and is told of the others that they rang."""
    site, user = a_site(), a_user("agent")
    queue = a_queue(site, "Sales")
    ann, ben = an_agent(site, "Ann", user=user), an_agent(site, "Ben")
    for name, agent, outcome in (
        ("bens", ben, "no_answer"), ("left", None, "declined"), ("anns", ann, "answered"),
    ):  # fmt: skip
        call = a_call(queue, NINE, external_id=name, agent=agent, talk=None if agent is None else 7)
        Offer.objects.create(
            id=uuid4(), call=call, agent=ann, starts_at=NINE, ring_ms=1000, outcome=outcome
        )
    rollups.rebuild()
    client.force_login(user)
    about = asked_of(site, kpi, agent=ann.pk)
    shown = client.get(reverse("passport"), about).context["passport"]
    assert (shown["value"], shown["sides"][0]["several"]) == (value, counted)
    page = client.get(reverse("passport_calls"), about | {"side": "all"})
    text = page.content.decode()
    assert page.context["page"].paginator.count == 3
    assert [bool(one["url"]) for one in page.context["calls"]].count(True) == 1
    assert "taken by somebody else" in text
    assert "Ben" not in text
    file = client.get(reverse("passport_calls"), about | {"side": "all", "export": "csv"})
    lines = csv.DictReader(StringIO(b"".join(file.streaming_content).decode("utf-8-sig")))
    told = [(one["Id at the source"], one["Talk, seconds"], bool(one["Call"])) for one in lines]
    assert sorted(told) == [("", "", False), ("", "", False), ("anns", "7.0", True)]
    # Nor can it be found out by asking for it.
    for other in ({"q": "bens"}, {"of_agent": ben.pk}):
        found = client.get(reverse("passport_calls"), about | {"side": "all"} | other)
        assert found.context["page"].paginator.count == 0


def test_answers_without_any_talk_are_in_the_handling_time_and_counted(client):
    """Of three answered one is talked for a minute; two hang up at once: 20 s on average."""
    site = a_site()
    queue, ann = a_queue(site), an_agent(site)
    for number, talk in enumerate((60, 0, 0)):
        a_call(queue, NINE + number * MINUTE, agent=ann, talk=talk)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    made = client.get(reverse("passport"), asked_of(site, "aht")).context["passport"]
    assert made["value"] == 20
    page = client.get(reverse("passport_calls"), asked_of(site, "aht", side="numerator"))
    told = dict(page.context["asked"]["reasons"])
    assert told["no_talk"].endswith("without any talk (2)")
