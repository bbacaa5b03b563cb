"""Verifying: what is planted is found and named, and nothing else."""

import contextlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from ccm import jobs
from ccm.dirty import mark_days
from ccm.models import CallNote, ImportBatch, Job, Offer, Sale, Site, SurveyInvitation
from ccm.models import SurveyResponse as Response
from ccm.structure.services import save_site
from kpis import rollups
from kpis.definitions import KPIS
from kpis.models import DayStat, VerifyDifference, VerifyRun
from kpis.second import check, runs, statements
from kpis.second.books import TITLES
from kpis.second.columns import words_of
from kpis.second.told import both
from kpis.sums.agent_time import PARTS
from kpis.sums.counts import ADDITIVE
from kpis.tasks import verify_nightly
from kpis.views import books
from tests import once
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.kpis.test_presence import a_ring, a_spell

pytestmark = pytest.mark.django_db

DAY = NINE.date()
GONE = "01890000-0000-7000-8000-00000000000"


@pytest.fixture(autouse=True)
def _nothing_sent(nothing_sent: None) -> None:
    """What is to be done is done by the test."""


@once.fixture
def leeds() -> Site:
    """Three days, ten days apart the last: queues, agents, a transfer, a second try, outbound, a
    ring and an answer; all counted."""
    site = a_site("Leeds", "Europe/London")
    sales, service = a_queue(site, "Sales"), a_queue(site, "Service")
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    for day in (0, 1, 10):
        moment = NINE + timedelta(days=day)
        a_spell(ann, "logged_in", moment, moment + timedelta(hours=2))
        first = a_call(
            sales, moment, agent=ann, linked_id=f"t{day}", transfer_kind="blind", acw_ms=9000
        )
        a_ring(first, ben, moment, 9)
        a_call(service, moment + timedelta(minutes=9), agent=ben, linked_id=f"t{day}")
        a_call(sales, moment + timedelta(minutes=20), outcome="timed_out", linked_id=f"r{day}")
        a_call(sales, moment + timedelta(minutes=40), wait=25, linked_id=f"r{day}")
        a_call(sales, moment, outcome="abandoned", wait=30, time_precision="second")
        a_call(sales, moment, direction="outbound", agent=ann)
        Response.objects.create(
            id=first.pk, source="test", site=site, call=first, kind="csat", scale_min=1,
            scale_max=5, score=4, answered_at=moment,
        )  # fmt: skip
    rollups.rebuild()
    return site


def verified(*words: str) -> list[dict[str, Any]]:
    out = StringIO()
    code = 0
    try:
        call_command("verify", *words, "--json", stdout=out)
    except CommandError as some:
        code = some.returncode
    told = json.loads(out.getvalue())["sites"]
    assert code == any(one["differences"] for one in told)
    return told


def differences(*words: str) -> list[tuple[Any, ...]]:
    """Name, day, queue, agent, what is shown and what the second path says."""
    return [
        (
            one["name"], one["day"], one["queue"], one["agent"],
            one["shown"]["value"], one["second"]["value"],
        )
        for site in verified(*words)
        for one in site["differences"]
    ]  # fmt: skip


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_clean_centre_has_no_difference_and_its_books_balance(leeds):
    [told] = verified()
    assert told["differences"] == []
    assert (told["site"], told["days"], told["being_counted"]) == ("Leeds", 3, [])
    # Of three days the site, two queues and two agents, in every variant; of the first two together
    # in those that days add up to.
    there = [(kpi, one.id) for kpi in statements.kpis() for one in KPIS[kpi].variants]
    variants = sum(statements.compared(*one) for one in there)
    added_up = sum(statements.adds_up_over_days(*one) for one in there)
    assert told["cells"] == 15 * variants + 5 * added_up
    assert variants > added_up > 50
    assert {name for name, book in told["books"].items() if not book["lines"]} == {"imports"}
    assert not any(book["wrong"] for book in told["books"].values())


def test_a_count_altered_behind_the_programs_back_is_named_exactly(leeds):
    """Three busy lines are written into the day's row of Sales, and into no quarter hour of it.
    129 s of handling over all calls: 43 s of 3, 21.5 s of 6."""
    sql(
        "UPDATE kpis_daystat SET busy = busy + 3 WHERE day = '2026-03-02' AND agent_id IS NULL"
        " AND unit = 'v' AND direction = 'inbound' AND queue_id = %s",
        leeds.queues.get(name="Sales").pk,
    )
    assert differences() == [
        ("aht:H2", "2026-03-02", "Sales", None, 21.5, 43.0),
        ("busy:count", "2026-03-02", "Sales", None, 3, 0),
        ("intervals", "2026-03-02", "Sales", None, 0, 3),
    ]


