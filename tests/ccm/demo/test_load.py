"""The demo centre in the record: what the database holds is what the centre says of itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection

from ccm.access import ROLES
from ccm.demo import LOGINS, load
from ccm.demo.centre import make_centre
from ccm.demo.load import DemoRefused, Wanted
from ccm.demo.truth import truth_of
from ccm.models import (
    Agent,
    AgentState,
    Call,
    CallNote,
    Job,
    Leave,
    Queue,
    Site,
    Team,
    TeamMembership,
    Topic,
    User,
)
from ccm.signals import demo_loaded
from tests.builders import a_site

NOW = datetime(2025, 6, 11, 15, 0, tzinfo=UTC)
SMALL = Wanted(seed=2, days=2, agents=30)

# Every total that `Truth.queue_days` has, in plain SQL over the raw rows.
QUEUE_DAYS = """
WITH c AS (
    SELECT c.*, s.name AS site, q.name AS queue, (c.offered_at AT TIME ZONE s.zone)::date AS day
    FROM ccm_call c JOIN ccm_site s ON s.id = c.site_id JOIN ccm_queue q ON q.id = c.queue_id
    WHERE c.direction = 'inbound'
), o AS (
    SELECT call_id,
        count(*) FILTER (WHERE outcome IN ('no_answer', 'unreachable')) AS missed,
        count(*) FILTER (WHERE outcome = 'unreachable') AS unreachable,
        count(*) FILTER (WHERE outcome = 'declined') AS declined,
        count(*) FILTER (WHERE outcome = 'cancelled') AS cancelled
    FROM ccm_offer GROUP BY call_id
), r AS (
    SELECT call_id,
        count(*) FILTER (WHERE kind = 'csat' AND scale_min = 1 AND scale_max = 5) AS csat_n,
        count(*) FILTER (WHERE kind = 'fcr' AND scale_min = 0 AND scale_max = 1) AS fcr_n,
        count(*) FILTER (WHERE kind = 'nps' AND scale_min = 0 AND scale_max = 10) AS nps_n,
        count(*) FILTER (WHERE kind = 'ces' AND scale_min = 1 AND scale_max = 7) AS ces_n,
        sum(score) FILTER (WHERE kind = 'csat') AS csat_sum,
        sum(score) FILTER (WHERE kind = 'fcr') AS fcr_sum,
        sum(score) FILTER (WHERE kind = 'nps') AS nps_sum,
        sum(score) FILTER (WHERE kind = 'ces') AS ces_sum,
        count(*) FILTER (WHERE kind = 'csat' AND score >= 4) AS csat_top2,
        count(*) FILTER (WHERE kind = 'nps' AND score >= 9) AS nps_promoters,
        count(*) FILTER (WHERE kind = 'nps' AND score <= 6) AS nps_detractors,
        count(*) FILTER (WHERE kind = 'ces' AND score >= 5) AS ces_easy
    FROM ccm_surveyresponse GROUP BY call_id
)
SELECT site, queue, day,
    count(*) FILTER (WHERE outcome <> 'left_ivr') AS offered,
    count(*) FILTER (WHERE outcome = 'answered') AS answered,
    count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
    count(*) FILTER (WHERE outcome = 'timed_out') AS timed_out,
    count(*) FILTER (WHERE outcome = 'key_exit') AS key_exit,
    count(*) FILTER (WHERE outcome = 'callback_requested') AS callback_requested,
    count(*) FILTER (WHERE outcome = 'in_progress') AS in_progress,
    count(*) FILTER (WHERE outcome IN ('voicemail', 'failed', 'other')) AS other,
    count(*) FILTER (WHERE outcome = 'left_ivr') AS left_ivr,
    count(*) FILTER (WHERE outcome = 'answered' AND wait_ms <= 20000) AS answered_in_20,
    coalesce(sum(wait_ms) FILTER (WHERE outcome = 'answered'), 0) AS wait_ms,
    coalesce(sum(talk_ms), 0) AS talk_ms,
    coalesce(sum(hold_ms), 0) AS hold_ms,
    coalesce(sum(acw_ms), 0) AS acw_ms,
    count(*) FILTER (WHERE resolved) AS resolved,
    count(*) FILTER (WHERE resolved IS NOT NULL) AS resolved_known,
    coalesce(sum(o.missed), 0) AS ring_no_answer,
    coalesce(sum(o.unreachable), 0) AS unreachable,
    coalesce(sum(o.declined), 0) AS declined,
    coalesce(sum(o.cancelled), 0) AS cancelled,
    coalesce(sum(r.csat_n), 0) AS csat_n,
    coalesce(sum(r.fcr_n), 0) AS fcr_n,
    coalesce(sum(r.nps_n), 0) AS nps_n,
    coalesce(sum(r.ces_n), 0) AS ces_n,
    coalesce(sum(r.csat_sum), 0) AS csat_sum,
    coalesce(sum(r.fcr_sum), 0) AS fcr_sum,
    coalesce(sum(r.nps_sum), 0) AS nps_sum,
    coalesce(sum(r.ces_sum), 0) AS ces_sum,
    coalesce(sum(r.csat_top2), 0) AS csat_top2,
    coalesce(sum(r.nps_promoters), 0) AS nps_promoters,
    coalesce(sum(r.nps_detractors), 0) AS nps_detractors,
    coalesce(sum(r.ces_easy), 0) AS ces_easy
