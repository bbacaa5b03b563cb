"""The page of names: what it lists, what is said there, and who may say it."""

import io
from datetime import date

import pytest
from django.urls import reverse

from ccm.imports import run
from ccm.models import (
    Agent,
    AgentAlias,
    Call,
    Disposition,
    Job,
    NameMerge,
    Queue,
    QueueAlias,
    Topic,
    TopicAlias,
)
from ccm.naming import reattribution
from ccm.naming import services as naming
from tests.builders import NINE, a_queue, a_record, a_site, a_user, an_agent, stored

pytestmark = pytest.mark.django_db

NAMES = "/names/"
T = 1772442000  # 2 March 2026, 09:00 UTC
LOG = f"""\
{T}|a|sales|NONE|ENTERQUEUE||5550171|1
{T + 10}|a|sales|Agent/7|CONNECT|10|x|3
{T + 70}|a|sales|Agent/7|COMPLETECALLER|10|60|1
{T + 100}|b|sales|NONE|ENTERQUEUE||5550172|1
{T + 105}|b|sales|Local/7@out|CONNECT|5|x|3
{T + 145}|b|sales|Local/7@out|COMPLETEAGENT|5|40|1
""".encode()


@pytest.fixture
def site():
    return a_site("York")


@pytest.fixture
def batch(site):
    made = run.start([("queue_log", io.BytesIO(LOG))], form="asterisk_queue_log", site=site)
    run.run(made.job_id)
    return made


@pytest.fixture
def manager(client, site):
    user = a_user("manager", site)
    client.force_login(user)
    return user


def shown(page):
    return [row.record for row in page.context["table"].paginated_rows]


def test_a_new_name_tells_its_calls_their_time_their_source_and_their_import(
    client, manager, batch
):
    page = client.get(NAMES)
    [agent] = shown(page)
    assert agent.name == "Agent/7"
    cells = page.context["table"].rows[0]
    told = {name: str(cells.get_cell(name)) for name in ("logs", "calls", "first", "source")}
    assert told["logs"] == "Agent/7, Local/7@out"
    assert told["calls"] == "2"
    assert "2 Mar 2026" in told["first"]
    assert told["source"].startswith("asterisk_queue_log@")
    assert reverse("import", args=[batch.pk]) in page.content.decode()
    assert [one.name for one in shown(client.get(NAMES, {"kind": "queues"}))] == ["sales"]


def test_a_guess_waits_to_be_confirmed(client, manager, batch):
    page = client.get(NAMES, {"kind": "guesses"})
    [alias] = shown(page)
    assert (alias.raw_name, alias.agent.name) == ("Local/7@out", "Agent/7")
    client.post(reverse("alias_confirm", args=[alias.pk]))
    assert shown(client.get(NAMES, {"kind": "guesses"})) == []
    assert "Nothing was guessed" in client.get(NAMES, {"kind": "guesses"}).content.decode()


def test_names_are_confirmed_one_by_one_or_all_that_are_shown(client, manager, batch, site):
    queue = Queue.objects.get()
    client.post(reverse("name_confirm", args=["queues", queue.pk]))
    assert shown(client.get(NAMES, {"kind": "queues"})) == []
    assert shown(client.get(NAMES, {"kind": "queues", "shown": "all"})) == [queue]
    elsewhere = Agent.objects.create(site=a_site(), name="Eve", is_new=True)
    here = Agent.objects.create(site=site, name="Ann", is_new=True)
    ids = [here.pk, elsewhere.pk, "x", "9" * 30, "-1"]
    client.post(reverse("names_confirm", args=["agents"]), {"id": ids})
    fresh = Agent.objects.filter(is_new=True).values_list("name", flat=True)
    assert set(fresh) == {"Agent/7", "Eve"}


def test_a_name_is_changed_and_two_are_made_one_on_its_page(client, manager, batch, site):
    queue, other = Queue.objects.get(), a_queue(site, "Telesales")
    page = reverse("name", args=["queues", queue.pk])
    assert "sales" in client.get(page).content.decode()
    client.post(f"{page}rename/", {"rename-name": "Sales, York"})
    queue.refresh_from_db()
    assert (queue.name, queue.is_new) == ("Sales, York", False)
    refused = client.post(f"{page}rename/", {"rename-name": "Telesales"})
    assert "merge the two" in refused.content.decode()
    client.post(f"{page}merge/", {"merge-keeper": other.pk})
    job = Job.objects.get(kind=naming.JOB)
    assert job.created_by == manager
    moving = client.get(NAMES).content.decode()
    assert reverse("names_move", args=[job.pk]) in moving
    assert "It is called Sales, York from now on." in refused.content.decode()
    assert "Sales, York becomes Telesales. Its calls follow." in moving
    reattribution.run(job.pk)
    assert client.get(reverse("names_move", args=[job.pk]))["HX-Refresh"] == "true"
    assert client.get(page).status_code == 404
    assert set(Call.objects.values_list("queue", flat=True)) == {other.pk}