def test_a_row_of_a_day_that_has_no_calls_is_found(leeds):
    sql("UPDATE kpis_daystat SET day = '2026-03-07' WHERE day = '2026-03-12' AND unit = 'c'")
    found = differences("--site", "Leeds", "--from", "2026-03-07")
    assert ("offered:count", "2026-03-07", None, None, 3, None) in found
    assert ("offered:count", "2026-03-12", None, None, 0, 3) in found
    assert {day for _name, day, *_ in found} == {"2026-03-07", "2026-03-12"}


@pytest.mark.parametrize(
    ("book", "break_it", "line"),
    [
        (
            "contacts",
            "UPDATE kpis_daystat SET offered = offered + 1, other = other + 1"
            " WHERE unit = 'c' AND day = '2026-03-03'",
            ("2026-03-03", None, 5, 6),
        ),
        (
            "intervals",
            "UPDATE kpis_intervalstat SET talk_ms = talk_ms + 7 WHERE unit = 'v' AND talk_ms > 0"
            " AND start = '2026-03-03 09:00Z' AND direction = 'inbound' AND queue_id ="
            " (SELECT id FROM ccm_queue WHERE name = 'Sales')",
            ("2026-03-03", "Sales", 240_007, 240_000),
        ),
        (
            "agents",
            "DELETE FROM kpis_daystat WHERE day = '2026-03-03' AND agent_id ="
            " (SELECT id FROM ccm_agent WHERE name = 'Ben')",
            ("2026-03-03", "Service", 1, 0),
        ),
        (
            "any_queue",
            "UPDATE kpis_daystat SET talk_n = talk_n + 2 WHERE unit = 'a' AND agent_id ="
            " (SELECT id FROM ccm_agent WHERE name = 'Ben') AND day = '2026-03-03'",
            ("2026-03-03", None, 3, 5),
        ),
        (
            "outbound",
            "DELETE FROM kpis_daystat WHERE day = '2026-03-03' AND direction = 'outbound'",
            ("2026-03-03", "Sales", 0, 1),
        ),
        # There for 7,200 s, and 129 of them on a call.
        (
            "time",
            "UPDATE kpis_sitetime SET ready_ms = ready_ms + 1 WHERE start = '2026-03-03 10:00Z'",
            ("2026-03-03", None, 7_071_000, 7_071_001),
        ),
    ],
)
def test_a_book_that_is_broken_is_named_with_its_day_and_both_sums(leeds, book, break_it, line):
    sql(break_it)
    found = [(day, queue, *sums) for name, day, queue, _a, *sums in differences() if name == book]
    assert found == [line]


AT_NINE = """unit = 'v' AND direction = 'inbound' AND start = '2026-03-03 09:00Z'
    AND queue_id = (SELECT id FROM ccm_queue WHERE name = 'Sales')"""


@pytest.mark.parametrize(
    ("book", "break_it"),
    [
        ("quarters", "SET start = start + interval '3 hours 45 minutes'"),
        ("quarters", "SET surveys = '0,1,5,1,5,1,0'"),
        ("quarters", "SET max_wait_ms = max_wait_ms * 7"),
        ("intervals", "SET max_wait_ms = max_wait_ms * 7"),
        ("intervals", "SET handle_ms = ARRAY(SELECT 3 * one FROM unnest(handle_ms) AS u(one))"),
        ("intervals", "SET handle_n = ARRAY(SELECT 3 * one FROM unnest(handle_n) AS u(one))"),
        ("intervals", "SET hist_codes = '2'"),
    ],
)
def test_what_is_altered_in_a_quarter_hour_alone_is_named(leeds, book, break_it):
    sql(f"UPDATE kpis_intervalstat {break_it} WHERE {AT_NINE}")
    assert {(name, day, queue) for name, day, queue, *_ in differences() if name == book} == {
        (book, "2026-03-03", "Sales")
    }