FROM c LEFT JOIN o ON o.call_id = c.id LEFT JOIN r ON r.call_id = c.id
GROUP BY site, queue, day ORDER BY site, queue, day
"""
CONTACTS = """
SELECT s.name, count(DISTINCT c.linked_id) FROM ccm_call c JOIN ccm_site s ON s.id = c.site_id
WHERE c.outcome <> 'left_ivr' AND c.direction = 'inbound' GROUP BY s.name
"""
AGENTS = """
SELECT s.name, a.raw_name, count(*), sum(coalesce(c.talk_ms, 0))
FROM ccm_call c JOIN ccm_site s ON s.id = c.site_id
JOIN ccm_agentalias a ON a.agent_id = c.agent_id AND a.source = 'demo'
WHERE c.outcome = 'answered' AND c.direction = 'inbound' GROUP BY 1, 2
"""
DIALS = """
SELECT s.name, q.name, a.raw_name, count(*), count(*) FILTER (WHERE c.outcome = 'answered'),
    sum(coalesce(c.talk_ms, 0))
FROM ccm_call c JOIN ccm_site s ON s.id = c.site_id JOIN ccm_queue q ON q.id = c.queue_id
JOIN ccm_agentalias a ON a.agent_id = c.agent_id AND a.source = 'demo'
WHERE c.direction = 'outbound' GROUP BY 1, 2, 3
"""
EVERYTHING = """
SELECT (SELECT md5(string_agg(c::text, '|' ORDER BY c.id)) FROM ccm_call c),
       (SELECT md5(string_agg(o::text, '|' ORDER BY o.id)) FROM ccm_offer o),
       (SELECT md5(string_agg(s::text, '|' ORDER BY s.id)) FROM ccm_agentstate s),
       (SELECT md5(string_agg(r::text, '|' ORDER BY r.id)) FROM ccm_surveyresponse r),
       (SELECT md5(string_agg(a::text, '|' ORDER BY a.id)) FROM ccm_agent a),
       (SELECT md5(string_agg(u::text, '|' ORDER BY u.id)) FROM ccm_user u),
       (SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM ccm_teammembership t)
