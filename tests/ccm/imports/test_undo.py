"""An import taken back leaves the record as it was before it."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ccm import database, jobs, partitions, surveys, work
from ccm.imports import run, undo
from ccm.imports.records import COUNTS, frame_of
from ccm.imports.storing import locks
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Target
from ccm.live import events, folding, inbox, process
from ccm.models import (
    Agent,
    AgentAlias,
    AgentState,
    Call,
    DirtyDay,
    ImportBatch,
    ImportChange,
    Job,
    Queue,
    RawEvent,
)
from kpis.models import DayStat, IntervalStat
from kpis.rollups import recount_dirty
from tests.builders import NINE, a_board, a_chunk, a_queue, a_record, a_site, a_user
from tests.examples import examples

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
AT = datetime(2018, 11, 29, 8, 28, 20, tzinfo=UTC)  # 1543480100
# 29 November 2018: c1 waits 10 s and talks 60 s with Agent/1, who logged in before; c2 gives up.
WHOLE = [
    "1543480000|NONE|NONE|Agent/1|AGENTLOGIN|SIP/1",
    "1543480100|c1|sales|NONE|ENTERQUEUE||5550171|1",
    "1543480104|c1|sales|Agent/2|RINGNOANSWER|4000",
    "1543480110|c1|sales|Agent/1|CONNECT|10|1543480107|3",
    "1543480170|c1|sales|Agent/1|BLINDTRANSFER|200|in|10|60|1",
    "1543480200|c2|sales|NONE|ENTERQUEUE||5550172|1",
    "1543480205|c2|sales|NONE|ABANDON|1|1|5",
    "1543480210|c1|support|NONE|ENTERQUEUE||5550171|1",
    "1543480215|c1|support|NONE|EXITWITHTIMEOUT|1|1|5",
    "1543480300|NONE|NONE|Agent/1|PAUSE|tea",
    "1543480400|NONE|NONE|Agent/1|UNPAUSE|",
    "1543480500|c3|sales|NONE|ODDEVENT|1",
    "1543490000|NONE|NONE|Agent/1|AGENTLOGOFF|SIP/1|10000",
]
# The switch starts anew in the middle of c1, and Agent/1 leaves while on pause.
CUTS = ["1543480150|NONE|NONE|NONE|QUEUESTART|", "1543480350|NONE|sales|Agent/1|REMOVEMEMBER|"]
TABLES = (
    "ccm_call", "ccm_offer", "ccm_surveyresponse", "ccm_agentstate", "ccm_intervalcount",
    "ccm_queue", "ccm_agent", "ccm_agentalias", "ccm_topic", "ccm_disposition", "ccm_rawevent",
    "ccm_importchange", "ccm_cutoff",
)  # fmt: skip


def imported(site, lines, **said):
    text = "".join(f"{line}\n" for line in lines)
    files = [("queue_log", io.BytesIO(text.encode()))]
    batch = run.start(files, form="asterisk_queue_log", site=site, **said)
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch


def taken_back(batch):
    job = undo.start(batch)
    undo.run(job.pk)
    batch.refresh_from_db()
    assert batch.undo.state == Job.State.DONE
    assert batch.undone_at is not None


def rows(*tables):
    """Every row of these tables as the database writes it."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables or TABLES:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def counts():
    while recount_dirty():
        pass
    skipped = {"id", "pk"}
    return [
        sorted(
            repr([(key, value) for key, value in row.items() if key not in skipped])
            for row in model.objects.values()
        )
        for model in (DayStat, IntervalStat)
    ]


def test_a_first_import_taken_back_leaves_nothing():
    site = a_site()
    before, counted = rows(), counts()
    batch = imported(site, WHOLE)
    assert (Call.objects.count(), AgentState.objects.count()) == (3, 2)
    assert counts() != counted
    taken_back(batch)
    assert rows() == before
    assert counts() == counted
    assert not RawEvent.objects.exists()


def test_rows_that_an_import_changed_return_to_what_they_were():
    site = a_site()
    first = imported(site, WHOLE[:4])
    before, counted = rows(), counts()
    second = imported(site, WHOLE[4:])
    assert second.updated > 0
    taken_back(second)
    assert rows() == before
    assert counts() == counted
    assert first.undone_at is None


