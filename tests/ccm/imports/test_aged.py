"""What comes of days that retention has closed is left out, and told."""

from datetime import timedelta

import pytest

from ccm import identity
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Target
from ccm.models import AgentState, Call, Offer, Site, SurveyResponse
from tests.builders import NINE, a_chunk, a_record, a_site

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def site():
    made = a_site("Leeds", "Europe/London")
    Site.objects.filter(pk=made.pk).update(counts_closed_before=NINE.date())
    made.refresh_from_db()
    return made


def put(site, *records, by_record=False, **more):
    return store(a_chunk(*records, **more), Target(site, "test", by_record=by_record))


def told(fates):
    return [(one.line, one.rule, one.count) for one in fates.issues]


def a_state(line, starts, ends):
    return {"line": line, "lines": 1, "agent": "Ann", "state": "paused", "reason": "Tea",
            "starts_at": starts, "ends_at": ends}  # fmt: skip


def an_answer(line, at, **more):
    return {"line": line, "kind": "csat", "scale_min": 1, "scale_max": 5, "score": 4.0,
            "answered_at": at, "queue": "Sales", "external_id": f"a{line}",
            "birth_ms": identity.milliseconds(at), **more}  # fmt: skip


def test_of_a_chunk_the_calls_of_closed_days_go_and_the_others_keep_their_rings(site):
    ring = {"agent": "Ann", "outcome": "answered", "starts_at": NINE, "ended_ms": 7}
    fates = put(
        site,
        a_record(NINE - DAY, external_id="old", line=1),
        a_record(NINE, external_id="new", line=2),
        offers=[{"call": 0, **ring}, {"call": 1, **ring}],
    )
    assert (fates.stored, fates.ignored, told(fates)) == (1, 1, [(1, "closed", 1)])
    assert Call.objects.get().external_id == "new"
    assert Offer.objects.get().call.external_id == "new"
    fates = put(site, a_record(NINE - DAY, external_id="old"))
    assert (fates.stored, fates.ignored) == (0, 1)


def test_a_spell_is_of_the_day_it_ended_or_else_began(site):
    midnight = NINE - 9 * HOUR
    fates = put(
        site,
        states=[
            a_state(1, midnight - 2 * HOUR, midnight - HOUR),
            a_state(2, midnight - HOUR, midnight + HOUR),
            a_state(3, midnight - 3 * HOUR, None),
        ],
    )
    assert (fates.stored, fates.ignored, told(fates)) == (1, 2, [(1, "closed", 2)])
    assert AgentState.objects.get().ends_at == midnight + HOUR


def test_an_answer_without_a_call_is_of_its_own_day(site):
    fates = put(site, surveys=[an_answer(1, NINE - DAY, lines=1), an_answer(2, NINE, lines=1)])
    assert (fates.stored, fates.ignored, told(fates)) == (1, 1, [(1, "closed", 1)])
    assert SurveyResponse.objects.get().answered_at == NINE


def test_nothing_is_said_where_all_is_of_open_days(site):
    state = a_state(2, NINE, NINE + HOUR)
    fates = put(site, a_record(NINE), states=[state])
    assert (fates.stored, fates.ignored, fates.issues) == (2, 0, [])


def test_who_posts_hears_it_of_each_record(site):
    fates = put(site, a_record(NINE - DAY, line=7), by_record=True)
    assert fates.each[7].fate == "rejected"
    assert "retention has closed these days" in fates.each[7].why
