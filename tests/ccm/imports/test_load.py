"""Records become rows once, whatever order and however often they come."""

import io
from datetime import date, timedelta
from itertools import permutations

import pytest

from ccm.imports import run
from ccm.imports.records import COUNTS, frame_of
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Fates, Target
from ccm.models import (
    Agent,
    AgentState,
    Call,
    DirtyDay,
    IntervalCount,
    Offer,
    Queue,
    Site,
    SurveyResponse,
)
from tests.builders import NINE, a_chunk, a_record, a_site, stored

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def entered(**more):
    return a_record(lines=1, **more)


def answered(**more):
    """The visit of `entered`, answered by Ann after 10 s and ended after 60 s of talk."""
    return a_record(
        **{
            "lines": 3,
            "agent": "Ann",
            "answered_at": NINE + 10 * SECOND,
            "ended_at": NINE + 70 * SECOND,
            "wait_ms": 10_000,
            "talk_ms": 60_000,
            "outcome": "answered",
        }
        | more
    )


def test_a_call_read_twice_is_one_row_and_the_second_reading_changes_nothing():
    site = a_site()
    assert stored(site, answered()) == Fates(stored=3)
    before = Call.objects.values().get()
    assert stored(site, answered()) == Fates(duplicate=3)
    assert Call.objects.values().get() == before


def test_names_unknown_to_the_record_are_made_and_flagged_as_new():
    stored(a_site(), answered())
    assert Queue.objects.get(name="Sales").is_new
    assert Agent.objects.get(name="Ann").is_new


def test_one_extension_under_two_channel_names_is_guessed_to_be_one_agent():
    site = a_site()
    stored(site, answered(agent="Agent/1127"))
    stored(site, answered(external_id="c2", agent="Local/1127@callback-agent"))
    names = Agent.objects.get().aliases.values_list("raw_name", "confirmed")
    # Only the second is a guess: the first is the name the agent was made with.
    assert list(names) == [("Agent/1127", True), ("Local/1127@callback-agent", False)]


def test_a_call_cut_by_a_files_edge_is_completed_by_the_next_file():
    site = a_site()
    assert stored(site, entered()) == Fates(stored=1)
    # The next file begins with the answer: its entry is reckoned back, a second off.
    half = answered(entry_known=False, birth_ms=None, offered_at=NINE + SECOND)
    half["birth_ms"] = answered()["birth_ms"] + 1000
    assert stored(site, half) == Fates(updated=3)
    call = Call.objects.get()
    assert (call.offered_at, call.outcome, call.wait_ms, call.talk_ms) == (
        NINE,
        "answered",
        10_000,
        60_000,
    )


def test_the_halves_of_a_call_may_come_in_the_other_order():
    site = a_site()
    half = answered(entry_known=False, offered_at=NINE + SECOND)
    half["birth_ms"] += 1000
    stored(site, half)
    assert not Call.objects.get().entry_known
    assert stored(site, entered()) == Fates(updated=1)
    call = Call.objects.get()
    assert call.entry_known
    assert (call.offered_at, call.outcome, call.talk_ms) == (NINE, "answered", 60_000)


def test_a_row_made_of_a_half_is_found_again_by_the_whole_log():
    """The row keeps the id its half was given; the entry alone would make another."""
    site = a_site()
    later = NINE + 40 * SECOND
    half = a_record(later, entry_known=False, outcome="answered", answered_at=later, talk_ms=1000)
    whole = a_record(NINE, outcome="answered", answered_at=later, talk_ms=1000)
    stored(site, half)
    stored(site, a_record(NINE))
    assert stored(site, whole) == Fates(duplicate=1)
    assert Call.objects.count() == 1


def test_an_older_and_poorer_log_takes_nothing_away():
    site = a_site()
    stored(site, answered())
    assert stored(site, entered()) == Fates(duplicate=1)
    assert Call.objects.get().outcome == "answered"


def test_a_second_visit_of_the_same_contact_on_the_same_queue_is_a_second_row():
    site = a_site()
    later = NINE + timedelta(minutes=5)
    stored(site, entered(outcome="timed_out", ended_at=NINE + timedelta(minutes=4)))
    stored(site, a_record(later, outcome="abandoned", ended_at=later + 9 * SECOND))
    assert sorted(Call.objects.values_list("outcome", flat=True)) == ["abandoned", "timed_out"]


def test_two_halves_in_one_chunk_complete_the_row_that_is_there():
    site = a_site()
    stored(site, entered())
    connected = answered(
        entry_known=False, talk_ms=None, ended_at=None, lines=1, offered_at=NINE + SECOND
    )
    connected["birth_ms"] += 1000
    ended = answered(entry_known=False, lines=2, wait_ms=None, offered_at=NINE + 2 * SECOND)
    ended["birth_ms"] += 2000
    assert stored(site, connected, ended) == Fates(updated=3)
    call = Call.objects.get()
    assert (call.offered_at, call.wait_ms, call.talk_ms) == (NINE, 10_000, 60_000)