def test_an_import_whose_rows_a_later_one_changed_waits_for_that_one():
    site = a_site()
    before = rows()
    first, second = imported(site, WHOLE[:4]), imported(site, WHOLE[4:])
    assert undo.blockers(first) == [second]
    with pytest.raises(undo.Blocked, match=f"Import {second.pk} changed its rows since"):
        undo.start(first)
    taken_back(second)
    assert undo.blockers(first) == []
    taken_back(first)
    assert rows() == before


def test_a_ring_that_a_later_import_hung_on_a_call_holds_the_call():
    site = a_site()
    first = imported(site, [WHOLE[1], *WHOLE[3:5]])
    second = imported(site, WHOLE[1:5])
    assert undo.blockers(first) == [second]


def test_an_import_taken_back_can_be_imported_again_afresh():
    site = a_site()
    batch = imported(site, WHOLE)
    taken_back(batch)
    again = imported(site, WHOLE)
    assert (again.stored, again.updated, again.duplicate) == (batch.stored, 0, 0)


def test_names_that_something_else_uses_or_somebody_confirmed_stay():
    site = a_site()
    batch = imported(site, WHOLE)
    Queue.objects.filter(name="sales").update(is_new=False)
    board = a_board(site, "waiting", slug="b")
    board.queues.add(Queue.objects.get(name="support"))
    taken_back(batch)
    assert set(Queue.objects.values_list("name", flat=True)) == {"sales", "support"}
    assert not Agent.objects.exists()
    assert not AgentAlias.objects.exists()


def test_a_name_that_a_later_import_uses_stays_with_its_alias():
    site = a_site()
    first = imported(site, WHOLE[1:4])
    later = [line.replace("c1|", "d1|").replace("15434801", "15434901") for line in WHOLE[1:4]]
    imported(site, later)
    taken_back(first)
    assert set(Call.objects.values_list("external_id", flat=True)) == {"d1"}
    assert set(AgentAlias.objects.values_list("raw_name", flat=True)) == {"Agent/1", "Agent/2"}


def test_a_name_whose_callers_were_asked_goes_and_one_that_an_answer_tells_of_stays():
    site = a_site(zone="UTC")
    batch = imported(site, WHOLE)
    asked = Call.objects.get(external_id="c1", queue__name="sales")
    made, _words = surveys.invite(
        ["csat"], None, NINE + timedelta(days=7), now=NINE, site=site, call=asked,
        queue=asked.queue, agent=asked.agent,
    )  # fmt: skip
    other, _words = surveys.invite(
        ["csat"], None, NINE + timedelta(days=7), now=NINE, site=site,
        queue=Queue.objects.get(name="support"),
    )  # fmt: skip
    assert made.agent is not None
    taken_back(batch)
    made.refresh_from_db()
    assert (made.call_id, made.queue, made.agent) == (asked.pk, None, None)
    assert not Agent.objects.exists()
    # A link of no call may yet be answered.
    assert [one.name for one in Queue.objects.all()] == ["support"]
    assert surveys.answer(other, {"csat": 5}, "", NINE)


def test_the_days_of_what_went_are_counted_again():
    site = a_site()
    batch = imported(site, WHOLE)
    counts()
    assert not DirtyDay.objects.exists()
    taken_back(batch)
    # The queues are gone with their marks; the site's contacts are still to be counted.
    assert set(DirtyDay.objects.values_list("queue", flat=True)) == {None}


def test_answers_totals_and_half_sessions_return_too():
    site = a_site()
    survey = {
        "call": 0, "kind": "csat", "scale_min": 1, "scale_max": 5, "score": 2.0,
        "answered_at": NINE,
    }  # fmt: skip
    login = {"line": 1, "lines": 1, "agent": "Ann", "state": "logged_in", "starts_at": NINE}
    call = a_record(outcome="answered", answered_at=NINE, agent="Ann")
    batches = [a_batch(site), a_batch(site)]
    store(a_chunk(call, surveys=[survey], states=[login]), Target(site, "t", batches[0].pk))
    before = rows()
    logout = login | {"starts_at": None, "ends_at": NINE + 60 * SECOND}
    better = [survey | {"score": 5.0, "comment": "well"}]
    store(a_chunk(call, surveys=better, states=[logout]), Target(site, "t", batches[1].pk))
    assert rows() != before
    taken_back(batches[1])
    assert rows() == before