def test_a_merge_is_shown_and_taken_back_on_the_page_of_its_name(client, manager, batch, site):
    queue, other = Queue.objects.get(), a_queue(site, "Telesales")
    reattribution.run(naming.merge(naming.QUEUES, queue, other, manager).pk)
    page = client.get(reverse("name", args=["queues", other.pk])).content.decode()
    assert "Merged into it" in page
    merge = NameMerge.objects.get()
    back = reverse("merge_take_back", args=[merge.pk])
    assert back in page
    answer = client.post(back)
    assert answer.url == f"{NAMES}?kind=queues"
    assert "sales is no longer Telesales" in client.get(NAMES).content.decode()
    reattribution.run(Job.objects.latest("pk").pk)
    assert set(Call.objects.values_list("queue__name", flat=True)) == {"sales"}
    assert "Merged into it" not in client.get(answer.url).content.decode()
    again = client.post(back, follow=True).content.decode()
    assert "It was taken back already." in again


def test_one_of_several_names_in_logs_is_parted(client, manager, batch, site):
    queue = Queue.objects.get()
    own = QueueAlias.objects.get()
    address = reverse("alias_part", args=["queues", own.pk])
    refused = client.post(address, follow=True).content.decode()
    assert "It is the only name of sales: rename it instead." in refused
    naming.rename(naming.QUEUES, queue, "Telesales")
    QueueAlias.objects.create(site=site, raw_name="Telesales", queue=queue)
    assert address in client.get(reverse("name", args=["queues", queue.pk])).content.decode()
    client.post(address)
    reattribution.run(Job.objects.latest("pk").pk)
    assert set(Call.objects.values_list("queue__name", flat=True)) == {"sales"}
    agents = AgentAlias.objects.first()
    assert client.post(reverse("alias_part", args=["agents", agents.pk])).status_code == 404


def test_a_word_is_parted_with_words_on_what_stays(client):
    client.force_login(a_user("admin"))
    topic = Topic.objects.create(name="Billing")
    for raw_name in ("bill", "Billing"):
        TopicAlias.objects.create(raw_name=raw_name, topic=topic)
    bill = TopicAlias.objects.get(raw_name="bill")
    page = client.post(reverse("alias_part", args=["topics", bill.pk]), follow=True)
    assert "Calls so far stay with Billing" in page.content.decode()
    assert list(Topic.objects.values_list("name", flat=True)) == ["Billing", "bill"]


def test_a_move_that_failed_is_told_and_taken_up_again(client, manager, batch, site, monkeypatch):
    queue, other = Queue.objects.get(), a_queue(site, "Telesales")
    job = naming.merge(naming.QUEUES, queue, other, manager)

    def broken(self, cursor, reach):
        raise RuntimeError

    monkeypatch.setattr(reattribution._Merge, "stretch", broken)
    with pytest.raises(RuntimeError):
        reattribution.run(job.pk)
    monkeypatch.undo()
    page = client.get(NAMES).content.decode()
    assert "It stopped on an error of ours" in page
    assert "Try again: sales becomes Telesales" in page
    client.post(reverse("names_again", args=[job.pk]))
    reattribution.run(job.pk)
    client.post(reverse("names_again", args=[job.pk]))  # it is over: nothing happens
    job.refresh_from_db()
    assert (job.state, job.words) == ("done", "sales becomes Telesales. Calls moved: 2.")
    assert list(Queue.objects.all()) == [other]


def test_a_name_is_split_off_or_handed_on_from_a_day(client, manager, batch, site):
    guess = AgentAlias.objects.get(raw_name="Local/7@out")
    give = reverse("name_give", args=[guess.agent_id])

    def said(alias, **more):
        return {"give-alias": alias.pk} | {f"give-{name}": word for name, word in more.items()}

    for since, words in (
        ("yesterday", "Write the day as YYYY-MM-DD."),
        ("0001-01-01", "It lies before 1950"),
    ):
        assert words in client.post(give, said(guess, since=since)).content.decode()
    client.post(give, said(guess, name="Grace Hopper"))
    first = AgentAlias.objects.get(raw_name="Agent/7")
    busy = client.post(give, said(first, since="2026-03-03", name="Eve"))
    assert "being moved" in busy.content.decode()
    reattribution.run(Job.objects.get(kind=naming.JOB).pk)
    assert Call.objects.get(external_id="b").agent.name == "Grace Hopper"
    grace = Agent.objects.get(name="Grace Hopper")
    client.post(give, said(first, agent=grace.pk, since="2026-03-03"))
    turn = AgentAlias.objects.get(valid_from=date(2026, 3, 3))
    assert turn.agent == grace
    reattribution.run(Job.objects.filter(kind=naming.JOB).latest("pk").pk)
    client.post(reverse("alias_take_back", args=[turn.pk]))
    assert not AgentAlias.objects.exclude(valid_from=None).exists()
    refused = client.post(reverse("alias_take_back", args=[first.pk]), follow=True)
    assert "was not handed on" in refused.content.decode()