def test_the_half_that_saw_the_ring_knows_the_wait():
    """The end of a call repeats its wait a second off; the moment of the answer was there."""
    connected = answered(ring_ms=4000, talk_ms=None, ended_at=None, lines=1)
    completed = answered(entry_known=False, wait_ms=11_000, answered_at=NINE + 11 * SECOND, lines=1)
    for first, second in ((connected, completed), (completed, connected)):
        site = a_site()
        source = f"switch-{site.pk}"
        stored(site, first, source=source)
        stored(site, second, source=source)
        call = Call.objects.get(source=source)
        assert (call.wait_ms, call.answered_at) == (10_000, NINE + 10 * SECOND)
        assert call.talk_ms == 60_000


def test_an_open_call_has_no_talk_time_rather_than_none_at_all():
    stored(a_site(), answered(ended_at=None, talk_ms=None))
    assert Call.objects.get().talk_ms is None


def test_a_corrected_zone_moves_the_times_of_the_same_row():
    site = a_site()
    stored(site, answered())
    hour = timedelta(hours=1)
    moved = answered(
        offered_at=NINE - hour,
        answered_at=NINE - hour + 10 * SECOND,
        ended_at=NINE - hour + 70 * SECOND,
    )
    assert stored(site, moved) == Fates(updated=3)
    assert Call.objects.get().offered_at == NINE - hour


def test_the_days_a_call_left_and_came_to_are_both_marked_dirty():
    site = a_site()
    stored(site, answered())
    DirtyDay.objects.all().delete()
    day = timedelta(days=1)
    stored(site, answered(offered_at=NINE - day, answered_at=NINE - day, ended_at=NINE))
    assert set(DirtyDay.objects.values_list("day", flat=True)) == {
        date(2026, 3, 1),
        date(2026, 3, 2),
    }


def test_what_changes_nothing_marks_nothing():
    site = a_site()
    stored(site, answered())
    DirtyDay.objects.all().delete()
    stored(site, answered())
    assert not DirtyDay.objects.exists()


def test_a_ring_that_comes_later_updates_its_call_and_comes_once():
    site = a_site()
    ring = {"call": 0, "agent": "Bob", "ended_ms": 5, "ring_ms": 9000, "outcome": "no_answer"}
    stored(site, answered())
    assert stored(site, answered(), offers=[ring]) == Fates(updated=3)
    assert stored(site, answered(), offers=[ring]) == Fates(duplicate=3)
    assert Offer.objects.get().call == Call.objects.get()


def test_a_corrected_answer_to_a_survey_replaces_the_first():
    site = a_site()
    survey = {
        "call": 0,
        "kind": "csat",
        "scale_min": 1,
        "scale_max": 5,
        "score": 2.0,
        "answered_at": NINE,
    }
    stored(site, answered(), surveys=[survey])
    stored(site, answered(), surveys=[survey | {"score": 4.0}])
    assert SurveyResponse.objects.get().score == 4.0


def test_sessions_cut_by_a_files_edge_are_joined_in_either_order():
    login = {"line": 1, "lines": 1, "agent": "Ann", "state": "logged_in", "starts_at": NINE}
    logout = {
        "line": 9,
        "lines": 1,
        "agent": "Ann",
        "state": "logged_in",
        "ends_at": NINE + 8 * 3600 * SECOND,
    }
    for first, second in ((login, logout), (logout, login)):
        site = a_site()
        source = f"switch-{site.pk}"
        assert stored(site, states=[first], source=source) == Fates(stored=1)
        assert stored(site, states=[second], source=source) == Fates(updated=1)
        assert stored(site, states=[first, second], source=source) == Fates(duplicate=2)
        spell = AgentState.objects.get(source=source)
        assert spell.ends_at - spell.starts_at == timedelta(hours=8)


def test_a_session_reckoned_back_from_its_logout_closes_the_login_a_second_off():
    site = a_site()
    login = {"line": 1, "lines": 1, "agent": "Ann", "state": "logged_in", "starts_at": NINE}
    whole = login | {"starts_at": NINE + SECOND, "ends_at": NINE + 3600 * SECOND}
    stored(site, states=[login])
    assert stored(site, states=[whole]) == Fates(updated=1)
    spell = AgentState.objects.get()
    assert (spell.starts_at, spell.ends_at) == (NINE, NINE + 3600 * SECOND)


def test_halves_of_a_session_within_one_file_are_one_spell():
    site = a_site()
    login = {"line": 1, "lines": 1, "agent": "Ann", "state": "logged_in", "starts_at": NINE}
    until = NINE + 3600 * SECOND
    logout = login | {"line": 2, "starts_at": None, "ends_at": until}
    assert stored(site, states=[login, logout]) == Fates(stored=2)
    spell = AgentState.objects.get()
    assert (spell.starts_at, spell.ends_at) == (NINE, until)