def a_batch(site):
    job = Job.objects.create(kind="import", state=Job.State.DONE)
    return ImportBatch.objects.create(job=job, site=site, format="phonenow", source="t")


@pytest.mark.parametrize("turns", [1, 2, 4])
def test_a_taking_back_that_is_cut_off_goes_on_where_it_was(monkeypatch, turns):
    monkeypatch.setattr(undo, "CHUNK", 1)
    site = a_site()
    imported(site, WHOLE[:4])
    before = rows()
    batch = imported(site, WHOLE[4:])
    job = undo.start(batch)
    beats = 0

    def killed(*args, **more):
        nonlocal beats
        beats += 1
        if beats == turns:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "beat", killed)
        with pytest.raises(KeyboardInterrupt):
            undo.run(job.pk)
    undo.run(job.pk)
    assert rows() == before
    undo.run(job.pk)  # once more changes nothing
    assert rows() == before


def test_a_taking_back_may_be_done_in_short_turns(monkeypatch):
    monkeypatch.setattr(undo, "CHUNK", 1)
    site = a_site()
    imported(site, WHOLE[:4])
    before = rows()
    batch = imported(site, WHOLE[4:])
    job, turns = undo.start(batch), 0
    while undo.run(job.pk, seconds=0):
        turns += 1
    assert turns > 1
    assert rows() == before
    job.refresh_from_db()
    assert job.done == job.total > 0


@pytest.mark.parametrize(("in_use", "stay"), [(1, False), (2, False), (3, True)])
def test_names_that_somebody_counts_on_meanwhile_are_tried_again_and_else_stay(
    monkeypatch, in_use, stay
):
    batch = imported(a_site(), WHOLE)
    drop, tries = undo._drop_names, []

    def dropped(one):
        tries.append(one)
        if len(tries) <= in_use:
            raise IntegrityError("still referenced")
        drop(one)

    monkeypatch.setattr(undo, "_drop_names", dropped)
    taken_back(batch)
    batch.refresh_from_db()
    assert batch.undone_at is not None
    assert not Call.objects.exists()
    assert Queue.objects.exists() is stay


def test_a_database_that_goes_away_as_it_begins_is_no_reason_to_wait_for_calls(monkeypatch):
    batch = imported(a_site(), WHOLE)

    def away(_cursor):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(locks, "have_names_alone", away)
    with pytest.raises(OperationalError):
        undo.start(batch)
    batch.refresh_from_db()
    assert batch.undo is None


def test_nothing_is_imported_to_a_site_while_an_import_of_it_is_taken_back():
    site = a_site()
    batch = imported(site, WHOLE)
    undo.start(batch)
    meanwhile = imported(site, WHOLE[:4])
    assert meanwhile.job.state == Job.State.FAILED
    assert f"Import {batch.pk} of this site is being taken back" in meanwhile.job.words
    assert meanwhile.read == 0


def test_nothing_is_taken_back_while_an_import_of_the_site_waits_or_runs():
    site = a_site()
    batch = imported(site, WHOLE)
    files = [("queue_log", io.BytesIO(b"1543480100|x|sales|NONE|ENTERQUEUE||5|1\n"))]
    other = run.start(files, form="asterisk_queue_log", site=site)
    with pytest.raises(undo.Blocked, match=f"Import {other.pk} of this site"):
        undo.start(batch)


def test_what_was_only_tried_or_is_taken_back_already_is_not_taken_back():
    site = a_site()
    tried = imported(site, WHOLE, dry_run=True)
    batch = imported(site, WHOLE)
    taken_back(batch)
    for one in (tried, batch):
        with pytest.raises(undo.Blocked, match="nothing to take back"):
            undo.start(one)