def test_counts_that_contradict_themselves_are_named(leeds):
    sql(
        "UPDATE kpis_daystat SET hist_counts = '9' || hist_counts WHERE hist_counts <> ''"
        " AND day = '2026-03-03' AND unit = 'c'"
    )
    assert ("kept", "2026-03-03", None, None, 1, 0) in differences()


def test_the_books_of_an_import_are_read_again(leeds):
    job = Job.objects.create(kind="import", state="done")
    batch = ImportBatch.objects.create(job=job, site=leeds, format="x", read=5, stored=5)
    assert differences() == []
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE ccm_importbatch DROP CONSTRAINT batch_books_balance")
    sql("UPDATE ccm_importbatch SET ignored = 2 WHERE id = %s", batch.pk)
    assert differences() == [("imports", None, None, None, 5, 7)]


REFERENCES: dict[str, Callable[[Site], object]] = {
    "ccm_offer": lambda site: Offer.objects.create(
        id=f"{GONE}1", call_id=f"{GONE}9", agent=site.agents.get(name="Ann"), outcome="no_answer"
    ),
    "ccm_surveyresponse": lambda site: Response.objects.create(
        id=f"{GONE}1", source="test", site=site, call_id=f"{GONE}9", kind="csat", scale_min=1,
        scale_max=5, score=4, answered_at=NINE,
    ),
    "ccm_callnote": lambda site: CallNote.objects.create(site=site, call_id=f"{GONE}9", at=NINE),
    "ccm_surveyinvitation": lambda site: SurveyInvitation.objects.create(
        site=site, call_id=f"{GONE}9", hash="h", questions=["csat"], expires_at=NINE
    ),
    "ccm_sale": lambda site: Sale.objects.create(
        site=site, call_id=f"{GONE}9", call_ref="c", value=1, currency="GBP"
    ),
}  # fmt: skip


@pytest.mark.parametrize("table", REFERENCES)
def test_what_refers_to_no_call_is_named(leeds, table):
    REFERENCES[table](leeds)
    [told] = verified()
    [one] = told["differences"]
    assert one["name"] == "references"
    assert one["what"].startswith(f"{table} ")
    assert one["what"].endswith(f": {GONE}9")
    assert one["agent"] == ("Ann" if table == "ccm_offer" else None)


def test_a_day_that_is_being_counted_is_no_difference(leeds):
    """Monday is marked; on Tuesday, beside it, something differs."""
    sales = leeds.queues.get(name="Sales")
    with connection.cursor() as cursor:
        mark_days(cursor, leeds, {(sales.pk, DAY)})
    a_call(sales, NINE)
    [told] = verified()
    assert (told["being_counted"], told["differences"]) == (["2026-03-02"], [])
    a_call(sales, NINE + timedelta(days=1))
    [told] = verified()
    assert (told["being_counted"], told["days"]) == (["2026-03-02", "2026-03-03"], 1)
    a_call(sales, NINE + timedelta(days=10))
    assert {day for _name, day, *_ in differences()} == {"2026-03-12"}


@pytest.mark.parametrize("recounted", [True, False])
def test_days_that_begin_elsewhere_while_a_run_goes_on_are_no_difference(
    leeds, monkeypatch, recounted
):
    """A call at 02:00 on the 12th lies on the 11th once days begin at 06:00. They begin there after
    the first week was checked, and the newest of the marked days are recounted by then, or none."""
    sales = leeds.queues.get(name="Sales")
    a_call(sales, NINE.replace(hour=2) + timedelta(days=10))
    rollups.rebuild()
    honest = check.check
    begins: list[int] = []

    def moved_meanwhile(cursor, stretch, days):
        if stretch.first > DAY and not begins:
            begins.append(stretch.site.day_begins)
            save_site_days(leeds, 6)
            if recounted:
                rollups.recount_dirty()
        return honest(cursor, stretch, days)

    monkeypatch.setattr(runs, "check", moved_meanwhile)
    runs.run(started().pk)
    run = VerifyRun.objects.get()
    assert begins == [0]
    assert (run.differing, run.days) == (0, 3 if recounted else 2)
    assert run.counting == ([] if recounted else [date(2026, 3, 12)])


def save_site_days(site: Site, begins: int) -> None:
    """As another process does: by a row of its own."""
    other = Site.objects.get(pk=site.pk)
    other.day_begins = begins
    save_site(other, NINE)


