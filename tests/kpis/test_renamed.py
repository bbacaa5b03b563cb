"""Names merged, split and handed on: the calls follow, their figures follow, and the same log read
again finds everything where it is now."""

import io
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from ccm.imports import run, undo
from ccm.imports.records import COUNTS, SURVEYS, Chunk, frame_of
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Fates, Target, source_name
from ccm.models import (
    Agent,
    AgentAlias,
    AgentState,
    Call,
    DirtyDay,
    Disposition,
    IntervalCount,
    Job,
    Offer,
    Queue,
    QueueAlias,
    SurveyResponse,
    TeamMembership,
    Topic,
)
from ccm.naming import reattribution
from ccm.naming import services as naming
from ccm.naming.services import AGENTS, DISPOSITIONS, QUEUES, TOPICS, NamingRefused
from ccm.structure import services as structure
from kpis import rollups
from kpis.models import DayStat, IntervalStat
from tests.builders import (
    NINE,
    a_board,
    a_queue,
    a_record,
    a_site,
    a_team,
    a_user,
    an_agent,
    stored,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# 2 March 2026, 09:00 UTC, and the same hour of the 3rd: two calls on sales and one on verkauf by
# two channels of extension 7, and one by extension 8 who let it ring at 7 before.
T = 1772442000
LOG = f"""\
{T}|NONE|NONE|Agent/7|AGENTLOGIN|SIP/7
{T + 100}|a|sales|NONE|ENTERQUEUE||5550171|1
{T + 110}|a|sales|Agent/7|CONNECT|10|x|3
{T + 170}|a|sales|Agent/7|COMPLETECALLER|10|60|1
{T + 200}|b|verkauf|NONE|ENTERQUEUE||5550172|1
{T + 205}|b|verkauf|Local/7@out|CONNECT|5|x|3
{T + 245}|b|verkauf|Local/7@out|COMPLETEAGENT|5|40|1
{T + 86400}|c|sales|NONE|ENTERQUEUE||5550173|1
{T + 86410}|c|sales|Agent/7|RINGNOANSWER|8000
{T + 86420}|c|sales|Agent/8|CONNECT|20|x|3
{T + 86450}|c|sales|Agent/8|COMPLETECALLER|20|30|1
{T + 86500}|d|sales|NONE|ENTERQUEUE||5550174|1
{T + 86502}|d|sales|Agent/7|CONNECT|2|x|1
{T + 86512}|d|sales|Agent/7|COMPLETECALLER|2|10|1
""".encode()


@pytest.fixture
def site():
    return a_site("York", zone="Europe/London")


def imported(site, data=LOG):
    batch = run.start([("queue_log", io.BytesIO(data))], form="asterisk_queue_log", site=site)
    run.run(batch.job_id)
    recounted()
    batch.refresh_from_db()
    return batch


def recounted():
    while rollups.recount_dirty():
        pass


def done(job):
    """What the job does, and then the counts."""
    reattribution.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.words
    recounted()
    return job


def counts():
    """Every row of the rollups, without its key."""
    rows = [*IntervalStat.objects.values(), *DayStat.objects.values()]
    for row in rows:
        del row["id"]
    return sorted(map(repr, rows))


def assert_figures_follow():
    """What was recounted because it was marked is what all calls counted anew come to."""
    followed = counts()
    IntervalStat.objects.all().delete()
    DayStat.objects.all().delete()
    rollups.rebuild()
    assert counts() == followed


def assert_again_changes_nothing(site, data=LOG):
    before = {
        model: list(model.objects.order_by("pk").values())
        for model in (
            Agent, AgentAlias, AgentState, Call, Offer, Queue, QueueAlias, SurveyResponse, Topic,
        )
    }  # fmt: skip
    again = imported(site, data)
    assert (again.stored, again.updated, again.rejected) == (0, 0, 0)
    assert again.duplicate == again.read - again.ignored
    for model, rows in before.items():
        assert list(model.objects.order_by("pk").values()) == rows, model.__name__
    assert_figures_follow()


def agent_of(external_id):
    return Call.objects.get(external_id=external_id).agent.name


# Merging


def test_merged_queues_are_one_for_calls_figures_walls_and_the_log_read_again(site):
    imported(site)
    sales, verkauf = Queue.objects.get(name="sales"), Queue.objects.get(name="verkauf")
    ids = set(Call.objects.values_list("pk", flat=True))
    wall = a_board(site, "waiting", slug="v")
    wall.queues.set([verkauf])
    job = done(naming.merge(QUEUES, verkauf, sales))
    assert "Calls moved: 1." in job.words
    assert list(Queue.objects.all()) == [sales]
    assert set(Call.objects.values_list("pk", "queue")) == {(one, sales.pk) for one in ids}
    assert list(wall.queues.all()) == [sales]
    days = DayStat.objects.filter(unit="v", queue=sales, agent=None).order_by("day")
    # By hand: a and b on the 2nd, c and d on the 3rd.
    assert list(days.values_list("day", "offered")) == [
        (date(2026, 3, 2), 2),
        (date(2026, 3, 3), 2),
    ]
    assert not DirtyDay.objects.exists()
    assert_again_changes_nothing(site)


class Killed(BaseException):
    """As a signal ends a process: nobody writes down that the job failed."""


def test_a_merge_may_be_killed_anywhere_and_done_again(site, monkeypatch):
    imported(site)
    seven = Agent.objects.get(name="Agent/7")
    eight = Agent.objects.get(name="Agent/8")
    job = naming.merge(AGENTS, eight, seven)

    moving = reattribution._Merge.stretch
    for step in range(4):  # a month is four stretches
        left = iter([True] * step)

        def stretch(self, cursor, reach, left=left):
            moved = moving(self, cursor, reach)
            if not next(left, False):
                raise Killed
            return moved

        monkeypatch.setattr(reattribution._Merge, "stretch", stretch)
        with pytest.raises(Killed):
            reattribution.run(job.pk)
        assert Agent.objects.filter(pk=eight.pk).exists()
    monkeypatch.undo()
    done(job)
    assert not reattribution.run(job.pk)  # over: nothing happens
    assert agent_of("c") == "Agent/7"
    assert not Agent.objects.filter(pk=eight.pk).exists()
    assert_again_changes_nothing(site)


def test_merged_agents_keep_rings_states_answers_teams_and_login(site):
    imported(site)
    seven, eight = Agent.objects.get(name="Agent/7"), Agent.objects.get(name="Agent/8")
    login = a_user("agent", site)
    Agent.objects.filter(pk=seven.pk).update(user=login)
    team = a_team(site, None)
    TeamMembership.objects.create(
        agent=seven, team=team, starts_on=date(2020, 1, 1), ends_on=date(2021, 1, 1)
    )
    TeamMembership.objects.create(agent=seven, team=team, starts_on=date(2025, 1, 1))
    TeamMembership.objects.create(agent=eight, team=team, starts_on=date(2024, 1, 1))
    call = Call.objects.get(external_id="a")
    SurveyResponse.objects.create(
        id=call.pk, source="s", call=call, site=site, agent=seven, kind="csat",
        scale_min=1, scale_max=5, score=4, answered_at=NINE,
    )  # fmt: skip
    done(naming.merge(AGENTS, seven, eight))
    assert set(Call.objects.values_list("agent__name", flat=True)) == {"Agent/8"}
    for model in (Offer, AgentState, SurveyResponse):
        assert set(model.objects.values_list("agent", flat=True)) == {eight.pk}
    eight.refresh_from_db()
    assert eight.user == login
    # The stay of 2025 is one at the same time as the keeper's own: that stands.
    stays = eight.memberships.values_list("starts_on", flat=True)
    assert list(stays) == [date(2020, 1, 1), date(2024, 1, 1)]
    day = DayStat.objects.get(day=date(2026, 3, 3), agent=eight, queue__name="sales")
    # By hand: c and d answered, c rang in vain first.
    assert (day.answered, day.ring_no_answer) == (2, 1)
    assert_again_changes_nothing(site)


@pytest.mark.parametrize(
    ("kind", "column"), [(TOPICS, "topic"), (DISPOSITIONS, "disposition")], ids=["topic", "ending"]
)
def test_merged_words_are_one_at_all_sites(kind, column):
    here, there = a_site(), a_site()
    for number, (where, word) in enumerate([(here, "Sale"), (there, "sale"), (here, "Lost")]):
        told = a_record(external_id=f"c{number}", outcome="abandoned", **{column: word})
        stored(where, told, source=f"s@{where.slug}")
    rows = {row.name: row for row in kind.rows}
    done(naming.merge(kind, rows["sale"], rows["Sale"]))
    assert sorted(kind.rows.values_list("name", flat=True)) == ["Lost", "Sale"]
    told = a_record(external_id="c1", outcome="abandoned", **{column: "sale"})
    assert stored(there, told, source=f"s@{there.slug}") == Fates(duplicate=1)
    assert kind.rows.count() == 2


def totals(site, *rows):
    counts = [tuple(row.get(name) for name in COUNTS) for row in rows]
    chunk = Chunk(position=0, read=len(rows), counts=frame_of(counts, COUNTS))
    return store(chunk, Target(site, "totals"))


def test_totals_of_merged_queues_stay_two_rows_that_are_told_again(site):
    of = {"line": 1, "lines": 1, "starts_at": NINE, "ends_at": NINE + DAY, "offered": 5}
    rows = [of | {"queue": "A"}, of | {"queue": "B", "offered": 7}]
    assert totals(site, *rows) == Fates(stored=2)
    a, b = Queue.objects.order_by("name")
    done(naming.merge(QUEUES, b, a))
    told = IntervalCount.objects.order_by("offered").values_list("queue", "offered")
    assert list(told) == [(a.pk, 5), (a.pk, 7)]
    assert totals(site, *rows) == Fates(duplicate=2)
    assert totals(site, rows[0], rows[1] | {"offered": 8}) == Fates(duplicate=1, updated=1)
    assert Queue.objects.count() == 1


def test_what_cannot_be_merged_is_refused_in_words(site):
    here, there = an_agent(site), an_agent(a_site())
    with pytest.raises(NamingRefused, match="two sites"):
        naming.merge(AGENTS, here, there)
    with pytest.raises(NamingRefused, match="one already"):
        naming.merge(AGENTS, here, here)
    other = an_agent(site, user=a_user("agent"))
    third = an_agent(site, user=a_user("agent"))
    with pytest.raises(NamingRefused, match="Both sign in"):
        naming.merge(AGENTS, other, third)
    naming.merge(AGENTS, here, other)
    with pytest.raises(NamingRefused, match="being moved"):
        naming.merge(AGENTS, other, an_agent(site))
    assert Job.objects.filter(kind=naming.JOB).count() == 1


def test_a_merge_waits_for_what_an_import_was_just_writing(site, monkeypatch):
    """A call that comes in under the old name after its stretch was walked is moved as well."""
    imported(site)
    sales, verkauf = Queue.objects.get(name="sales"), Queue.objects.get(name="verkauf")
    job = naming.merge(QUEUES, verkauf, sales)
    late = list(Call.objects.filter(queue=verkauf))
    closing = reattribution._Merge.close

    def close(self):
        if late:
            Call.objects.filter(pk=late.pop().pk).update(queue=verkauf)
        return closing(self)

    monkeypatch.setattr(reattribution._Merge, "close", close)
    done(job)
    assert list(Queue.objects.all()) == [sales]
    assert_figures_follow()


# Renaming


def test_a_renamed_queue_is_found_by_its_old_name(site):
    imported(site)
    naming.rename(QUEUES, Queue.objects.get(name="sales"), "Sales, York")
    naming.rename(QUEUES, Queue.objects.get(name="verkauf"), "sales")
    assert not Queue.objects.filter(is_new=True).exists()
    assert_again_changes_nothing(site)
    with pytest.raises(NamingRefused, match="merge the two"):
        naming.rename(QUEUES, Queue.objects.get(name="sales"), "Sales, York")


@pytest.mark.parametrize("kind", [QUEUES, TOPICS], ids=["queue", "topic"])
def test_a_name_taken_a_moment_ago_is_refused_in_words(site, monkeypatch, kind):
    """Two people at once: the second looked before the first had written."""
    scope = {"site": site} if kind is QUEUES else {}
    one, taken = (kind.rows.create(name=name, **scope) for name in ("sales", "Telesales"))
    monkeypatch.setattr(QuerySet, "exists", lambda self: False)
    with pytest.raises(NamingRefused, match="merge the two"):
        naming.rename(kind, one, "Telesales")
    one.refresh_from_db()
    assert (one.name, kind.rows.count()) == ("sales", 2)
    kind.rows.filter(pk=taken.pk).delete()
    with pytest.raises(NamingRefused, match="gone"):
        naming.rename(kind, taken, "Sold")


def test_a_queue_made_by_hand_is_taken_for_the_one_of_that_name(site):
    queue = a_queue(site, "sales")
    imported(site)
    assert set(Queue.objects.values_list("name", flat=True)) == {"sales", "verkauf"}
    naming.rename(QUEUES, queue, "Telesales")
    assert_again_changes_nothing(site)


# Splitting and handing on


def test_a_wrong_guess_is_split_off_with_all_it_did(site):
    imported(site)
    guess = AgentAlias.objects.get(raw_name="Local/7@out")
    assert guess.agent.name == "Agent/7"
    assert not guess.confirmed
    done(naming.give(guess, None, name="Grace Hopper"))
    assert agent_of("b") == "Grace Hopper"
    assert agent_of("a") == agent_of("d") == "Agent/7"
    rung = dict(Offer.objects.values_list("agent_name", "agent__name"))
    assert rung["Local/7@out"] == "Grace Hopper"
    assert rung["Agent/7"] == "Agent/7"
    assert_again_changes_nothing(site)
    guess.refresh_from_db()
    with pytest.raises(NamingRefused, match="only name"):
        naming.give(guess, None)


def test_an_extension_handed_on_is_anothers_from_that_day(site):
    """Agent/7 is somebody else's from 3 March: d and the ring of c are hers."""
    imported(site)
    alias = AgentAlias.objects.get(raw_name="Agent/7")
    grace = an_agent(site, "Grace Hopper")
    job = done(naming.give(alias, grace, since=date(2026, 3, 3)))
    assert "Calls moved: 1." in job.words
    assert (agent_of("a"), agent_of("d")) == ("Agent/7", "Grace Hopper")
    assert agent_of("b") == "Agent/7"  # by its other name
    ring = Offer.objects.get(call__external_id="c", outcome="no_answer")
    assert ring.agent == grace
    assert AgentState.objects.get().agent.name == "Agent/7"  # began on the 2nd
    assert_again_changes_nothing(site)
    # The same into an empty record, and in two halves.
    turn = AgentAlias.objects.get(valid_from=date(2026, 3, 3))
    done(naming.take_back(turn))
    assert agent_of("d") == "Agent/7"
    assert_again_changes_nothing(site)


def test_a_name_handed_on_is_read_so_by_the_first_import(site):
    old, new = an_agent(site, "Old"), an_agent(site, "New")
    source = source_name("asterisk_queue_log", site)
    for agent, since in ((old, None), (new, date(2026, 3, 3))):
        AgentAlias.objects.create(
            source=source, raw_name="Agent/7", agent=agent, valid_from=since, confirmed=True
        )
    imported(site)
    assert (agent_of("a"), agent_of("d")) == ("Old", "New")
    assert Offer.objects.get(call__external_id="c", outcome="no_answer").agent == new
    assert AgentState.objects.get().agent == old


def test_the_day_of_a_handing_on_begins_at_the_sites_midnight():
    """23:30 UTC on 2 March is half past eight of the 3rd in Tokyo, and the 2nd in London."""
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    for zone, holder in (("Asia/Tokyo", "New"), ("Europe/London", "Old")):
        site = a_site(zone=zone)
        answered = {"outcome": "answered", "answered_at": late, "agent": "Agent/7"}
        source = f"q@{site.slug}"
        old = an_agent(site, "Old", source=f"other@{site.slug}")
        AgentAlias.objects.create(source=source, raw_name="Agent/7", agent=old)
        stored(site, a_record(late, external_id=zone, **answered), source=source)
        alias = AgentAlias.objects.get(source=source)
        done(naming.give(alias, None, since=date(2026, 3, 3), name="New"))
        assert agent_of(zone) == holder


def test_another_zone_of_the_site_moves_the_days_of_names_and_of_answers_alone():
    """23:30 UTC on 2 March is the 2nd in London and the 3rd in Tokyo: the call of that moment is
    New's there, and the answers that know no call, one a month after, are of the 3rd."""
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    site = a_site(zone="Europe/London")
    source = f"q@{site.slug}"
    old = an_agent(site, "Old", source=f"other@{site.slug}")
    alias = AgentAlias.objects.create(source=source, raw_name="Agent/7", agent=old)
    told = {"outcome": "answered", "answered_at": late, "agent": "Agent/7"}
    stored(site, a_record(late, external_id="a", **told), source=source)
    done(naming.give(alias, None, since=date(2026, 3, 3), name="New"))
    for number, at in enumerate((late, late + 31 * DAY), 1):
        SurveyResponse.objects.create(
            id=UUID(int=number), source=source, site=site, agent=old, kind="csat",
            scale_min=1, scale_max=5, score=4, answered_at=at,
        )  # fmt: skip
    rollups.rebuild()
    assert agent_of("a") == "Old"
    site.zone = "Asia/Tokyo"
    moved = structure.save_site(site, NINE)
    assert moved == 34  # from 2 March, the day before, to 4 April, the day after
    for job in Job.objects.filter(kind=naming.JOB, state=Job.State.QUEUED):
        done(job)
    recounted()
    assert agent_of("a") == "New"
    answered = DayStat.objects.filter(unit="v", agent=old).exclude(surveys={})
    assert set(answered.values_list("day", flat=True)) == {date(2026, 3, 3), date(2026, 4, 3)}
    assert_figures_follow()


def test_an_answer_goes_with_its_call_or_by_the_name_it_tells(site):
    imported(site)
    rows = [
        {"kind": "csat", "scale_min": 1, "scale_max": 5, "score": 4.0, "answered_at": NINE + DAY,
         "line": 1, "lines": 1, "external_id": ref, "birth_ms": T * 1000, "call_ref": ref,
         "agent": agent}
        for ref, agent in (("d", None), ("a", "Agent/7"))
    ]  # fmt: skip
    surveys = frame_of([tuple(row.get(name) for name in SURVEYS) for row in rows], SURVEYS)
    source = AgentAlias.objects.get(raw_name="Agent/7").source
    store(Chunk(position=0, read=2, surveys=surveys), Target(site, source))
    alias = AgentAlias.objects.get(raw_name="Agent/7")
    done(naming.give(alias, None, since=date(2026, 3, 3), name="Grace Hopper"))
    told = SurveyResponse.objects.values_list("call__external_id", "agent__name")
    # The second was answered on the 3rd, under the name that was hers by then.
    assert dict(told) == {"d": "Grace Hopper", "a": "Grace Hopper"}


def test_a_name_is_not_given_where_it_is_already(site):
    imported(site)
    alias = AgentAlias.objects.get(raw_name="Agent/8")
    with pytest.raises(NamingRefused, match="already"):
        naming.give(alias, alias.agent, since=date(2026, 3, 3))
    with pytest.raises(NamingRefused, match="two sites"):
        naming.give(alias, an_agent(a_site()))
    with pytest.raises(NamingRefused, match="not handed on"):
        naming.take_back(alias)


def test_a_log_cannot_tell_one_name_two_ways(site):
    imported(site)
    with pytest.raises(IntegrityError), transaction.atomic():
        QueueAlias.objects.create(site=site, raw_name="sales", queue=a_queue(site))


def test_confirmed_names_are_no_longer_new(site):
    imported(site)
    queue, agent = Queue.objects.get(name="sales"), Agent.objects.get(name="Agent/8")
    naming.confirm(QUEUES, queue)
    naming.confirm(AGENTS, agent)
    naming.confirm_alias(AgentAlias.objects.get(raw_name="Local/7@out"), a_user("admin"))
    assert list(Queue.objects.filter(is_new=True).values_list("name", flat=True)) == ["verkauf"]
    assert list(Agent.objects.filter(is_new=True).values_list("name", flat=True)) == ["Agent/7"]
    assert not AgentAlias.objects.filter(confirmed=False).exists()
    assert not Topic.objects.exists()
    assert not Disposition.objects.exists()


# Beside taking imports back


def test_an_import_taken_back_after_a_merge_puts_back_the_name_of_now(site):
    """The second half completes call c; what it found is put back on the queue that stands."""
    lines = LOG.splitlines(keepends=True)
    imported(site, b"".join(lines[:8]))
    second = imported(site, b"".join(lines[8:]))
    sales, telesales = Queue.objects.get(name="sales"), a_queue(site, "Telesales")
    done(naming.merge(QUEUES, sales, telesales))
    done(naming.give(AgentAlias.objects.get(raw_name="Agent/8"), an_agent(site, "Eve")))
    assert agent_of("c") == "Eve"
    job = undo.start(second)
    with pytest.raises(NamingRefused, match="being taken back"):
        naming.merge(QUEUES, telesales, Queue.objects.get(name="verkauf"))
    undo.run(job.pk)
    recounted()
    call = Call.objects.get(external_id="c")
    assert (call.queue, call.outcome, call.agent) == (telesales, "in_progress", None)
    assert not Call.objects.filter(external_id="d").exists()
    assert_figures_follow()
    imported(site, b"".join(lines[8:]))
    assert agent_of("c") == "Eve"
    assert set(Queue.objects.values_list("name", flat=True)) == {"Telesales", "verkauf"}
    assert_again_changes_nothing(site)


def test_an_import_taken_back_takes_the_names_it_made_along(site):
    batch = imported(site)
    undo.run(undo.start(batch).pk)
    assert not Queue.objects.exists()
    assert not QueueAlias.objects.exists()
    assert not Agent.objects.exists()
    assert not AgentAlias.objects.exists()


def test_a_name_that_was_confirmed_stays_when_its_import_is_taken_back(site):
    batch = imported(site)
    naming.confirm(QUEUES, Queue.objects.get(name="sales"))
    naming.confirm(AGENTS, Agent.objects.get(name="Agent/7"))
    undo.run(undo.start(batch).pk)
    assert [queue.name for queue in Queue.objects.all()] == ["sales"]
    assert [alias.raw_name for alias in AgentAlias.objects.all()] == ["Agent/7"]


def test_no_import_is_taken_back_while_names_are_moved(site):
    batch = imported(site)
    sales, verkauf = Queue.objects.get(name="sales"), Queue.objects.get(name="verkauf")
    naming.merge(QUEUES, verkauf, sales)
    with pytest.raises(undo.Blocked, match="other names"):
        undo.start(batch)