def test_a_worker_that_starts_finds_a_taking_back_that_nobody_does(monkeypatch):
    from ccm import tasks

    sent = []
    batch = imported(a_site(), WHOLE)
    job = undo.start(batch, a_user("admin"))
    monkeypatch.setattr(work, "send", lambda task, *args: sent.append((task.name, args)))
    tasks.requeue_stale_jobs(waiting_for_seconds=0)
    assert sent == [("ccm.tasks.run_undo", (job.pk,))]


def test_no_two_kinds_of_lock_have_one_number():
    numbers = [
        database.MIGRATION_LOCK, partitions._LOCK, process._LEADER, locks._NAMES_LOCK,
    ]  # fmt: skip
    assert len(set(numbers)) == len(numbers)


def test_what_a_restart_ended_is_open_again():
    site = a_site()
    imported(site, WHOLE[:4])
    before = rows()
    cut = imported(site, CUTS[:1])
    assert Call.objects.get().ended_by == "restart"
    taken_back(cut)
    assert rows() == before


def test_what_a_restart_that_was_read_first_ended_is_open_again():
    site = a_site()
    cut = imported(site, CUTS)
    log = imported(site, [*WHOLE[:4], WHOLE[9]])
    assert Call.objects.get().ended_by == "restart"
    assert AgentState.objects.filter(cut_off=True).count() == 2
    counts()
    taken_back(cut)
    call = Call.objects.get()
    assert (call.outcome, call.ended_at, call.ended_by) == ("answered", None, "")
    assert not AgentState.objects.filter(cut_off=True).exists()
    assert set(AgentState.objects.values_list("ends_at", flat=True)) == {None}
    # The queue's calls, and by no queue the time of agents whose states it ended.
    marked = DirtyDay.objects.values_list("queue__name", flat=True)
    assert set(marked) == {"sales", None}
    taken_back(log)
    assert not Call.objects.exists()


def test_what_a_restart_ended_that_goes_is_over_by_the_next_that_stands():
    site = a_site()
    first = imported(site, CUTS[:1])
    imported(site, ["1543480180|NONE|NONE|NONE|QUEUESTART|"])
    imported(site, [WHOLE[1]])
    assert Call.objects.get().ended_at == AT + 50 * SECOND
    taken_back(first)
    call = Call.objects.get()
    assert (call.ended_at, call.ended_by) == (AT + 80 * SECOND, "restart")
    assert call.outcome == "failed"


def test_a_call_does_not_return_as_cut_off_by_a_restart_that_is_gone():
    site = a_site()
    cut = imported(site, CUTS[:1])
    imported(site, WHOLE[1:4])
    end = imported(site, WHOLE[4:5])  # notes the call as it was: cut off
    taken_back(cut)
    taken_back(end)
    assert (Call.objects.get().ended_at, Call.objects.get().ended_by) == (None, "")


def test_a_pause_that_the_next_one_ended_is_open_again_without_that():
    site = a_site()
    later = imported(site, ["1543480330|NONE|NONE|Agent/1|PAUSE|tea"])
    imported(site, [WHOLE[9]])
    assert set(AgentState.objects.values_list("cut_off", flat=True)) == {True, False}
    taken_back(later)
    assert (AgentState.objects.get().ends_at, AgentState.objects.get().cut_off) == (None, False)


def told_of(site):
    """What the record tells of a site's calls and of what its agents did."""
    columns = ("external_id", "queue__name", "offered_at", "ended_at", "ended_by", "outcome")
    spells = ("agent_name", "state", "starts_at", "ends_at", "cut_off")
    return (
        sorted(Call.objects.filter(site=site).values_list(*columns), key=repr),
        sorted(AgentState.objects.filter(agent__site=site).values_list(*spells), key=repr),
    )


@settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.lists(st.sampled_from(WHOLE), min_size=1, max_size=9), min_size=1, max_size=3),
    st.integers(0, 3),
    st.lists(st.sampled_from(CUTS), min_size=1, unique=True),
)
def test_without_its_cutoffs_the_record_is_as_if_they_had_never_been(pieces, place, cuts):
    site, other = a_site(), a_site()
    for lines in pieces:
        imported(other, lines)
    batches = [imported(site, lines) for lines in pieces[:place]]
    cut = imported(site, cuts)
    batches += [imported(site, lines) for lines in pieces[place:]]
    assume(not undo.blockers(cut))
    taken_back(cut)
    assert told_of(site) == told_of(other)