def test_a_rebuild_that_began_before_days_begin_elsewhere_counts_by_the_new_ones(leeds):
    """02:00 on the 12th is the 11th's once days begin at 06:00."""
    a_call(leeds.queues.get(name="Service"), NINE.replace(hour=2) + timedelta(days=10))
    save_site_days(leeds, 6)
    assert leeds.day_begins == 0
    rollups.rebuild([leeds])
    offered = DayStat.objects.filter(unit="c", day=date(2026, 3, 11)).values_list("offered")
    assert [*offered] == [(1,)]
    assert differences() == []


def test_the_command_prints_each_difference_and_what_was_checked(leeds):
    sql("UPDATE kpis_daystat SET left_ivr = 1 WHERE unit = 'c' AND day = '2026-03-03'")
    out = StringIO()
    with pytest.raises(CommandError) as some:
        call_command("verify", "--from", "2026-03-03", "--to", "2026-03-03", stdout=out)
    lines = out.getvalue().splitlines()
    assert "2026-03-03 Leeds left_ivr:count: shown 1 (1), second path 0" in lines
    assert any(line.startswith("Leeds: 1 day, ") for line in lines)
    [year] = [line for line in lines if line.startswith("Not compared: ")]
    assert year == (
        "Not compared: Turnover, T4 (a year is told from at least 90 days, and what is compared are"
        " days)"
    )
    assert some.value.returncode == 1


def test_a_team_is_what_its_agents_are(leeds):
    """No phone rang at Ann on the 2nd; her row is made to say that she declined a call."""
    team = a_team(leeds, None, *leeds.agents.all())
    [told] = verified("--to", "2026-03-02")
    assert told["differences"] == []
    sql(
        "UPDATE kpis_daystat SET declined = 1 WHERE day = '2026-03-02' AND agent_id = %s",
        leeds.agents.get(name="Ann").pk,
    )
    [told] = verified("--to", "2026-03-02")
    assert {
        (one["where"], one["shown"]["value"], one["second"]["value"])
        for one in told["differences"]
        if one["name"] == "declined:count"
    } == {("Ann", 1, None), (f"team {team.name}", 1, 0)}


def test_what_cannot_be_asked_is_refused(leeds):
    for words in (("--site", "York"), ("--from", "2026-03-03", "--to", "2026-03-02")):
        with pytest.raises(CommandError) as refusal:
            call_command("verify", *words)
        assert refusal.value.returncode == 2


@pytest.mark.parametrize(
    "days",
    [
        ("--from", "2026-11-28", "--to", "2026-11-29"),
        ("--from", "2026-11-28"),
        ("--from", "2026-03-02", "--to", "2026-11-28"),
        ("--to", "2026-11-28"),
    ],
)
def test_days_that_have_not_come_are_refused_as_a_report_of_them_is(leeds, days):
    with (
        time_machine.travel("2026-11-27T12:00:00Z", tick=False),
        pytest.raises(CommandError) as refusal,
    ):
        call_command("verify", *days)
    assert refusal.value.returncode == 2
    assert str(refusal.value) == "Ask for days between 1990 and today, 2026-11-27."


def test_the_command_says_what_it_found_in_words(leeds):
    def said(*words):
        out = StringIO()
        with contextlib.suppress(CommandError):
            call_command("verify", *words, stdout=out)
        return out.getvalue()

    clean = said("--site", leeds.slug)
    assert clean == said("--site", "Leeds")
    assert "0 differences: all of" in clean
    imports = next(line for line in clean.splitlines() if line.endswith(f"  {TITLES['imports']}"))
    assert imports.split("  ")[-2].strip() == "nothing to check"
    assert "Nothing to compare" in said("--from", "2020-01-01", "--to", "2020-01-02")
    heads = next(line for line in clean.splitlines() if line.endswith("book"))
    assert [one.strip() for one in heads.split("  ") if one] == [
        "lines checked",
        "do not balance",
        "book",
    ]
    sql("UPDATE kpis_daystat SET left_ivr = 1 WHERE unit = 'c' AND day = '2026-03-03'")
    wrong = said()
    assert "0 differences" not in wrong
    assert "% (" in next(line for line in wrong.splitlines() if "abandon_rate:A3" in line)
    with pytest.raises(CommandError) as refused:
        call_command("verify", "--from", "2026-13-01")
    assert "2026-13-01 is no day: write YYYY-MM-DD" in str(refused.value)
    with pytest.raises(CommandError, match=rf"There are: Leeds \({leeds.slug}\)"):
        call_command("verify", "--site", "York")


