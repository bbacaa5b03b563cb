"""A large centre straight into the record: as many calls as it takes, without reading a log.

Made in the database, so that ten million calls with their rings, answers and agents' states are
there in minutes. The same seed makes the same centre.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from benchmarks import rows
from ccm import partitions
from ccm.intervals import days
from ccm.models import Agent, Queue, Site, Topic

FIRST = date(2026, 1, 1)
DAYS, QUEUES, AGENTS, CALLERS = 180, 40, 800, 1_500_000
SOURCE = "bench"
_MS = "interval '1 ms'"


def site(queues: int = QUEUES) -> Site:
    """An empty record with a site of some queues and `AGENTS` agents."""
    rows.empty()
    made = Site.objects.create(name="Bench", slug="bench", zone="UTC")
    Queue.objects.bulk_create(
        Queue(site=made, name=f"Queue {number:02}", channel="voice") for number in range(queues)
    )
    for name in rows.TOPICS:
        Topic.objects.get_or_create(name=name)
    Agent.objects.bulk_create(
        Agent(site=made, name=f"Agent {number:03}") for number in range(AGENTS)
    )
    return made


def fill(made: Site, first: date, last: date, a_day: int) -> None:
    """`a_day` calls on each day, from 6 to 22 h, most of them about noon; a fifth gave up."""
    partitions.ensure_months({one.replace(day=1) for one in days(first, last)})
    for number, day in enumerate(days(first, last)):
        values = {
            "site": made.pk,
            "queue": _ids(Queue.objects.filter(site=made)),
            "agent": _ids(Agent.objects.filter(site=made)),
            "topic": _ids(Topic.objects.all()),
            "day": datetime.combine(day, time(6), UTC),
            "n": a_day,
            "callers": CALLERS,
            "seed": (number % 100) / 100,
            "name": f"{made.slug}-{day:%y%m%d}-",
            "source": SOURCE,
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT setseed(%(seed)s)", values)
            cursor.execute(_CALLS, values)
            cursor.execute(_OFFERS, values)
            cursor.execute(_ANSWERS, values)
            cursor.execute(_STATES, values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def last_day(of_days: int = DAYS) -> date:
    return FIRST + timedelta(days=of_days - 1)


def _ids(found: QuerySet[Queue] | QuerySet[Agent] | QuerySet[Topic]) -> list[int]:
    return list(found.order_by("pk").values_list("pk", flat=True))


def _id(at: str, key: str) -> str:
    """An id of the shape of `ccm.identity`: milliseconds, then what a hash made of `key`."""
    ms = f"lpad(to_hex((extract(epoch FROM {at}) * 1000)::bigint), 12, '0')"
    return f"({ms} || '7' || substr(md5({key}), 1, 3) || 'a' || substr(md5({key}), 4, 15))::uuid"


def _one_of(ids: str) -> str:
    return f"(%({ids})s::bigint[])[1 + floor(random() * cardinality(%({ids})s::bigint[]))::integer]"


# An agent mostly serves the queue of the own number, and one call in five any other.
_CALLS = f"""
    CREATE TEMP TABLE drawn ON COMMIT DROP AS
    SELECT {_id("at", "name")} AS id, *, CASE WHEN random() < 0.8
        THEN (%(queue)s::bigint[])[1 + (agent %% cardinality(%(queue)s::bigint[]))::integer]
        ELSE {_one_of("queue")} END AS queue
    FROM (
        SELECT %(name)s || n AS name, {_one_of("agent")} AS agent, {_one_of("topic")} AS topic,
            date_trunc('milliseconds', %(day)s + interval '16 h' * (random() + random()) / 2) AS at,
            random() < 0.8 AS answered, (-22000 * ln(1 - random()))::integer AS wait,
            (-140000 * ln((1 - random()) * (1 - random())))::integer AS talk,
            (random() * 60000)::integer AS acw, random() AS luck,
            floor(random() * %(callers)s)::integer AS caller
        FROM generate_series(1, %(n)s) AS n
    ) AS raw;
    INSERT INTO ccm_call (
        id, source, external_id, linked_id, site_id, queue_id, agent_id, agent_name, topic_id,
        channel, direction, caller_hash, caller_masked, offered_at, answered_at, ended_at,
        wrapup_ended_at, time_precision, entry_known, from_half, wait_ms, talk_ms, hold_ms, acw_ms,
        outcome, ended_by, transfer_kind, transfer_target, resolved, recording, transcript
    )
    SELECT id, %(source)s, name, name, %(site)s, queue, CASE WHEN answered THEN agent END, '',
        topic, 'voice', CASE WHEN luck < 0.05 THEN 'outbound' ELSE 'inbound' END,
        md5(caller::text), '', at,
        CASE WHEN answered THEN at + wait * {_MS} END,
        at + (wait + CASE WHEN answered THEN talk ELSE 0 END) * {_MS},
        CASE WHEN answered THEN at + (wait + talk + acw) * {_MS} END,
        'ms', true, false, wait, CASE WHEN answered THEN talk END, CASE WHEN answered THEN 0 END,
        CASE WHEN answered THEN acw END,
        CASE WHEN answered THEN 'answered' ELSE 'abandoned' END, '',
        CASE WHEN answered AND luck > 0.95 THEN 'blind' ELSE '' END, '',
        CASE WHEN answered THEN luck < 0.85 END, '', ''
    FROM drawn
"""
_OFFERS = f"""
    INSERT INTO ccm_offer (id, call_id, agent_id, agent_name, starts_at, ring_ms, outcome)
    SELECT {_id("at", "name || 'o'")}, id, agent, '', at + GREATEST(wait - 4000, 0) * {_MS},
        LEAST(wait, 4000), 'answered' FROM drawn WHERE answered
    UNION ALL
    SELECT {_id("at", "name || 'm'")}, id, {_one_of("agent")}, '', at, 15000, 'no_answer'
    FROM drawn WHERE luck < 0.07
"""
_ANSWERS = f"""
    INSERT INTO ccm_surveyresponse (
        id, source, call_id, call_ref, site_id, queue_id, agent_id, agent_name, kind, scale_min,
        scale_max, score, comment, answered_at
    )
    SELECT {_id("at", "name || 's'")}, %(source)s, id, '', %(site)s, queue, agent, '', 'csat', 1, 5,
        1 + floor(5 * sqrt(random())), '', at + interval '30 min'
    FROM drawn WHERE answered AND luck BETWEEN 0.3 AND 0.38
"""
# A shift of eight hours, three shifts a day, with two pauses.
_STATES = """
    INSERT INTO ccm_agentstate (
        agent_id, source, agent_name, state, reason, starts_at, ends_at, cut_off
    )
    SELECT agent, %(source)s, agent::text, state, reason, shift + begins, shift + ends, false
    FROM (
        SELECT agent, %(day)s + (agent %% 3) * interval '4 h' AS shift
        FROM unnest(%(agent)s::bigint[]) AS agent
    ) AS shifts, (VALUES
        ('logged_in', '', interval '0 h', interval '8 h'),
        ('available', '', interval '0 h', interval '2 h'),
        ('paused', 'Coffee', interval '2 h', interval '2 h 15 min'),
        ('available', '', interval '2 h 15 min', interval '5 h'),
        ('paused', 'Lunch', interval '5 h', interval '5 h 30 min'),
        ('available', '', interval '5 h 30 min', interval '8 h')
    ) AS spells(state, reason, begins, ends)
"""
