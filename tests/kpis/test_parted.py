"""Names that were one are two again: by taking a merge back, or by parting one name in logs."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from ccm.models import (
    Agent,
    AgentAlias,
    Call,
    CallNote,
    Cost,
    IntervalCount,
    Job,
    MovedRows,
    NameMerge,
    Offer,
    Queue,
    QueueAlias,
    SurveyResponse,
    TeamMembership,
    Topic,
)
from ccm.naming import parting, reattribution
from ccm.naming import services as naming
from ccm.naming.services import AGENTS, DISPOSITIONS, QUEUES, TOPICS, NamingRefused
from kpis import rollups
from kpis.models import DayStat
from tests.builders import NINE, a_queue, a_record, a_site, a_team, a_user, stored
from tests.kpis.test_renamed import (
    T,
    assert_again_changes_nothing,
    assert_figures_follow,
    counts,
    done,
    imported,
    totals,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# The same hour of 4 March: one call more on verkauf, by extension 8.
LATER = f"""\
{T + 172800}|e|verkauf|NONE|ENTERQUEUE||5550175|1
{T + 172805}|e|verkauf|Agent/8|CONNECT|5|x|3
{T + 172815}|e|verkauf|Agent/8|COMPLETECALLER|5|10|1
""".encode()


@pytest.fixture
def site():
    return a_site("York", zone="Europe/London")


def record():
    """Everything that names a queue, an agent or a word, as it is."""
    models = (Agent, AgentAlias, Call, Offer, Queue, QueueAlias, SurveyResponse, TeamMembership)
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def queue_of(external_id):
    return Call.objects.get(external_id=external_id).queue.name


def test_queues_are_as_before_when_their_merge_is_taken_back(site):
    imported(site)
    sales, verkauf = Queue.objects.get(name="sales"), Queue.objects.get(name="verkauf")
    verkauf.hours = {"mon": [["08:00", "12:00"]]}
    verkauf.is_new = False
    verkauf.save()
    alone = SurveyResponse.objects.create(
        id=UUID(int=1), source="s", site=site, queue=verkauf, kind="csat", scale_min=1,
        scale_max=5, score=4, answered_at=NINE + 3 * DAY,
    )  # fmt: skip
    cost = Cost.objects.create(
        site=site, kind="other", queue=verkauf, amount=5, currency="GBP",
        first_on=date(2026, 3, 1), last_on=date(2026, 3, 31),
    )  # fmt: skip
    rollups.rebuild()
    figures, before = counts(), record()
    user = a_user("admin")
    done(naming.merge(QUEUES, verkauf, sales, user))
    assert queue_of("b") == "sales"
    merge = NameMerge.objects.get()
    assert (merge.name, merge.merged_by, merge.site) == ("verkauf", user, site)
    job = done(parting.take_merge_back(merge, user))
    assert "verkauf is no longer sales. Calls moved: 1." in job.words
    assert (record(), counts()) == (before, figures)
    for row in (alone, cost):
        row.refresh_from_db()
        assert row.queue == verkauf
    assert not MovedRows.objects.exists()
    assert_again_changes_nothing(site)
    merge.refresh_from_db()
    with pytest.raises(NamingRefused, match="already"):
        parting.take_merge_back(merge)


def test_what_came_in_under_the_loser_since_is_its_own(site):
    imported(site)
    sales, verkauf = Queue.objects.get(name="sales"), Queue.objects.get(name="verkauf")
    done(naming.merge(QUEUES, verkauf, sales))
    imported(site, LATER)
    of = {"line": 1, "lines": 1, "starts_at": NINE, "ends_at": NINE + DAY, "offered": 5}
    totals(site, of | {"queue": "verkauf"}, of | {"queue": "sales"})
    assert queue_of("e") == "sales"
    done(parting.take_merge_back(NameMerge.objects.get()))
    assert [queue_of(one) for one in "abcde"] == ["sales", "verkauf", "sales", "sales", "verkauf"]
    told = IntervalCount.objects.order_by("pk").values_list("queue__name", "queue_name")
    assert list(told) == [("verkauf", "verkauf"), ("sales", "sales")]
    assert_again_changes_nothing(site, LATER)


def test_agents_are_as_before_when_their_merge_is_taken_back(site):
    imported(site)
    seven, eight = Agent.objects.get(name="Agent/7"), Agent.objects.get(name="Agent/8")
    login = a_user("agent", site)
    Agent.objects.filter(pk=seven.pk).update(user=login, employee_id="E7", is_new=False)
    team = a_team(site, None)
    for agent, since, until in (
        (seven, date(2020, 1, 1), date(2021, 1, 1)),
        (seven, date(2025, 1, 1), None),
        (eight, date(2024, 1, 1), None),
    ):
        TeamMembership.objects.create(agent=agent, team=team, starts_on=since, ends_on=until)
    rollups.rebuild()
    figures, before = counts(), record()
    done(naming.merge(AGENTS, seven, eight))
    eight.refresh_from_db()
    assert (eight.user, eight.employee_id) == (login, "E7")
    done(parting.take_merge_back(NameMerge.objects.get()))
    now = record()
    # The stay that went with the merge is made again, with another key.
    for told in (before, now):
        for stay in told[TeamMembership]:
            del stay["id"]
        told[TeamMembership].sort(key=str)
    assert (now, counts()) == (before, figures)
    assert_again_changes_nothing(site)


@pytest.mark.parametrize(
    ("kind", "column"), [(TOPICS, "topic"), (DISPOSITIONS, "disposition")], ids=["topic", "ending"]
)
def test_words_are_parted_for_the_calls_that_the_merge_moved(site, kind, column):
    for number, word in enumerate(["Sale", "sale", "sale"]):
        told = a_record(external_id=f"c{number}", outcome="abandoned", **{column: word})
        stored(site, told, source="s")
    calls = Call.objects.order_by("external_id")
    rows = {row.name: row for row in kind.rows}
    note = CallNote.objects.create(call=calls[1], site=site, at=NINE, **{column: rows["sale"]})
    done(naming.merge(kind, rows["sale"], rows["Sale"]))
    late = a_record(external_id="c3", outcome="abandoned", **{column: "sale"})
    stored(site, late, source="s")
    alias = kind.alias.objects.get(raw_name="sale")
    with pytest.raises(NamingRefused, match="take that merge back"):
        parting.part(kind, alias)
    done(parting.take_merge_back(NameMerge.objects.get()))
    told = calls.values_list(f"{column}__name", flat=True)
    # Of c3 the record does not keep the word: it stays.
    assert list(told) == ["Sale", "sale", "sale", "Sale"]
    note.refresh_from_db()
    assert getattr(note, column).name == "sale"
    stored(site, late | {"external_id": "c4"}, source="s")
    assert getattr(Call.objects.get(external_id="c4"), column).name == "sale"


def test_merges_of_merges_are_taken_back_in_any_order(site):
    imported(site)
    sales, verkauf = Queue.objects.get(name="sales"), Queue.objects.get(name="verkauf")
    help_ = a_queue(site, "Help")
    before = record()
    done(naming.merge(QUEUES, verkauf, sales))
    done(naming.merge(QUEUES, sales, help_))
    first, last = NameMerge.objects.order_by("pk")
    assert first.keeper == help_.pk
    done(parting.take_merge_back(first))
    assert [queue_of(one) for one in "abcd"] == ["Help", "verkauf", "Help", "Help"]
    done(parting.take_merge_back(last))
    assert [{k: v for k, v in row.items() if k != "is_new"} for row in record()[Queue]] == [
        {k: v for k, v in row.items() if k != "is_new"} for row in before[Queue]
    ]
    assert record()[Call] == before[Call]
    # The other way about.
    done(naming.merge(QUEUES, verkauf, sales))
    done(naming.merge(QUEUES, sales, help_))
    first, last = NameMerge.objects.filter(taken_back_at=None).order_by("pk")
    done(parting.take_merge_back(last))
    first.refresh_from_db()
    assert first.keeper == sales.pk
    done(parting.take_merge_back(first))
    assert record()[Call] == before[Call]
    assert_figures_follow()


class Killed(BaseException):
    """As a signal ends a process."""


def test_taking_back_may_be_killed_anywhere_and_done_again(site, monkeypatch):
    imported(site)
    before = record()[Call]
    done(naming.merge(QUEUES, Queue.objects.get(name="sales"), Queue.objects.get(name="verkauf")))
    job = parting.take_merge_back(NameMerge.objects.get())
    moving = reattribution._Parting.stretch
    for step in range(4):  # a month is four stretches
        left = iter([True] * step)

        def stretch(self, cursor, reach, left=left):
            moved = moving(self, cursor, reach)
            if not next(left, False):
                raise Killed
            return moved

        monkeypatch.setattr(reattribution._Parting, "stretch", stretch)
        with pytest.raises(Killed):
            reattribution.run(job.pk)
    monkeypatch.undo()
    done(job)
    assert record()[Call] == before
    assert_figures_follow()


def test_a_queues_name_in_logs_is_parted_by_what_its_calls_ids_tell(site):
    """Renamed to what another system calls it, a queue has two names, and no merge to take back."""
    imported(site)
    verkauf = Queue.objects.get(name="verkauf")
    naming.rename(QUEUES, verkauf, "Sales DE")
    late = a_record(NINE + 3 * DAY, external_id="f", queue="Sales DE", outcome="abandoned")
    stored(site, late, source="cdr")
    assert queue_of("f") == queue_of("b") == "Sales DE"
    job = done(parting.part(QUEUES, QueueAlias.objects.get(raw_name="verkauf")))
    assert "verkauf is no longer Sales DE. Calls moved: 1." in job.words
    assert (queue_of("b"), queue_of("f")) == ("verkauf", "Sales DE")
    day = DayStat.objects.get(unit="v", queue__name="verkauf", agent=None)
    assert (day.day, day.offered) == (date(2026, 3, 2), 1)
    assert_again_changes_nothing(site)


def test_a_word_without_a_merge_is_parted_for_what_is_to_come(site):
    topic = Topic.objects.create(name="Bill")
    stored(site, a_record(external_id="c0", outcome="abandoned", topic="bill"), source="s")
    naming.rename(TOPICS, Topic.objects.get(name="bill"), "Billing")
    stored(site, a_record(external_id="c1", outcome="abandoned", topic="Billing"), source="s")
    alias = TOPICS.alias.objects.get(raw_name="bill")
    assert parting.part(TOPICS, alias) is None
    stored(site, a_record(external_id="c2", outcome="abandoned", topic="bill"), source="s")
    told = Call.objects.order_by("external_id").values_list("topic__name", flat=True)
    assert list(told) == ["Billing", "Billing", "bill"]
    assert topic.aliases.count() == 0


def test_what_cannot_be_parted_is_refused_in_words(site):
    imported(site)
    sales, verkauf = Queue.objects.get(name="sales"), Queue.objects.get(name="verkauf")
    only, other = (
        QueueAlias.objects.get(raw_name="sales"),
        QueueAlias.objects.get(raw_name="verkauf"),
    )
    with pytest.raises(NamingRefused, match="only name"):
        parting.part(QUEUES, only)
    job = naming.merge(QUEUES, verkauf, sales)
    with pytest.raises(NamingRefused, match="being moved"):
        parting.part(QUEUES, other)
    merge = NameMerge.objects.get()
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    with pytest.raises(NamingRefused, match="did not come to its end"):
        parting.take_merge_back(merge)
    naming.again(Job.objects.get(pk=job.pk))
    done(job)
    with pytest.raises(NamingRefused, match="called so itself"):
        parting.part(QUEUES, only)
    a_queue(site, "verkauf")
    with pytest.raises(NamingRefused, match="rename that first"):
        parting.part(QUEUES, other)
    with pytest.raises(NamingRefused, match="rename that first"):
        parting.take_merge_back(merge)
