"""The record and the picture of now are the same in whatever order, batches and doubles events
come, and whichever of them come late. What now must be is reckoned here from the events alone.
"""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import F

from ccm.live import events, folding, inbox
from ccm.live.now import Floor, floors
from ccm.models import AgentState, Call, LiveEvent, Offer, Queue, RawEvent, SurveyResponse
from tests.builders import a_site
from tests.ccm.live.words import at, posted

pytestmark = pytest.mark.django_db
QUEUES, AGENTS = ("Sales", "Technical", "Billing"), ("Ann", "Bob", "Cyd", "Dot", "Eve")
HOURS = 3 * 3600
# More of them: `python -m tests.heavy.rebuilt`.
SEEDS = range(int(os.environ.get("REBUILT_SEEDS", "2")))


class Day:
    """Three hours of events at random, no two at one moment but where a call moves on."""

    def __init__(self, seed, *, queue_on_all=False):
        self.chance = random.Random(seed)
        self.queue_on_all = queue_on_all
        self.told = []
        self.used = set()
        for number in range(9):
            self.a_call(f"c{number}")
        for name in AGENTS:
            self.an_agent(name)

    def moment(self, before, least, most):
        """Some seconds after a moment, to the millisecond."""
        found = before
        while found in self.used or found == before:
            found = before + self.chance.randint(int(least * 1000), int(most * 1000)) / 1000
        self.used.add(found)
        return found

    def says(self, kind, when, **said):
        self.told.append(posted(kind, when, f"e{len(self.told)}", **said))

    def a_call(self, call):
        chance = self.chance
        when = self.moment(0, 1, HOURS - 1200)
        queues = chance.sample(QUEUES, chance.choice((1, 1, 2)))
        for place, queue in enumerate(queues):
            there = {"call": call} | ({"queue": queue} if self.queue_on_all else {})
            self.says("call.offered", when, **there | {"queue": queue})
            agents = chance.sample(AGENTS, 3)
            for agent in agents[: chance.choice((0, 0, 1, 2))]:
                when = self.moment(when, 0.5, 20)
                self.says("call.ringing", when, agent=agent, **there)
                when = self.moment(when, 1, 20)
                self.says(
                    f"call.{chance.choice(('no_answer', 'declined'))}", when, agent=agent, **there
                )
            if place == 0 and chance.random() < 0.25:
                when = self.moment(when, 1, 120)
                how = chance.choice(({"ended_by": "caller"}, {"outcome": "timed_out"}))
                self.says("call.ended", when, **there, **how)
                return
            agent = agents[2]
            if chance.random() < 0.7:
                when = self.moment(when, 0.5, 5)
                self.says("call.ringing", when, agent=agent, **there)
            when = self.moment(when, 1, 30)
            self.says("call.answered", when, agent=agent, **there)
            for _ in range(chance.choice((0, 0, 1, 2))):
                when = self.moment(when, 1, 60)
                self.says("call.held", when, **there)
                when = self.moment(when, 1, 60)
                self.says("call.retrieved", when, **there)
            when = self.moment(when, 5, 300)
            last = place == len(queues) - 1
            if last:
                self.says("call.ended", when, **there, ended_by="agent")
            else:
                self.says("call.transferred", when, **there, target=queues[1])
            survey = {"kind": "csat", "score": chance.randint(1, 5), "min": 1, "max": 5}
            wrapped = self.moment(when, 1, 40)
            self.says(
                "call.wrapped_up", wrapped, agent=agent, **there, resolved=chance.random() < 0.5,
                **({"survey": survey} if chance.random() < 0.5 else {}),
            )  # fmt: skip

    def an_agent(self, name):
        chance, when = self.chance, 0
        while when < HOURS:
            when = self.moment(when, 0.5, 1500)
            self.says("agent.login", when, agent=name)
            for _ in range(chance.randint(0, 6)):
                # Also within a second or two of each other.
                when = self.moment(when, 0.2, chance.choice((2, 900)))
                state = chance.choice(("paused", "available", "acw"))
                reason = (
                    {"reason": chance.choice(("Lunch", "Training"))} if state == "paused" else {}
                )
                self.says("agent.state", when, agent=name, state=state, **reason)
            if chance.random() < 0.8:
                when = self.moment(when, 0.5, 900)
                self.says("agent.logout", when, agent=name)


def until(told, now):
    return [one for one in told if one["at"] <= now.isoformat()]


