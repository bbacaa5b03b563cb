"""Retention: what is out goes, with all that hangs on it, and counts stay what they were."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection

from ccm import dirty, partitions
from ccm.imports import undo
from ccm.models import (
    AgentState,
    Call,
    CallNote,
    DirtyDay,
    ImportBatch,
    ImportChange,
    Job,
    Offer,
    RetentionKind,
    RetentionRule,
    RetentionRun,
    Site,
    SurveyResponse,
)
from ccm.naming import services as naming
from ccm.retention import closed, parts, rules, work
from ccm.structure import services as structure
from kpis import rollups
from kpis.models import AgentTimeStat, DayStat, IntervalStat, MatterStat, RepeatMark, RepeatStat
from kpis.rollups import repeats, repeats_units
from kpis.second import paths, runs
from qa.models import CallTranscript, Evaluation
from tests.builders import (
    a_call,
    a_queue,
    a_record,
    a_sale,
    a_site,
    a_user,
    an_agent,
    stored,
)
from tests.qa.builders import an_evaluation

pytestmark = pytest.mark.django_db(transaction=True)

# 100 days before it is the 2nd of March: calls of before go, and days are closed to the 1st of May.
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
CUT, OPEN = date(2026, 3, 2), date(2026, 5, 1)
JANUARY, FEBRUARY, MARCH, MAY = (
    datetime(2026, month, day, 9, tzinfo=UTC) for month, day in ((1, 5), (2, 20), (3, 10), (5, 20))
)
COUNTS = (DayStat, IntervalStat, AgentTimeStat, RepeatStat, MatterStat)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


def keeps(site, kind=RetentionKind.CALLS, days=100):
    return RetentionRule.objects.create(
        kind=kind, site=site, days=days, starts_on=date(2026, 1, 1), made_at=NOW
    )


def a_centre(name="Leeds"):
    """Two agents, who took six calls: two of them go, one in another month."""
    site = a_site(name)
    source = "test" if name == "Leeds" else name
    ada, bob = an_agent(site, "Ada", source=source), an_agent(site, "Bob", source=source)
    queue = a_queue(site, "Sales")
    calls = {
        at: a_call(queue, at, agent=who, caller_hash="c" * 32, recording=f"r/{at:%m}", wait=20)
        for at, who in (
            (JANUARY, ada), (JANUARY + timedelta(hours=1), bob), (FEBRUARY, ada), (MARCH, ada),
            (MAY, bob), (MAY + timedelta(days=1), ada),
        )
    }  # fmt: skip
    AgentState.objects.create(
        agent=ada, agent_name="Ada", source=source, state="paused",
        starts_at=JANUARY - timedelta(hours=1),
        ends_at=JANUARY,
    )  # fmt: skip
    return site, queue, ada, bob, calls


def counted(site):
    rollups.rebuild([site])
    DirtyDay.objects.filter(site=site).delete()
    return snapshot(site)


def snapshot(site):
    """Every count of a site, without its id."""
    return {
        model.__name__: sorted(
            repr(sorted((k, v) for k, v in row.items() if k != "id"))
            for row in model.objects.filter(site=site).values()
        )
        for model in COUNTS
    }


def night():
    job = work.start(NOW)
    if job is not None:
        work.run(job.pk)
        job.refresh_from_db()
    return job


def test_calls_that_are_out_go_and_every_count_stays_what_it_was():
    site, _queue, _ada, _bob, _calls = a_centre()
    before = counted(site)
    assert all(before.values())
    keeps(site)
    job = night()
    assert job.state == Job.State.DONE
    there = Call.objects.filter(site=site).order_by("offered_at")
    assert [call.offered_at for call in there] == [MARCH, MAY, MAY + timedelta(days=1)]
    site.refresh_from_db()
    assert (site.record_begins_on, site.counts_closed_before) == (CUT, OPEN)
    assert snapshot(site) == before
    # All ways by which days are counted anew.
    dirty.mark_all(site)
    rollups.recount_dirty()
    rollups.rebuild([site])
    repeats.mark_all()
    repeats.recount(site)
    rollups.refresh(rollups.Stretch(site, JANUARY.date(), NOW.date()))
    assert snapshot(site) == before


def test_without_the_guard_the_same_recount_counts_to_nothing(monkeypatch):
    site, *_ = a_centre()
    before = counted(site)
    keeps(site)
    night()
    monkeypatch.setattr(closed, "first_open", lambda _site, first: first)
    dirty.mark_all(site)
    rollups.recount_dirty()
    assert snapshot(site) != before


def test_both_paths_agree_after_it():
    site, *_ = a_centre()
    counted(site)
    keeps(site)
    night()
    site.refresh_from_db()
    assert min(paths.days_told(site)) >= OPEN
    call_command("verify", "--site", site.slug)
    job = runs.start([site])
    runs.run(job.pk)
    job.refresh_from_db()
    assert "0 differences" in job.words


def test_a_month_that_is_out_everywhere_goes_with_its_partition_and_others_row_by_row():
    leeds, york = a_centre("Leeds")[0], a_centre("York")[0]
    for site in (leeds, york):
        counted(site)
    keeps(leeds)
    night()
    january = date(2026, 1, 1)
    assert january in partitions.existing_months()
    assert Call.objects.filter(site=york).count() == 6
    assert RetentionRun.objects.get(site=leeds).months == []
    keeps(york)
    night()
    run = RetentionRun.objects.get(site=york)
    assert run.months == ["2026-01", "2026-02"]
    assert run.gone["ccm_call"] == 3
    assert january not in partitions.existing_months()
    assert partitions.detached_months() == set()
    assert Call.objects.filter(site=york).count() == 3


def detached(site, noted):
    """January, taken out by a process that was killed then, or (without a note) by somebody."""
    if noted:
        job = Job.objects.create(kind=work.KIND, state=Job.State.FAILED, finished_at=NOW)
        RetentionRun.objects.create(
            job=job, site=site, kind=RetentionKind.CALLS, before=CUT, months=["2026-01"],
            started_at=NOW, finished_at=NOW,
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ccm_call DETACH PARTITION ccm_call_2026_01 CONCURRENTLY")
    assert partitions.detached_months() == {date(2026, 1, 1)}


def test_a_month_that_a_killed_process_left_detached_is_dropped_and_may_be_made_again():
    site, *_ = a_centre()
    counted(site)
    keeps(site)
    Site.objects.update(counts_closed_before=OPEN, record_begins_on=CUT)
    detached(site, noted=True)
    night()
    assert partitions.detached_months() == set()
    partitions.ensure_months([date(2026, 1, 1)])
    assert date(2026, 1, 1) in partitions.existing_months()


def test_a_month_that_an_operator_detached_is_theirs():
    site, *_ = a_centre()
    counted(site)
    detached(site, noted=False)
    keeps(site)
    night()
    try:
        assert partitions.detached_months() == {date(2026, 1, 1)}
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ccm_call_2026_01")
            assert cursor.fetchone() == (2,)
    finally:
        partitions.ensure_months([date(2026, 1, 1)])


def test_a_month_that_is_detached_is_attached_for_whoever_has_calls_of_it():
    site, *_ = a_centre()
    detached(site, noted=True)
    stored(site, a_record(JANUARY + timedelta(days=2), external_id="late"))
    assert partitions.detached_months() == set()
    assert Call.objects.filter(offered_at__lt=FEBRUARY).count() == 3


def test_a_month_that_is_half_taken_out_is_taken_back_in_for_whoever_has_calls_of_it():
    a_centre()
    site = Site.objects.get()
    reader = connection.copy()
    reader.connect()
    try:
        # Somebody reads, so that who detaches waits, and is ended.
        reader.set_autocommit(False)
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ccm_call")
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '300ms'")
            with pytest.raises(OperationalError):
                cursor.execute(
                    "ALTER TABLE ccm_call DETACH PARTITION ccm_call_2026_01 CONCURRENTLY"
                )
    finally:
        reader.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
    january = date(2026, 1, 1)
    assert partitions.detached_months() == {january}
    assert january not in partitions.existing_months()
    stored(site, a_record(JANUARY + timedelta(days=2), external_id="late"))
    assert partitions.detached_months() == set()
    assert Call.objects.filter(offered_at__lt=FEBRUARY).count() == 3


def imports_while(monkeypatch, name, module):
    """A site that is made, and reads its history, while retention is at a month; its first call."""
    does, made = getattr(module, name), []

    def first(*args, **more):
        if not made:
            made.append(a_site("Bath"))
            stored(
                made[0],
                a_record(JANUARY, external_id="b0"),
                offers=[{"call": 0, "agent": "Cy", "outcome": "answered", "ended_ms": 1}],
            )  # fmt: skip
        return does(*args, **more)

    monkeypatch.setattr(module, name, first)


@pytest.mark.parametrize(
    ("name", "module"),
    [("_close", work), ("_empty", work), ("_note_month", work), ("drop_month", partitions)],
)
def test_a_site_that_reads_its_history_meanwhile_keeps_all_of_it(monkeypatch, name, module):
    site, *_ = a_centre()
    counted(site)
    keeps(site)
    imports_while(monkeypatch, name, module)
    job = night()
    assert job.state == Job.State.DONE
    call = Call.objects.get(site__name="Bath")
    assert call.offers.count() == 1
    assert Call.objects.filter(site=site).count() == 3
    run = RetentionRun.objects.get()
    assert run.gone == run.expected == {"ccm_call": 3}
    assert partitions.detached_months() == set()
    assert "2026-01" not in run.months


def test_a_month_stays_while_any_site_may_bring_calls_of_it_though_it_has_none():
    site, *_ = a_centre()
    bath = a_site("Bath")
    counted(site)
    keeps(site)
    assert work.preview(site, RetentionKind.CALLS, CUT).months == []
    night()
    assert RetentionRun.objects.get().months == []
    assert date(2026, 1, 1) in partitions.existing_months()
    stored(bath, a_record(JANUARY, external_id="b0"))
    assert Call.objects.filter(site=bath).count() == 1


def test_what_imports_noted_goes_with_the_rows_and_so_does_what_they_said_before():
    site, queue, ada, _bob, calls = a_centre()
    job = Job.objects.create(kind="import", state=Job.State.DONE)
    batch = ImportBatch.objects.create(job=job, site=site, format="x", source="test")
    answers = {
        at: SurveyResponse.objects.create(
            id=uuid4(), source="test", call=calls[at], site=site, queue=queue, kind="csat",
            scale_min=1, scale_max=5, score=4, answered_at=at,
        )
        for at in (JANUARY, MAY)
    }  # fmt: skip
    offer = Offer.objects.create(id=uuid4(), call=calls[JANUARY], agent=ada, outcome="answered")
    state = AgentState.objects.get()

    def note(row, **before):
        return ImportChange.objects.create(
            batch=batch, relation=row._meta.db_table, row=str(row.pk), before=before
        )

    said = {
        at: note(answer, answered_at=at.isoformat(), comment="Slow", extra={"a": 1}, score=2)
        for at, answer in answers.items()
    }
    note(offer, agent_name="Ada")
    note(state, agent_name="Ada")
    counted(site)
    # The rows say nothing any more: an import emptied them.
    keeps(site, RetentionKind.COMMENTS)
    night()
    for at, before in ((JANUARY, {"comment": "", "extra": None}), (MAY, {})):
        expected = {"comment": "Slow", "extra": {"a": 1}, "score": 2, **before}
        said[at].refresh_from_db()
        assert said[at].before == {"answered_at": at.isoformat(), **expected}
    keeps(site)
    keeps(site, RetentionKind.STATES)
    night()
    assert list(ImportChange.objects.values_list("pk", flat=True)) == [said[MAY].pk]


def test_a_fault_of_one_class_of_one_site_stops_no_other(monkeypatch):
    leeds, york = a_centre("Leeds")[0], a_centre("York")[0]
    for site in (leeds, york):
        counted(site)
        keeps(site)
    does = work._take_calls

    def breaks(job, one, site, *more):
        if site == leeds:
            raise LookupError
        does(job, one, site, *more)

    with monkeypatch.context() as patched:
        patched.setattr(work, "_take_calls", breaks)
        assert night().state == Job.State.DONE
    assert "error" in RetentionRun.objects.get(site=leeds).waits_for
    assert Call.objects.filter(site=york).count() == 3
    night()
    assert Call.objects.filter(site=leeds).count() == 3


def test_a_month_that_others_read_all_the_while_goes_row_by_row(monkeypatch):
    site, *_ = a_centre()
    counted(site)
    keeps(site)
    tries = []

    class Held(Exception):
        pgcode = "55P03"

    def held(*_args):
        tries.append(1)
        raise OperationalError from Held()

    monkeypatch.setattr(partitions, "drop_month", held)
    assert night().state == Job.State.DONE
    run = RetentionRun.objects.get()
    assert (run.months, run.gone, run.waits_for) == ([], {"ccm_call": 3}, "")
    assert Call.objects.count() == 3
    assert len(tries) == 2 * work.DROPS


def test_a_rule_that_keeps_more_holds_for_a_run_under_way():
    site, *_ = a_centre()
    counted(site)
    keeps(site)
    job = work.start(NOW)
    run = RetentionRun.objects.create(
        job=job, site=site, kind=RetentionKind.CALLS, before=CUT, expected={"ccm_call": 3},
        started_at=NOW,
    )  # fmt: skip
    RetentionRule.objects.create(
        kind=RetentionKind.CALLS, site=site, days=130, starts_on=NOW.date(), made_at=NOW
    )
    work.run(job.pk)
    run.refresh_from_db()
    # 130 days before it is the 31st of January.
    assert (run.before, run.gone) == (date(2026, 1, 31), {"ccm_call": 2})
    assert Call.objects.count() == 4


def test_days_are_not_closed_while_an_import_is_taken_back():
    site, *_ = a_centre()
    counted(site)
    keeps(site)
    job = Job.objects.create(kind=undo.KIND, state=Job.State.RUNNING)
    batch = ImportBatch.objects.create(
        job=Job.objects.create(kind="import", state=Job.State.DONE), site=site, format="x",
        source="test", undo=job,
    )  # fmt: skip
    night()
    assert Call.objects.count() == 6
    assert "taken back" in RetentionRun.objects.get().waits_for
    ImportBatch.objects.filter(pk=batch.pk).update(undone_at=NOW)
    night()
    assert Call.objects.count() == 3


def test_where_there_is_nothing_to_go_no_day_is_closed():
    site, *_ = a_centre()
    Call.objects.filter(offered_at__lt=MARCH).delete()
    counted(site)
    keeps(site)
    night()
    site.refresh_from_db()
    assert (site.counts_closed_before, site.record_begins_on) == (None, None)
    assert RetentionRun.objects.get().finished_at


@pytest.mark.parametrize("of", [Call, SurveyResponse])
def test_of_every_key_that_no_constraint_holds_it_is_said_what_becomes_of_it(of):
    said = {(one.model, one.field) for one in parts.following(of)}
    there = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is of
    }
    assert said == there


def test_what_hangs_on_a_call_goes_with_it_and_what_keeps_a_snapshot_stays():
    site, queue, ada, _bob, calls = a_centre()
    gone, kept = calls[JANUARY], calls[MAY]
    for call in (gone, kept):
        Offer.objects.create(id=uuid4(), call=call, agent=ada, outcome="answered")
        SurveyResponse.objects.create(
            id=uuid4(), source="test", call=call, site=site, queue=queue, kind="csat",
            scale_min=1, scale_max=5, score=4, answered_at=call.offered_at,
        )  # fmt: skip
        CallNote.objects.create(call=call, site=site, at=call.offered_at, words="Called")
        CallTranscript.objects.create(
            call=call, site=site, called_at=call.offered_at, lines=[], made_at=NOW
        )
    sale = a_sale(site, call=gone)
    review = an_evaluation(gone, state="finished", finished_at=NOW)
    counted(site)
    keeps(site)
    night()
    for model in (Offer, SurveyResponse, CallNote, CallTranscript):
        assert list(model.objects.values_list("call", flat=True)) == [kept.pk]
    sale.refresh_from_db()
    assert sale.call_id is None
    assert Evaluation.objects.get(pk=review.pk).facts == review.facts
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ccm_sale WHERE call_id IS NOT NULL")
        assert cursor.fetchone() == (0,)


def test_the_preview_is_what_goes_and_looking_changes_nothing():
    site, _queue, ada, _bob, calls = a_centre()
    Offer.objects.create(id=uuid4(), call=calls[JANUARY], agent=ada, outcome="answered")
    counted(site)
    seen = work.preview(site, RetentionKind.CALLS, CUT)
    assert seen.rows == {"ccm_call": 3, "ccm_offer": 1}
    assert seen.months == [date(2026, 1, 1), date(2026, 2, 1)]
    assert Call.objects.count() == 6
    keeps(site)
    night()
    run = RetentionRun.objects.get()
    assert run.expected == run.gone == seen.rows
    assert work.preview(site, RetentionKind.CALLS, CUT).rows == {}


def test_twice_is_once_and_without_a_rule_nothing_goes():
    site, *_ = a_centre()
    counted(site)
    assert night() is None
    keeps(site)
    first = night()
    work.run(first.pk)
    again = night()
    assert again.pk != first.pk
    assert RetentionRun.objects.get(job=again).gone == {}
    assert Call.objects.count() == 3


@pytest.mark.parametrize(
    ("by", "cut_off_after"),
    [*(("months", n) for n in (1, 2, 4, 5, 6, 8, 10)), *(("rows", n) for n in (1, 2, 5))],
)
def test_killed_anywhere_it_goes_on_and_ends_the_same(monkeypatch, cut_off_after, by):
    site, _queue, ada, _bob, calls = a_centre()
    if by == "rows":
        # Another site's calls keep the months.
        for at in (JANUARY, FEBRUARY):
            a_call(a_queue(a_site(f"York {at:%m}")), at)
    for call in calls.values():
        Offer.objects.create(id=uuid4(), call=call, agent=ada, outcome="answered")
    before = counted(site)
    keeps(site)
    monkeypatch.setattr(work, "BATCH", 1)
    job, steps = work.start(NOW), iter(range(1, 100))

    class Killed(BaseException):
        pass

    def killed_about(module, name):
        does = getattr(module, name)

        def dies(*args, **more):
            if next(steps) == cut_off_after:
                raise Killed
            done = does(*args, **more)
            if next(steps) == cut_off_after:
                raise Killed
            return done

        patched.setattr(module, name, dies)

    with monkeypatch.context() as patched:
        killed_about(work, "_remove")
        killed_about(partitions, "drop_month")
        with pytest.raises(Killed):
            work.run(job.pk)
    work.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert Call.objects.filter(site=site).count() == Offer.objects.count() == 3
    run = RetentionRun.objects.get()
    assert run.gone == run.expected == {"ccm_call": 3, "ccm_offer": 3}
    assert snapshot(site) == before


def test_days_that_are_not_counted_yet_are_not_closed():
    site, *_ = a_centre()
    counted(site)
    keeps(site)
    DirtyDay.objects.create(site=site, day=JANUARY.date())
    night()
    assert Call.objects.count() == 6
    assert RetentionRun.objects.get().waits_for
    DirtyDay.objects.all().delete()
    RepeatMark.objects.create(site=site, first=FEBRUARY.date(), last=FEBRUARY.date())
    night()
    assert Call.objects.count() == 6
    RepeatMark.objects.all().delete()
    night()
    assert Call.objects.count() == 3


def test_who_came_again_is_looked_for_no_further_than_calls_are_kept_around_open_days():
    assert repeats_units.AROUND < closed.MARGIN


def test_a_log_of_closed_days_is_ignored_line_by_line_and_said_to_be():
    site, *_ = a_centre()
    before = counted(site)
    keeps(site)
    night()
    fates = stored(
        site,
        a_record(JANUARY, external_id="old", line=1),
        a_record(MAY, external_id="new", line=2),
        a_record(datetime(2026, 4, 30, 23, 59, tzinfo=UTC), external_id="edge", line=3),
        offers=[
            {"call": 0, "agent": "Ada", "outcome": "answered", "ended_ms": 1},
            {"call": 1, "agent": "Bob", "outcome": "no_answer", "ended_ms": 2},
        ],
        surveys=[
            {"call": 1, "kind": "csat", "score": 5.0, "scale_min": 1, "scale_max": 5,
             "answered_at": MAY, "line": 2, "lines": 0, "birth_ms": 0},
        ],
    )  # fmt: skip
    assert (fates.stored, fates.ignored) == (1, 2)
    (issue,) = fates.issues
    assert issue.fate == "ignored"
    assert "1 May 2026" in issue.message
    new = Call.objects.get(external_id="new")
    assert [offer.agent.name for offer in new.offers.all()] == ["Bob"]
    assert new.surveys.count() == 1
    assert not Call.objects.filter(external_id__in=("old", "edge")).exists()
    rollups.recount_dirty()
    # Nothing but the new call's own day changed.
    changed = {row for row in snapshot(site)["DayStat"] if row not in before["DayStat"]}
    assert changed
    assert all("2026, 5, 20" in row for row in changed)


def test_an_import_of_closed_days_cannot_be_taken_back():
    site, *_ = a_centre()
    counted(site)
    keeps(site)
    night()
    job = Job.objects.create(kind="import", state=Job.State.DONE)
    batch = ImportBatch.objects.create(
        job=job, site=site, format="x", source="test", read=1, stored=1, first_at=MARCH,
        last_at=MAY,
    )  # fmt: skip
    with pytest.raises(undo.Blocked, match="retention"):
        undo.start(batch)
    ImportBatch.objects.update(first_at=MAY)
    batch.refresh_from_db()
    assert undo.start(batch).pk


def test_a_name_of_closed_counts_is_neither_merged_nor_removed_and_the_zone_stays():
    site, queue, ada, bob, _calls = a_centre()
    other = a_queue(site, "Service")
    before = counted(site)
    keeps(site)
    night()
    site.refresh_from_db()
    ada.site = bob.site = queue.site = other.site = site
    for kind, loser, keeper in ((naming.AGENTS, ada, bob), (naming.QUEUES, queue, other)):
        with pytest.raises(naming.NamingRefused, match="retention"):
            naming.merge(kind, loser, keeper)
    # What has none may go.
    naming.merge(naming.QUEUES, other, queue)
    Call.objects.all().delete()
    assert not structure.forget(queue)
    site.zone = "Europe/London"
    with pytest.raises(structure.StructureRefused):
        structure.save_site(site, NOW, a_user("admin"))
    assert snapshot(site)["DayStat"] == before["DayStat"]


def test_recordings_comments_and_transcripts_go_by_rules_of_their_own_and_calls_stay():
    site, queue, ada, _bob, calls = a_centre()
    for call in calls.values():
        SurveyResponse.objects.create(
            id=uuid4(), source="test", call=call, site=site, queue=queue, agent=ada, kind="csat",
            scale_min=1, scale_max=5, score=4, comment="Slow", answered_at=call.offered_at,
        )  # fmt: skip
        CallNote.objects.create(call=call, site=site, at=call.offered_at, words="Wrote")
        CallTranscript.objects.create(
            call=call, site=site, called_at=call.offered_at, lines=[], made_at=NOW
        )
    old = calls[JANUARY]
    job = Job.objects.create(kind="import", state=Job.State.DONE)
    batch = ImportBatch.objects.create(job=job, site=site, format="x", source="test")
    noted = ImportChange.objects.create(
        batch=batch, relation="ccm_call", row=str(old.pk), before={"recording": "r/x", "talk_ms": 1}
    )
    before = counted(site)
    for kind in (RetentionKind.RECORDINGS, RetentionKind.COMMENTS, RetentionKind.TRANSCRIPTS):
        keeps(site, kind)
    night()
    assert Call.objects.count() == 6
    left = Call.objects.order_by("offered_at").values_list("recording", flat=True)
    assert list(left) == ["", "", "", "r/03", "r/05", "r/05"]
    assert SurveyResponse.objects.filter(comment="").count() == 3
    assert SurveyResponse.objects.filter(comment="Slow").count() == 3
    assert CallNote.objects.filter(words="").count() == 3
    assert CallTranscript.objects.count() == 3
    noted.refresh_from_db()
    assert noted.before == {"recording": "", "talk_ms": 1}
    # Nothing that is counted went: no day is closed, and counting again says the same.
    site.refresh_from_db()
    assert site.counts_closed_before is None
    assert counted(site) == before


def test_what_agents_did_goes_and_their_time_stays_counted():
    site, _queue, ada, _bob, _calls = a_centre()
    before = counted(site)
    assert AgentTimeStat.objects.filter(agent=ada, day=JANUARY.date()).exists()
    keeps(site, RetentionKind.STATES)
    night()
    assert not AgentState.objects.exists()
    assert Call.objects.count() == 6
    dirty.mark_all(Site.objects.get(pk=site.pk))
    rollups.recount_dirty()
    assert snapshot(site) == before


def test_the_rule_of_a_site_goes_before_that_of_all_and_the_last_that_has_begun_holds():
    site = a_site()

    def rule(days, starts_on, of=None):
        return RetentionRule(kind="calls", site=of, days=days, starts_on=starts_on, made_at=NOW)

    told = [
        rule(400, date(2026, 1, 1)), rule(300, date(2026, 3, 1)), rule(200, date(2026, 9, 1)),
        rule(None, date(2026, 2, 1), site),
    ]  # fmt: skip

    def days(kind, of, day):
        found = rules.in_force(told, kind, of, day)
        return found and found.days

    assert days("calls", None, date(2026, 2, 15)) == 400
    assert days("calls", None, date(2026, 6, 1)) == 300
    assert rules.in_force(told, "calls", site.pk, date(2026, 6, 1)).days is None
    assert days("calls", site.pk, date(2026, 1, 15)) == 400
    assert rules.in_force(told, "states", None, date(2026, 6, 1)) is None
    assert rules.in_force(told, "calls", None, date(2025, 6, 1)) is None


@pytest.mark.parametrize("days", [0, 1, 89, 36_526])
def test_calls_are_kept_for_some_months_at_least(days):
    with pytest.raises(rules.RuleRefused, match=re.compile("From 90")):
        rules.keep("calls", None, days, NOW.date(), a_user("admin"), NOW)
    assert not RetentionRule.objects.exists()