def test_a_new_agent_is_nobody_who_is_there_already(client, manager, batch, site):
    guess, grace = AgentAlias.objects.get(raw_name="Local/7@out"), an_agent(site, "Grace Hopper")
    give = reverse("name_give", args=[guess.agent_id])
    said = {"give-alias": guess.pk, "give-name": "grace hopper"}
    words = client.post(give, said).content.decode()
    assert "There is an agent named Grace Hopper at the site: choose that one" in words
    assert Agent.objects.filter(name__iexact="grace hopper").count() == 1
    both = client.post(give, said | {"give-agent": grace.pk, "give-name": "Ada"}).content.decode()
    assert "Choose an agent, or write the name of a new one: not both." in both
    # Written before she was chosen, her own name contradicts nothing.
    client.post(give, said | {"give-agent": grace.pk})
    guess.refresh_from_db()
    assert guess.agent == grace


@pytest.mark.parametrize(("kind", "model"), [("queues", Queue), ("topics", Topic)])
def test_a_rename_to_what_differs_in_case_alone_is_refused(client, site, kind, model):
    client.force_login(a_user("admin"))
    scope = {"site": site} if model is Queue else {}
    named = model.objects.create(name="support", **scope)
    model.objects.create(name="B Sales", **scope)
    page = client.post(reverse("name_rename", args=[kind, named.pk]), {"rename-name": "b sales"})
    assert "There is another one named B Sales: merge the two." in page.content.decode()
    client.post(reverse("name_rename", args=[kind, named.pk]), {"rename-name": "SUPPORT"})
    named.refresh_from_db()
    assert named.name == "SUPPORT"


def test_a_manager_reaches_the_names_of_own_sites_and_no_shared_words(client, manager, site):
    there = an_agent(a_site(), "Eve")
    for path in (
        reverse("name", args=["agents", there.pk]),
        f"{NAMES}?kind=topics",
        f"{NAMES}?kind=nonsense",
        f"{NAMES}?site={there.site.slug}",
        reverse("name", args=["agents", 1 << 70]),
    ):
        assert client.get(path).status_code == 404, path
    mine = an_agent(site, "Ann")
    said = {"merge-keeper": there.pk}
    page = client.post(reverse("name_merge", args=["agents", mine.pk]), said)
    assert "not one of the available choices" in page.content.decode()
    assert client.post(reverse("name_give", args=[there.pk])).status_code == 404
    said = {"give-alias": AgentAlias.objects.get(agent=there).pk}
    page = client.post(reverse("name_give", args=[mine.pk]), said)
    assert "not one of the available choices" in page.content.decode()
    assert not Job.objects.exists()


def test_words_that_all_sites_share_are_an_admins(client, site):
    stored(site, a_record(outcome="abandoned", topic="Billing", disposition="Lost"))
    client.force_login(a_user("admin"))
    for kind, model in (("topics", Topic), ("dispositions", Disposition)):
        page = client.get(NAMES, {"kind": kind})
        [word] = shown(page)
        assert str(page.context["table"].rows[0].get_cell("calls")) == "1"
        assert client.get(reverse("name", args=[kind, word.pk])).status_code == 200
        client.post(reverse("name_rename", args=[kind, word.pk]), {"rename-name": "Other"})
        assert model.objects.get().name == "Other"


@pytest.mark.parametrize("many", [1, 40])
@pytest.mark.parametrize(("kind", "queries"), [("agents", 8), ("guesses", 7), ("queues", 8)])
def test_the_list_asks_the_same_of_few_names_as_of_many(
    client, manager, site, django_assert_num_queries, kind, queries, many
):
    for number in range(many):
        stored(
            site,
            a_record(NINE, external_id=f"a{number}", queue=f"Q{number}", agent=f"Agent/{number}",
                     outcome="answered", answered_at=NINE),
            a_record(NINE, external_id=f"b{number}", queue=f"Q{number}", outcome="answered",
                     agent=f"Local/{number}@x", answered_at=NINE),
        )  # fmt: skip
    with django_assert_num_queries(queries):
        page = client.get(NAMES, {"kind": kind})
    assert len(shown(page)) == many