def started(*sites: Site) -> Job:
    return runs.start(sites or Site.objects.all())


def test_a_run_is_kept_with_what_differs(leeds):
    sql("UPDATE kpis_daystat SET left_ivr = 1 WHERE unit = 'c' AND day = '2026-03-03'")
    job = started()
    assert runs.run(job.pk) is False
    job.refresh_from_db()
    run = VerifyRun.objects.get()
    assert (run.site, run.days, run.first, run.through) == (leeds, 3, DAY, date(2026, 3, 12))
    assert run.finished_at is not None
    assert run.differing == 4
    named = {one.name for one in run.differences.all()}
    assert named == {"left_ivr:count", "abandon_rate:A3", "aht:H2", "intervals"}
    assert job.state == Job.State.DONE
    assert job.words == f"{run.cells} figures compared, 4 differences"
    assert (job.done, job.total) == (2, 2)  # two stretches of at most a week
    one = run.differences.get(name="left_ivr:count")
    assert (one.day, one.shown, one.second) == (date(2026, 3, 3), 1, 0)
    assert run.books["intervals"][1] == 1


def test_what_the_command_finds_in_the_whole_record_is_on_the_page(client, leeds):
    """Of some days alone it is not: that would stand there in place of what the whole showed."""
    client.force_login(a_user("manager", leeds))
    with contextlib.suppress(CommandError):
        call_command("verify", "--from", "2026-03-02", "--to", "2026-03-02", stdout=StringIO())
    assert "Nothing was checked yet" in client.get(reverse("books")).content.decode()
    sql("UPDATE kpis_daystat SET left_ivr = 1 WHERE unit = 'c' AND day = '2026-03-03'")
    with pytest.raises(CommandError, match="4 differ"):
        call_command("verify", stdout=StringIO())
    run = VerifyRun.objects.get()
    assert (run.site, run.job, run.days, run.first) == (leeds, None, 3, DAY)
    assert (run.through, run.differing) == (date(2026, 3, 12), 4)
    assert run.finished_at is not None
    (shown,) = client.get(reverse("books")).context["shown"]
    assert (shown["run"], len(shown["rows"])) == (run, 4)


def test_a_run_that_was_killed_goes_on_where_it_was(leeds, monkeypatch):
    """Killed after the first week is kept: the second turn checks the second alone."""
    job = started()
    seen: list[date] = []
    honest = check.check

    def once(cursor, stretch, days):
        seen.append(stretch.first)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return honest(cursor, stretch, days)

    monkeypatch.setattr(runs, "check", once)
    with pytest.raises(KeyboardInterrupt):
        runs.run(job.pk)
    half = VerifyRun.objects.get()
    assert (half.days, half.through, half.finished_at) == (2, date(2026, 3, 3), None)
    runs.run(job.pk)
    assert seen == [DAY, date(2026, 3, 12), date(2026, 3, 12)]
    whole = VerifyRun.objects.get()
    assert (whole.days, whole.differing) == (3, 0)
    runs.run(job.pk)  # it is over
    assert VerifyRun.objects.get().cells == whole.cells


def test_a_turn_that_took_its_time_leaves_the_rest_to_the_next(leeds):
    job = started()
    # A turn for each stretch, and one that finds nothing left to do but the books of the whole.
    assert [runs.run(job.pk, seconds=0) for _ in range(3)] == [True, True, False]
    assert VerifyRun.objects.get().days == 3


def test_one_that_waits_is_not_asked_for_again(leeds):
    york = a_site("York")
    verify_nightly()
    [job] = Job.objects.filter(kind=runs.KIND)
    assert job.payload["sites"] == [leeds.pk, york.pk]
    assert started(york) == job
    jobs.finish(job, Job.State.DONE, "")
    assert started(york, leeds) != job


def test_only_so_many_differences_and_runs_are_kept(leeds, monkeypatch):
    monkeypatch.setattr(runs, "KEPT", 4)
    monkeypatch.setattr(runs, "RUNS", 2)
    sql("UPDATE kpis_daystat SET offered = offered + 1, other = other + 1 WHERE unit = 'c'")
    for _ in range(3):
        runs.run(started().pk)
    assert VerifyRun.objects.count() == 2
    run = VerifyRun.objects.first()
    assert run.differing > 4
    assert VerifyDifference.objects.filter(run=run).count() == 4