def test_two_spells_that_are_both_whole_are_two_however_near_they_begin():
    site = a_site()
    one = {"line": 1, "lines": 1, "agent": "Ann", "state": "paused", "starts_at": NINE,
           "ends_at": NINE + SECOND}  # fmt: skip
    other = one | {"line": 2, "starts_at": NINE + SECOND, "ends_at": NINE + 60 * SECOND}
    stored(site, states=[one])
    assert stored(site, states=[other]) == Fates(stored=1)
    assert AgentState.objects.count() == 2


@pytest.mark.parametrize(
    ("day_begins", "precision", "hour"), [(4, "day", 4), (0, "day", 0), (4, "second", 0)]
)
def test_a_call_that_tells_its_day_alone_lies_where_the_sites_day_begins(
    day_begins, precision, hour
):
    site = a_site()
    Site.objects.filter(pk=site.pk).update(day_begins=day_begins)
    site.refresh_from_db()
    midnight = NINE.replace(hour=0)
    stored(site, a_record(midnight, time_precision=precision))
    assert Call.objects.get().offered_at == midnight + timedelta(hours=hour)


def test_callers_are_kept_as_a_hash_and_a_mask_never_as_a_number():
    stored(
        a_site(),
        answered(caller="+1 (323) 555-0171"),
        answered(external_id="2", caller="13235550171"),
    )
    one, two = Call.objects.all()
    assert one.caller_hash == two.caller_hash != ""
    assert one.caller_masked == "•••171"
    assert "3235550171" not in str(Call.objects.values().first())


def test_two_sources_with_the_same_call_id_keep_two_calls():
    site = a_site()
    stored(site, answered(), source="one")
    stored(site, answered(), source="two")
    assert Call.objects.count() == 2


# One contact times out of a queue after 10 s, and enters it again a second later.
TWICE_ON_ONE_QUEUE = (
    """1543480286|c|q1|NONE|ENTERQUEUE||5|1
1543480297|c|q1|NONE|EXITWITHTIMEOUT|1|1|10
""",
    "1543480298|c|q1|NONE|ENTERQUEUE||5|1\n",
    """1543480318|c|q1|Agent/2|CONNECT|20|x|3
1543480342|c|q1|Agent/2|COMPLETEAGENT|20|23|1
""",
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_visits_of_one_call_stay_two_in_whatever_order_their_pieces_come(order):
    site = a_site()
    for one in order:
        log = io.BytesIO(TWICE_ON_ONE_QUEUE[one].encode())
        batch = run.start([("queue_log", log)], form="asterisk_queue_log", site=site)
        run.run(batch.job_id)
    found = Call.objects.order_by("offered_at").values_list("outcome", "wait_ms", "agent__name")
    assert list(found) == [("timed_out", 10_000, None), ("answered", 20_000, "Agent/2")]


def test_a_ring_known_already_does_not_stop_a_call_told_with_another_beginning():
    site = a_site()
    ring = {"call": 0, "agent": "Ann", "ended_ms": 1_772_442_010_000, "outcome": "answered"}
    stored(site, answered(), offers=[ring])
    later = answered(
        birth_ms=a_record()["birth_ms"] + 1000, offered_at=NINE + SECOND, wait_ms=9_000
    )
    stored(site, later, offers=[ring])
    assert Call.objects.count() == 2
    assert Offer.objects.count() == 1


def test_an_answer_that_outlived_its_call_does_not_stop_the_call_from_coming_again():
    site = a_site()
    answer = {
        "call": 0, "kind": "csat", "scale_min": 1, "scale_max": 5, "score": 4.0,
        "answered_at": NINE + 80 * SECOND,
    }  # fmt: skip
    stored(site, answered(), surveys=[answer])
    Call.objects.all().delete()
    assert SurveyResponse.objects.count() == 1
    stored(site, answered(), surveys=[answer])
    assert (Call.objects.count(), SurveyResponse.objects.count()) == (1, 1)


def test_a_figure_of_a_span_that_is_not_told_again_stays_known():
    site = a_site()
    hour = (NINE, NINE + timedelta(hours=1))

    def told(**figures):
        chunk = a_chunk()
        span = {"line": 1, "lines": 1, "queue": "Sales", "starts_at": hour[0], "ends_at": hour[1]}
        row = span | figures
        chunk.counts = frame_of([[row.get(name) for name in COUNTS]], COUNTS)
        return store(chunk, Target(site, "totals"))

    assert told(offered=10, answered=8) == Fates(stored=1)
    assert told(offered=11) == Fates(updated=1)
    assert told(answered=8) == Fates(duplicate=1)
    count = IntervalCount.objects.get()
    assert (count.offered, count.answered) == (11, 8)