def test_a_preview_counts_calls_other_rows_and_names():
    site = a_site()
    imported(site, WHOLE[:4])
    seen = undo.preview(imported(site, WHOLE[4:]))
    # c2 and c1's visit to support are new; c1's first visit was completed, and its login.
    assert (seen.made, seen.changed, seen.others, seen.names) == (2, 1, 1, 1)
    assert seen.blockers == []


@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.lists(st.sampled_from([*WHOLE, *CUTS]), min_size=1, max_size=9), min_size=1, max_size=4
    )
)
def test_any_imports_and_the_last_taken_back_leave_the_tables_as_they_were(pieces):
    site = a_site()
    a_queue(site, "sales")
    for lines in pieces[:-1]:
        imported(site, lines)
    before = rows()
    batch = imported(site, pieces[-1])
    # One that told nothing new left nothing: that is looked at here, too.
    if undo.possible(batch):
        taken_back(batch)
    assert rows() == before
    assert not ImportChange.objects.filter(batch=batch).exists()


# What other doors told stays


def told_by_a_post(site, *records, source="", **more):
    return store(
        a_chunk(*records, **more), Target(site, source or f"asterisk_queue_log@{site.slug}")
    )


def c2(**known):
    """The call c2 of WHOLE as a post may tell it."""
    at = datetime.fromtimestamp(1543480200, UTC)
    gone = {"outcome": "abandoned", "wait_ms": 5000, "ended_at": at + 5 * SECOND}
    return a_record(at, external_id="c2", queue="sales") | gone | known


def test_a_call_of_an_import_that_a_post_completed_stays_when_the_import_goes():
    site = a_site()
    batch = imported(site, WHOLE)
    fates = told_by_a_post(site, c2(topic="Bill"))
    assert fates.updated == 1
    taken_back(batch)
    call = Call.objects.get()
    assert (call.external_id, call.topic.name, call.wait_ms) == ("c2", "Bill", 5000)
    assert not ImportChange.objects.exists()


def test_what_a_post_tells_of_a_call_that_an_import_changed_is_not_put_back():
    site = a_site()
    first = imported(site, [WHOLE[5]])
    second = imported(site, WHOLE[5:7])
    told_by_a_post(site, c2(topic="Bill"))
    assert undo.blockers(first) == []  # the call is neither's any more
    for batch in (first, second):
        taken_back(batch)
        call = Call.objects.get()
        assert (call.outcome, call.topic.name) == ("abandoned", "Bill")


def test_a_post_that_tells_nothing_new_holds_nothing():
    site = a_site()
    before = rows("ccm_call")
    batch = imported(site, WHOLE)
    assert told_by_a_post(site, c2()).duplicate == 1
    taken_back(batch)
    assert rows("ccm_call") == before


def test_a_call_with_a_posted_ring_stays_and_what_a_later_import_told_of_it_goes():
    site = a_site()
    first, second = imported(site, [WHOLE[5]]), imported(site, WHOLE[5:7])
    ring = {"call": 0, "agent": "Bob", "ended_ms": 1, "ring_ms": 5, "outcome": "no_answer"}
    told_by_a_post(site, c2(), offers=[ring])
    taken_back(second)
    taken_back(first)
    call = Call.objects.get()
    assert (call.outcome, call.offers.get().agent.name) == ("in_progress", "Bob")


def test_a_spell_that_a_post_ended_stays():
    site = a_site()
    batch = imported(site, WHOLE[:1])
    assert AgentState.objects.get().ends_at is None
    at = datetime.fromtimestamp(1543490000, UTC)
    left = {"agent": "Agent/1", "state": "logged_in", "ends_at": at, "line": 1, "lines": 1}
    told_by_a_post(site, states=[left])
    taken_back(batch)
    assert AgentState.objects.get().ends_at == at