def test_runs_are_seen_by_who_manages_the_site(leeds):
    runs.run(started(leeds).pk)
    york = a_site("York")
    for role, site, seen in (
        ("admin", york, 1), ("manager", leeds, 1), ("manager", york, 0), ("planner", leeds, 0),
    ):  # fmt: skip
        assert VerifyRun.objects.visible_to(a_user(role, site)).count() == seen, role


def a_run(site: Site, wrong: int = 0) -> VerifyRun:
    run = VerifyRun.objects.create(
        site=site, started_at=NINE, finished_at=NINE, days=3, cells=1000, differing=wrong,
        counting=[DAY], books={"contacts": [9, 1 if wrong else 0]},
    )  # fmt: skip
    for number in range(wrong):
        VerifyDifference.objects.create(
            run=run, name="service_level:SL4", day=DAY, queue=a_queue(site, f"Queue {number}"),
            shown=0.81, shown_n=100, second=0.8, second_n=100,
        )  # fmt: skip
    return run


@pytest.mark.parametrize("many", [1, 30])
def test_the_page_asks_the_same_of_one_difference_as_of_thirty(
    client, django_assert_num_queries, many
):
    for site in [a_site() for _ in range(1 if many == 1 else 3)]:
        a_run(site, many)
    client.force_login(a_user("admin"))
    # Session, user, what the user may reach, runs, differences, sites without, the work under way.
    with django_assert_num_queries(6):
        page = client.get(reverse("books"))
    assert page.content.decode().count("Service level, SL4") == many * (1 if many == 1 else 3)


def test_the_page_shows_both_answers_and_leads_to_the_passport(client):
    site = a_site("Leeds")
    run = a_run(site, 1)
    queue = run.differences.get().queue
    client.force_login(a_user("manager", site))
    page = client.get(reverse("books")).content.decode()
    assert "81.0\N{NO-BREAK SPACE}% of 100" in page
    assert "80.0\N{NO-BREAK SPACE}% of 100" in page
    assert "Not all: 1,000 figures were computed in two ways; 1 line of the books does not" in page
    asked = f"kpi=service_level%3ASL4&amp;site={site.slug}&amp;from={DAY}&amp;to={DAY}"
    address = f"{reverse('passport')}?{asked}&amp;queue={queue.pk}"
    assert f'href="{address}"' in page
    assert client.get(address.replace("&amp;", "&")).status_code == 200
    assert "Visits = contacts + queued again + transferred" in page
    assert "2 Mar 2026" in page
    assert "not compared: Turnover, T4" in page


def test_the_page_says_first_whether_figures_may_be_trusted(client):
    """The one line is of the run that ended first; after two days without any it says so."""
    for name in ("Leeds", "York"):
        a_run(a_site(name))
    client.force_login(a_user("admin"))
    for days, level in ((1, "ok"), (3, "warn")):
        with time_machine.travel(NINE + timedelta(days=days), tick=False):
            verdict = client.get(reverse("books")).context["verdict"]
        assert (verdict.level, verdict.since) == (level, NINE)
        assert "all of 2,000 figures that were computed in two ways are equal" in verdict.words


def test_until_each_site_is_checked_nothing_is_said_of_all(client):
    """Of three sites one is done: it says of which nothing is known, and no yes."""
    leeds, york, _pune = a_site("Leeds"), a_site("York"), a_site("Pune")
    a_run(leeds)
    VerifyRun.objects.create(site=york, started_at=NINE, days=1, cells=400)
    client.force_login(a_user("admin"))
    with time_machine.travel(NINE + timedelta(hours=1), tick=False):
        verdict = client.get(reverse("books")).context["verdict"]
        assert verdict.level == "warn"
        assert verdict.words.startswith("So far: all of 1,000 figures that were")
        assert verdict.words.endswith("balance. Not checked yet: Pune, York.")
        client.force_login(a_user("manager", leeds))
        own = client.get(reverse("books")).context["verdict"]
        assert (own.level, own.words[:5]) == ("ok", "Yes: ")
        a_run(york, 1)
        client.force_login(a_user("admin"))
        verdict = client.get(reverse("books")).context["verdict"]
    assert (verdict.level, verdict.words[:9]) == ("bad", "Not all: ")
    assert verdict.words.endswith("Not checked yet: Pune.")