@pytest.mark.parametrize("many", [1, 40])
def test_a_names_page_asks_the_same_of_few_aliases_as_of_many(
    client, manager, site, django_assert_max_num_queries, many
):
    agent = an_agent(site)
    for number in range(many):
        AgentAlias.objects.create(source="s", raw_name=f"n{number}", agent=agent)
        an_agent(site)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("name", args=["agents", agent.pk])).status_code == 200


@pytest.mark.parametrize("kind", ["queues", "agents", "topics"])
def test_names_are_sorted_by_their_calls(client, site, kind):
    """Three calls of B, one of A, none of C."""
    for number, name in enumerate("BABB"):
        told = {"queue": name, "agent": name, "topic": name}
        record = a_record(external_id=f"c{number}", outcome="answered", answered_at=NINE, **told)
        stored(site, record)
    naming.KINDS[kind].rows.create(name="C", **({} if kind == "topics" else {"site": site}))
    client.force_login(a_user("admin"))
    asked = {"kind": kind, "shown": "all"}
    most = shown(client.get(NAMES, asked | {"sort": "-calls"}))
    least = shown(client.get(NAMES, asked | {"sort": "calls"}))
    assert [[one.name for one in rows] for rows in (most, least)] == [
        ["B", "A", "C"], ["C", "A", "B"],
    ]  # fmt: skip


def test_every_column_sorts_and_nonsense_is_passed_over(client, manager, batch):
    for kind, columns in (
        ("agents", ("name", "site", "calls")),
        ("guesses", ("raw", "agent", "source")),
    ):
        for column in columns:
            for sort in (column, f"-{column}"):
                assert client.get(NAMES, {"kind": kind, "sort": sort}).status_code == 200
    for asked in (
        {"sort": "x'; --"},
        {"page": "-1"},
        {"page": "x"},
        {"q": "%_'"},
        {"shown": "?"},
    ):
        assert client.get(NAMES, asked).status_code == 200


def test_a_name_is_written_as_text_never_as_markup(client, manager, site):
    wicked = "<script>alert(1)</script>"
    stored(site, a_record(queue=wicked, agent=wicked, outcome="answered", answered_at=NINE))
    for path in (
        NAMES,
        f"{NAMES}?kind=queues",
        reverse("name", args=["agents", Agent.objects.get().pk]),
        reverse("agent_list"),
        reverse("queue_edit", args=[Queue.objects.get().pk]),
    ):
        page = client.get(path).content.decode()
        assert wicked not in page
        assert "&lt;script&gt;" in page


def test_a_name_handed_on_twice_tells_its_whole_story_on_the_page_of_each(
    client, manager, batch, site
):
    first = AgentAlias.objects.get(raw_name="Agent/7")
    george, neo = an_agent(site, "George"), an_agent(site, "Neo")
    for agent, day in ((neo, date(2026, 3, 6)), (george, date(2026, 3, 4))):
        reattribution.run(naming.give(first, agent, day).pk)
    chain = "Agent/7 until before 4 Mar 2026, then George until before 6 Mar 2026, then Neo"
    for agent in (first.agent, george, neo):
        page = client.get(reverse("name", args=["agents", agent.pk])).content.decode()
        assert page.count(chain) == 1
        assert "Not handed on to George on 4 Mar 2026" in page
        assert "Not handed on to Neo on 6 Mar 2026" in page
    turn = AgentAlias.objects.get(agent=george, raw_name="Agent/7")
    client.post(reverse("alias_take_back", args=[turn.pk]))
    page = client.get(reverse("name", args=["agents", neo.pk])).content.decode()
    assert "Agent/7 until before 6 Mar 2026, then Neo" in page


def test_a_name_that_is_being_merged_says_what_it_becomes(client, manager, batch, site):
    queue, other = Queue.objects.get(), a_queue(site, "Telesales")
    naming.merge(naming.QUEUES, queue, other, manager)
    page = client.get(reverse("name", args=["queues", queue.pk])).content.decode()
    assert "It is becoming Telesales" in page
    assert reverse("name", args=["queues", other.pk]) in page
    assert "No log has told this name yet" not in page
    assert reverse("name_rename", args=["queues", queue.pk]) not in page
    stands = client.get(reverse("name", args=["queues", other.pk])).content.decode()
    assert "It is becoming" not in stands