def test_live_events_told_of_a_call_that_was_imported_stay():
    site = a_site()
    batch = imported(site, WHOLE[5:6])
    about = {"call": "c2", "queue": "sales"}
    told = [
        {"id": "e1", "kind": "call.offered", "at": "2018-11-29T08:30:00Z"},
        {"id": "e2", "kind": "call.ended", "at": "2018-11-29T08:30:05Z", "outcome": "abandoned"},
    ]
    source = f"asterisk_queue_log@{site.slug}"
    inbox.put([events.read(one | about, NINE) for one in told], site, source, NINE)
    folding.fold_batch(NINE)
    assert Call.objects.get().outcome == "abandoned"
    taken_back(batch)
    assert Call.objects.get().outcome == "abandoned"


def test_live_events_wait_while_an_import_of_their_site_is_taken_back():
    site, other = a_site(), a_site()
    job = undo.start(imported(site, WHOLE[5:6]))
    for one in (site, other):
        told = {"id": "e", "kind": "call.offered", "at": "2018-11-29T08:30:00Z", "call": "c9"}
        inbox.put([events.read(told | {"queue": "sales"}, NINE)], one, f"pbx@{one.slug}", NINE)
    assert folding.fold_batch(NINE) == 1
    assert [call.site for call in Call.objects.filter(external_id="c9")] == [other]
    undo.run(job.pk)
    assert folding.fold_batch(NINE) == 1
    assert Call.objects.filter(external_id="c9").count() == 2


MOMENTS = st.integers(0, 3).map(lambda second: NINE + second * SECOND)


@st.composite
def chunks(draw):
    """A few records of two calls, two agents and one span, whole or in halves, each anew."""
    records = []
    for external in draw(st.lists(st.sampled_from(["c1", "c2"]), min_size=1, unique=True)):
        answered = draw(st.booleans())
        at = draw(MOMENTS)
        records.append(
            a_record(
                at,
                external_id=external,
                entry_known=draw(st.booleans()),
                outcome="answered" if answered else "abandoned",
                answered_at=at if answered else None,
                agent=draw(st.sampled_from([None, "Ann", "Bob"])),
                topic=draw(st.sampled_from([None, "Bill", "Move"])),
                revision=draw(st.sampled_from([None, 1, 2])),
                transfer_kind=draw(st.sampled_from([None, "blind"])),
                extra=draw(st.sampled_from([None, '{"a": 1}', '{"b": 2.50}'])),
            )
        )
    ring = {
        "call": 0, "agent": "Bob", "ended_ms": draw(st.integers(0, 1)),
        "ring_ms": draw(st.sampled_from([None, 5])), "outcome": "no_answer",
    }  # fmt: skip
    answer = {
        "call": 0, "kind": "csat", "scale_min": 1, "scale_max": 5, "answered_at": NINE,
        "score": float(draw(st.integers(1, 5))),
    }  # fmt: skip
    spell = {
        "line": 1, "lines": 1, "agent": "Ann", "state": "logged_in",
        "starts_at": draw(st.sampled_from([None, NINE])), "ends_at": NINE + 9 * SECOND,
    }  # fmt: skip
    made = a_chunk(*records, offers=[ring], surveys=[answer], states=[spell])
    totals = (1, 1, "Sales", None, NINE, NINE + timedelta(hours=1), draw(st.integers(0, 2)))
    made.counts = frame_of([totals], COUNTS)
    return made


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(chunks(), min_size=1, max_size=2), min_size=1, max_size=3))
def test_any_records_and_the_last_import_taken_back_leave_the_tables_as_they_were(imports):
    site = a_site()
    for number, parts in enumerate(imports, 1):
        before = rows()
        batch = a_batch(site)
        for part in parts:
            fates = store(part, Target(site, f"t@{site.slug}", batch.pk))
            batch.stored += fates.stored
            batch.updated += fates.updated
            batch.read += fates.stored + fates.updated
            batch.save()
        if number == len(imports):
            # One that told nothing new left nothing: that is looked at here, too.
            if undo.possible(batch):
                taken_back(batch)
            assert rows() == before