"""


def asked(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def the_truth():
    return truth_of(make_centre(SMALL.seed, SMALL.days, SMALL.agents, NOW.date(), NOW))


def assert_true(truth):
    expected = sorted(truth.queue_days.rows())
    found = sorted(tuple(row) for row in asked(QUEUE_DAYS))
    assert len(found) == len(expected) > 10
    for one, other in zip(found, expected, strict=True):
        assert one == other
    assert dict(asked(CONTACTS)) == truth.contacts
    assert sorted(asked(AGENTS)) == sorted(truth.agents.rows())
    assert sorted(asked(DIALS)) == sorted(truth.dials.rows())
    assert len(truth.dials) > 3


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def loaded(db):
    return load.load(SMALL, NOW)


def test_the_record_holds_what_the_centre_did(loaded):
    assert loaded.new
    assert loaded.calls == Call.objects.count()
    assert_true(the_truth())


def test_every_name_in_the_log_was_known(loaded):
    assert Agent.objects.count() == 30
    for model in (Agent, Queue, Topic):
        assert not model.objects.filter(is_new=True).exists()
    assert Site.objects.count() == 3
    assert set(Queue.objects.values_list("name", flat=True)) == {
        "Billing", "Claims", "Roadside", "Español", "Ventas", "Technical", "Policy changes",
        "Renewals",
    }  # fmt: skip


def test_payroll_knows_everybody_by_an_id_of_their_own(loaded):
    known = [*Agent.objects.values_list("employee_id", flat=True)]
    assert all(known)
    assert len({*known}) == len(known) >= SMALL.agents
    # By the extension: the first is 1001.
    assert "E1001" in known


def test_nobody_is_left_logged_in_and_spells_have_both_ends(loaded):
    assert AgentState.objects.filter(state="logged_in").exists()
    assert AgentState.objects.filter(state="paused", reason="Lunch").exists()
    assert not AgentState.objects.filter(ends_at=None).exists()
    assert not AgentState.objects.filter(ends_at__gt=NOW).exists()


def test_absences_are_no_days_at_work_and_promises_are_kept_late_or_never(loaded):
    spells = list(Leave.objects.values_list("agent", "kind", "first_on", "last_on"))
    assert {kind for _agent, kind, *_days in spells} == {"Holiday", "Sickness"}
    assert all(last - first < timedelta(days=7) for _agent, _kind, first, last in spells)
    assert max(first for *_, first, _last in spells) > NOW.date()  # a holiday to come
    # No call of a day away; nights reach into the next morning.
    worked = set(
        Call.objects.exclude(agent=None)
        .exclude(queue__name="Roadside")
        .values_list("agent", "offered_at__date")
    )
    for agent, _kind, first, last in spells:
        away = {first + timedelta(days=n) for n in range((last - first).days + 1)}
        assert not away & {day for one, day in worked if one == agent}
    notes = CallNote.objects.filter(author__username="agent")
    assert notes.count() == notes.exclude(callback_due_at=None).count() > 0
    assert {note.call.agent for note in notes} == {User.objects.get(username="agent").agent}


def test_everyone_is_in_a_team_with_a_leader(loaded):
    now = TeamMembership.objects.filter(ends_on=None)
    left = Agent.objects.exclude(left_on=None).count()
    assert now.values("agent").distinct().count() == Agent.objects.count() - left
    assert not Team.objects.filter(leads=None).exists()


def test_who_left_is_in_the_team_until_the_end_of_the_last_night():
    """Nobody works on the day that they left, but the night before it ends then."""
    crew = make_centre(seed=2, days=2, agents=30, today=NOW.date(), now=NOW).crew
    person = crew.people[0]
    gone = replace(person, moved_on=None, left_on=date(2025, 6, 1))
    stays = list(load._memberships(gone))
    assert stays == [(person.team, person.hired_on, date(2025, 6, 2))]


def test_the_same_again_changes_nothing(loaded):
    before = asked(EVERYTHING)
    again = load.load(SMALL, datetime(2025, 6, 13, 9, tzinfo=UTC))
    assert not again.new
    assert again.now == NOW
    assert asked(EVERYTHING) == before


def test_a_load_cut_off_half_way_is_finished_by_the_next(db, monkeypatch):
    stored = load.store
    written = []

    def breaks_off(chunk, target):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(target.site.slug)
        return stored(chunk, target)

    monkeypatch.setattr(load, "store", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        load.load(SMALL, NOW)
    # A killed process leaves its job as it was.
    Job.objects.update(state=Job.State.RUNNING, finished_at=None)
    monkeypatch.setattr(load, "store", stored)
    load.load(SMALL, datetime(2025, 6, 11, 15, 30, tzinfo=UTC))
    assert_true(the_truth())


@pytest.mark.parametrize("other", [Wanted(3, 2, 30), Wanted(2, 4, 30), Wanted(2, 2, 31)])
def test_another_demo_in_the_same_record_is_refused(loaded, other):
    with pytest.raises(DemoRefused, match="seed 2 with 2 days and 30 agents"):
        load.load(other, NOW)


def test_a_site_of_ones_own_by_that_name_is_left_alone(db):
    Site.objects.create(name="Leeds", slug="leeds", zone="Europe/London")
    with pytest.raises(DemoRefused):
        load.load(SMALL, NOW)
    assert not Call.objects.exists()


def test_a_record_with_other_sites_may_have_the_demo_beside(db):
    a_site("Own centre")
    assert load.load(Wanted(1, 1, 24), NOW).new


@pytest.mark.parametrize("host", ["*", "calls.example.com", "10.0.0.7", "[::]"])
def test_a_server_that_strangers_reach_gets_no_demo(db, settings, host):
    settings.ALLOWED_HOSTS = ["localhost", host]
    with pytest.raises(DemoRefused, match="CCM_ALLOWED_HOSTS"):
        load.load(SMALL, NOW)
    assert not User.objects.exists()


def test_a_house_that_cannot_be_leaves_nothing_behind(db):
    with pytest.raises(DemoRefused, match="24 to"):
        load.load(Wanted(1, 1, 5), NOW)
    assert not Site.objects.exists()
    # And the next, better asked for, is made.
    assert load.load(Wanted(1, 1, 24), NOW).new


def test_one_login_a_role_opens_the_door(loaded):
    assert [login.role for login in LOGINS] == list(ROLES)
    for role, username, password in LOGINS:
        user = authenticate(username=username, password=password)
        assert user is not None, username
        assert role in user.groups.values_list("name", flat=True)
        assert user.get_full_name() != username
    agent = User.objects.get(username="agent").agent
    supervisor = User.objects.get(username="supervisor")
    assert agent.memberships.filter(team__leads__supervisor=supervisor).exists()


def test_passwords_are_of_this_installation_alone(settings):
    before = [login.password for login in load.logins.one_a_role()]
    settings.SECRET_KEY = "another installation"
    after = [login.password for login in load.logins.one_a_role()]
    assert set(before).isdisjoint(after)
    assert len(set(before)) == len(ROLES)


def test_leaders_of_teams_cannot_sign_in(loaded):
    named = {login.username for login in LOGINS}
    others = User.objects.exclude(username__in=named)
    assert others.exists()
    assert not any(user.has_usable_password() for user in others)


def test_apps_above_are_told_once_the_calls_are_there(db):
    told = []

    def listen(**_):
        told.append(Call.objects.count())

    demo_loaded.connect(listen)
    try:
        first = load.load(Wanted(1, 1, 24), NOW)
        load.load(Wanted(1, 1, 24), NOW)
    finally:
        demo_loaded.disconnect(listen)
    assert told == [first.calls]
    assert {site.slug for site in first.sites} == {"leeds", "bogota", "pune"}


def test_the_command_says_what_it_did(db, no_worker, capsys):
    call_command("demo", "--seed", "1", "--days", "1", "--agents", "24")
    said = capsys.readouterr().out
    assert "3 sites" in said
    assert all(login.password in said for login in LOGINS)
    call_command("demo", "--seed", "1", "--days", "1", "--agents", "24")
    assert "already there" in capsys.readouterr().out
    with pytest.raises(CommandError) as refused:
        call_command("demo", "--seed", "9", "--days", "1", "--agents", "24")
    assert refused.value.returncode == 2


def test_the_days_are_the_last_with_today(loaded):
    first = asked("SELECT min((offered_at AT TIME ZONE 'Asia/Kolkata')::date) FROM ccm_call")
    assert first == [(date(2025, 6, 10),)]