def comes(site, told, chance, now):
    """Have events come in random batches, some of them twice, and fold after each."""
    told = list(told)
    while told:
        size = chance.randint(1, 25)
        now_come, told = told[:size], told[size:]
        again = chance.sample(now_come, chance.randint(0, len(now_come) // 2))
        read = [events.read(one, now) for one in now_come + again]
        inbox.put(read, site, "pbx", now)
        while folding.fold_batch(now):
            pass


NOT_SAID = {"site_id", "queue_id", "agent_id", "topic_id", "batch_id"}


def the_record(*, ids):
    """All rows, without keys that the database made; of visits every column."""
    left_out = NOT_SAID | (set() if ids else {"id", "from_half"})
    calls = Call.objects.annotate(queue_name=F("queue__name"), whose=F("agent__name")).values()
    told = {
        Call: [str({name: v for name, v in row.items() if name not in left_out}) for row in calls]
    }
    key = ("id",) if ids else ()
    of_call = ("call__external_id", "call__queue__name", "agent__name")
    for model, columns in (
        (Offer, (*key, *of_call, "starts_at", "ring_ms", "outcome")),
        (SurveyResponse, (*key, *of_call, "kind", "score", "answered_at")),
        (AgentState, ("agent__name", "state", "reason", "starts_at", "ends_at")),
    ):
        told[model] = [str(row) for row in model.objects.values_list(*columns)]
    return {(model, row): told[model].count(row) for model in told for row in told[model]}


def forget():
    for model in (Offer, SurveyResponse, AgentState, Call, LiveEvent):
        model.objects.all().delete()


def reckoned(told, now):
    """The floor that events make, told from them one after the other."""
    waiting, talking_in, on_calls = {}, Counter(), set()
    calls, people = {}, {}
    for one in sorted(told, key=lambda one: (one["at"], one["kind"] == "call.offered")):
        if "call" in one:
            calls.setdefault(one["call"], []).append(one)
        else:
            people.setdefault(one["agent"], []).append(one)
    for story in calls.values():
        queue = since = agent = None
        for one in story:
            match one["kind"]:
                case "call.offered":
                    queue, since, agent = one["queue"], one["at"], None
                case "call.answered":
                    agent = one["agent"]
                case "call.transferred" | "call.ended":
                    queue = None
        if queue is not None and agent is None:
            many, first = waiting.get(queue, (0, since))
            waiting[queue] = (many + 1, min(first, since))
        elif queue is not None:
            talking_in[queue] += 1
            on_calls.add(agent)
    staffed, paused, wrapping = set(), {}, set()
    for name, story in people.items():
        sessions = [one for one in story if one["kind"] != "agent.state"]
        if sessions and sessions[-1]["kind"] == "agent.login":
            staffed.add(name)
        if (last := story[-1])["kind"] == "agent.state":
            if last["state"] == "paused":
                paused[name] = last["reason"]
            elif last["state"] == "acw":
                wrapping.add(name)
    free = staffed - on_calls
    return {
        "waiting": waiting,
        "talking_in": dict(talking_in),
        "talking": len(on_calls),
        "staffed": len(staffed),
        "paused": dict(Counter(reason for name, reason in paused.items() if name in free)),
        "acw": len(wrapping & free),
        "available": len(free - paused.keys() - wrapping),
    }


def shown(site, now):
    names = dict(Queue.objects.values_list("pk", "name"))
    floor = floors(now).get(site.pk, Floor())
    return {
        "waiting": {
            names[queue]: (one.calls, one.since.isoformat()) for queue, one in floor.waiting.items()
        },
        "talking_in": {names[queue]: many for queue, many in floor.talking_in.items()},
        "talking": floor.talking,
        "staffed": floor.staffed,
        "paused": dict(floor.paused),
        "acw": floor.acw,
        "available": floor.available,
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("queue_on_all", [False, True], ids=["queue once", "queue on all"])
def test_any_shuffle_doubling_and_gap_ends_in_the_same_record_and_the_same_now(seed, queue_on_all):
    day = Day(seed, queue_on_all=queue_on_all)
    chance = random.Random(seed + 100)
    now = at(chance.randint(HOURS // 3, HOURS))
    told = until(day.told, now)
    site = a_site()
    inbox.put([events.read(one, now) for one in told], site, "pbx", now)
    folding.fold_batch(now)
    # A half visit has the id of the first moment that was known of it, and keeps it.
    at_once = the_record(ids=not queue_on_all)
    expected = reckoned(told, now)
    assert shown(site, now) == expected
    forget()
    shuffled = chance.sample(told, len(told))
    late = len(shuffled) // 4
    comes(site, shuffled[late:], chance, now)
    comes(site, shuffled[:late], chance, now)
    in_pieces = the_record(ids=not queue_on_all)
    assert in_pieces.items() ^ at_once.items() == set()
    assert shown(site, now) == expected
    assert not RawEvent.objects.exists()
    # What a later moment adds.
    later = at(2 * HOURS)
    comes(site, chance.sample(day.told, len(day.told)), chance, later)
    assert shown(site, later - timedelta(hours=1)) == reckoned(day.told, later)