@pytest.mark.parametrize(
    ("one", "other", "unit", "told"),
    [
        (0.81, 0.8, "fraction", ("81.0 %", "80.0 %")),
        (0.0338983050847, 0.0338983050999, "fraction", ("3.389830508 %", "3.389830510 %")),
        (0.03389, 0.0339, "fraction", ("3.389 %", "3.390 %")),
        (21.5, 43.0, "seconds", ("0:22", "0:43")),
        (21.5, 21.75, "seconds", ("21.5 s", "21.8 s")),
        (3, 0, "count", ("3", "0")),
        (None, 4.5, "score", ("–", "4.50")),
        (4.123, 4.125, "score", ("4.12", "4.13")),
        (120000, 240007, "count", ("120,000", "240,007")),
        (822.0, 821.0, "count", ("822", "821")),
    ],
)
def test_two_answers_are_rounded_as_pages_do_as_far_as_they_can_be_told_apart(
    one, other, unit, told
):
    assert (
        tuple(words.replace("\N{NO-BREAK SPACE}", " ") for words in both(one, other, unit)) == told
    )


def test_lines_of_the_books_are_told_in_words_and_units_of_people(client):
    """9,695.35 s are two hours, 41 minutes and 35 s."""
    run = a_run(a_site("Leeds"))
    for what, shown, second in (
        ("answered_wait_ms", 9_695_350, 0), ("ready_ms", 7_071_000, 7_071_001),
        ("timed_out", 822, 821), ("talk_n", 1200, 3),
    ):  # fmt: skip
        VerifyDifference.objects.create(
            run=run, name="intervals", day=DAY, shown=shown, second=second, what=what
        )
    client.force_login(a_user("admin"))
    [site] = client.get(reverse("books")).context["shown"]
    assert [(row.what, row.shown, row.second) for row in site["rows"]] == [
        ("waits of the answered, time", "2:41:35", "0:00"),
        ("ready, time", "7,071.000 s", "7,071.001 s"),
        ("timed out", "822", "821"),
        ("talk, how many are known", "1,200", "3"),
    ]


def test_every_column_of_the_books_has_its_words():
    columns = (*ADDITIVE, *(f"{part}_ms" for part in PARTS), "untold_ms")
    assert [one for one in columns if "_" in words_of(one)] == []


def test_the_newest_finished_run_is_shown_and_the_sites_that_differ_first(client):
    york, leeds = a_site("York"), a_site("Leeds")
    a_run(york, 2)
    a_run(leeds)
    VerifyRun.objects.create(site=leeds, started_at=NINE + timedelta(days=1))
    client.force_login(a_user("admin"))
    shown = client.get(reverse("books")).context["shown"]
    assert [(one["run"].site.name, one["run"].differing) for one in shown] == [
        ("York", 2), ("Leeds", 0),
    ]  # fmt: skip


def test_only_the_first_differences_are_listed_and_the_rest_are_counted(client, monkeypatch):
    monkeypatch.setattr(books, "LISTED", 2)
    a_run(a_site("Leeds"), 5)
    client.force_login(a_user("admin"))
    page = client.get(reverse("books")).content.decode()
    assert page.count("Service level, SL4") == 2
    assert "and 3 more" in page


def test_check_now_makes_a_job_of_the_sites_that_the_asker_manages(client, leeds):
    york = a_site("York")
    client.force_login(a_user("manager", york))
    assert "Nothing was checked yet" in client.get(reverse("books")).content.decode()
    assert client.post(reverse("books_check")).status_code == 302
    [job] = Job.objects.filter(kind=runs.KIND)
    assert job.payload == {"sites": [york.pk]}
    page = client.get(reverse("books")).content.decode()
    assert f'hx-get="{reverse("books_progress")}"' in page
    assert f'action="{reverse("books_check")}"' not in page
    runs.run(job.pk)
    assert "It has ended" in client.get(reverse("books_progress")).content.decode()
    assert "York" in client.get(reverse("books")).content.decode()


def test_work_on_other_sites_is_not_shown_to_who_does_not_manage_them(client, leeds):
    york = a_site("York")
    verify_nightly()
    client.force_login(a_user("manager", york))
    assert client.get(reverse("books")).context["job"] is None
    client.force_login(a_user("admin"))
    assert client.get(reverse("books")).context["job"] is not None
