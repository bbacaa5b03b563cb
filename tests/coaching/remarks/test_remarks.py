"""What agents ask and note about own figures and calls, and how they are answered."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from ccm.models import AuditEntry, User
from ccm.signals import names_merged
from coaching.models import Remark
from coaching.remarks import reads, services
from coaching.remarks.reads import WAITING
from coaching.remarks.services import About
from kpis import rollups
from qa.models import Evaluation
from scheduling.models import AdherenceDay
from tests.builders import NINE, a_call, a_queue, a_user, an_agent
from tests.coaching.builders import Floor
from tests.coaching.remarks.builders import a_remark
from tests.qa.after.test_listed import found_with_facts
from tests.qa.builders import finished
from tests.qa.plans.builders import MONDAY, Centre

pytestmark = pytest.mark.django_db
ABOUT = About("Talk: 2:00", "/passport/?kpi=talk")


@pytest.fixture
def floor():
    with time_machine.travel(NINE + timedelta(days=1), tick=False):
        yield Floor()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def figure(floor, **more):
    day = NINE.date().isoformat()
    return {
        "kpi": "talk", "site": floor.site.slug, "agent": floor.agent.pk, "from": day, "to": day,
    } | more  # fmt: skip


def test_an_agent_asks_where_the_figure_explains_itself_and_reads_the_answer(floor):
    a_call(a_queue(floor.site), NINE, agent=floor.agent, talk=120)
    rollups.rebuild()
    agent, lead = signed_in(floor.agent.user), signed_in(floor.lead)
    passport = agent.get(reverse("passport"), figure(floor)).content.decode()
    assert reverse("remark_new") in passport
    new = reverse("remark_new") + "?" + "&".join(f"{k}={v}" for k, v in figure(floor).items())
    sent = agent.post(new, {"kind": "question", "words": "One was not mine"})
    made = Remark.objects.get()
    assert sent.url == reverse("remark", args=[made.pk])
    assert "2:00" in made.about
    assert (made.kpi, made.first, made.last) == ("talk", NINE.date(), NINE.date())
    assert WAITING.count(floor.lead) == 1
    answered = lead.post(
        reverse("remark", args=[made.pk]),
        {"outcome": "corrected", "answer": "It was moved", "revision": 0},
    )
    assert answered.status_code == 302
    assert WAITING.count(floor.lead) == 0
    assert "It was moved" in agent.get(reverse("remarks")).content.decode()
    # Beside the figure it is told to both.
    for client in (agent, lead):
        acts = client.get(reverse("passport"), figure(floor)).context["passport"]["acts"]
        assert acts[0].words == "1 note or question about it"
        assert "It was moved" in client.get(acts[0].url).content.decode()


def test_nobody_asks_about_somebody_elses_figure_or_call(floor):
    other = an_agent(floor.site, "Other", user=a_user("agent"))
    call = a_call(a_queue(floor.site), NINE, agent=floor.agent)
    client = signed_in(other.user)
    assert client.get(reverse("remark_new"), {"call": call.pk}).status_code == 404
    assert client.get(reverse("remark_new"), figure(floor)).status_code == 404
    assert client.get(reverse("remark_new"), {"call": "x"}).status_code == 404
    assert client.get(reverse("remark_new")).status_code == 404
    assert client.get(reverse("remark", args=[a_remark(floor.agent).pk])).status_code == 404


def test_the_same_words_twice_are_one_and_not_more_wait_than_may(floor):
    one = services.say(floor.agent, ABOUT, "question", "Why?", floor.agent.user, NINE)
    assert services.say(floor.agent, ABOUT, "question", "Why?", floor.agent.user, NINE) == one
    for n in range(services.MOST_OPEN - 1):
        a_remark(floor.agent, words=f"Why {n}?")
    with pytest.raises(ValidationError, match="20 of your questions wait"):
        services.say(floor.agent, ABOUT, "question", "And why?", floor.agent.user, NINE)
    # A note waits for nobody.
    services.say(floor.agent, ABOUT, "note", "And why?", floor.agent.user, NINE)


def test_of_two_who_answer_the_second_reads_what_the_first_said(floor):
    one = a_remark(floor.agent)
    services.answer(one.pk, "stands", "It is so", 0, floor.lead, NINE)
    services.answer(one.pk, "stands", "It is so", 0, floor.lead, NINE)
    assert Remark.objects.get().revision == 1
    sent = signed_in(floor.lead).post(
        reverse("remark", args=[one.pk]), {"outcome": "later", "answer": "I look", "revision": 0}
    )
    assert sent.status_code == 409
    said = sent.content.decode()
    assert "It is so" in said
    assert "I look" in said


def test_an_answer_counts_beside_the_entry_until_its_agent_reads_it_and_the_first_stays(floor):
    one, me = a_remark(floor.agent), floor.agent.user
    mate = an_agent(floor.site, "Mate", user=a_user("agent"))

    def counted(who):
        alone = reads.count(User.objects.get(pk=who.pk))
        assert reads.count(found_with_facts(who, reads.facts())) == alone
        return alone

    assert (counted(me), counted(floor.lead)) == (0, 1)
    services.answer(one.pk, "stands", "It is so", 0, floor.lead, NINE)
    assert (counted(me), counted(floor.lead), counted(mate.user)) == (1, 0, 0)
    url = reverse("remark", args=[one.pk])
    signed_in(floor.lead).get(url)
    assert counted(me) == 1  # somebody else read it
    signed_in(me).get(url)
    assert counted(me) == 0
    services.answer(one.pk, "corrected", "It was wrong", 1, floor.lead, NINE + timedelta(hours=1))
    assert counted(me) == 1
    for who, where in ((floor.lead, url), (me, reverse("remarks"))):
        said = signed_in(who).get(where).content.decode()
        assert "It was wrong" in said
        assert "Answered before: It is right" in said
        assert "It is so" in said
    assert counted(me) == 0


def test_what_is_being_looked_into_stays_in_the_list_and_waits_for_nobody(floor):
    late, new = a_remark(floor.agent, words="Late?"), a_remark(floor.agent, words="New?")
    services.answer(late.pk, "later", "I look", 0, floor.lead, NINE)
    assert list(reads.found(floor.lead, reads.OPEN)) == [new, late]
    assert WAITING.count(floor.lead) == 1
    services.answer(late.pk, "stands", "It is so", 1, floor.lead, NINE)
    assert list(reads.found(floor.lead, reads.OPEN)) == [new]


def test_the_agent_does_not_answer_their_own_question(floor):
    one = a_remark(floor.agent)
    answer = {"outcome": "stands", "answer": "Yes", "revision": 0}
    assert signed_in(floor.agent.user).post(
        reverse("remark", args=[one.pk]), answer
    ).status_code == 404  # fmt: skip
    assert Remark.objects.get().outcome == ""


def test_a_note_has_no_answer_not_even_in_the_database(floor):
    one = a_remark(floor.agent, kind="note")
    with pytest.raises(ValidationError, match="no answer"):
        services.answer(one.pk, "stands", "Yes", 0, floor.lead, NINE)
    with pytest.raises(IntegrityError):
        Remark.objects.update(outcome="stands", answer="Yes", answered_at=NINE)


def test_the_log_says_that_it_was_asked_and_not_what(floor):
    services.say(floor.agent, ABOUT, "question", "About my health", floor.agent.user, NINE)
    entry = AuditEntry.objects.get(model="coaching.remark")
    assert "About my health" not in str(entry.after)


def test_what_was_asked_follows_when_two_agents_become_one(floor):
    other = an_agent(floor.site, "Other")
    a_remark(other)
    names_merged.send(type(other), loser=other.pk, keeper=floor.agent.pk)
    assert Remark.objects.get().agent == floor.agent


@pytest.mark.parametrize("many", [1, 9])
def test_the_list_asks_the_same_of_few_as_of_many(floor, django_assert_max_num_queries, many):
    for n in range(many):
        a_remark(floor.agent, words=f"Why {n}?")
    client = signed_in(floor.lead)
    with django_assert_max_num_queries(7):
        page = client.get(reverse("remarks"))
    assert len(page.context["rows"]) == many


def test_an_agent_asks_about_a_score_and_a_days_adherence_where_these_explain_themselves():
    centre = Centre(agents=1, calls=12, per_agent=6)
    agent = centre.agents[0]
    agent.user = a_user("agent")
    agent.save()
    centre.draw()
    for one in Evaluation.objects.filter(agent=agent, kind="drawn", rank=0):
        finished(one, "0.80", state="released", released_at=NINE)
    AdherenceDay.objects.create(
        agent=agent, day=MONDAY, site=centre.site, is_told=True,
        scheduled=28_800, adherent=21_600, missed=7_200,
    )  # fmt: skip
    client = signed_in(agent.user)
    other = signed_in(an_agent(centre.site, "Other", user=a_user("agent")).user)
    days = {"from": MONDAY.isoformat(), "to": "2026-03-31"}
    score = reverse("score_passport", args=[agent.pk, centre.plan.card_id])
    day = reverse("adherence_day", args=[agent.pk])
    for page, sent, kpi, said in (
        (score, days | {"period": "custom"}, "qa_score", "80.0"),
        (day, {"day": MONDAY.isoformat()}, "adherence", "75.0"),
    ):
        (act,) = client.get(page, sent).context["acts"]
        assert client.post(act.url, {"kind": "question", "words": "Why?"}).status_code == 302
        made = Remark.objects.get(kpi=kpi)
        assert said in made.about
        assert client.get(made.url).status_code == 200
        assert client.get(page, sent).context["acts"][0].words == "1 note or question about it"
        assert other.get(act.url).status_code == 404
    new = reverse("remark_new")
    for card in ("x", "0" * 20 + "9" * 30, "0" * 5000, "99999999999999999999", "²"):
        assert client.get(new, days | {"score": card}).status_code == 404, card
    for day in ("x", "2026-13-01", "2026-03-03"):
        assert client.get(new, {"adherence": day}).status_code == 404, day


def test_what_was_said_of_a_call_is_told_on_its_page_to_who_may_read_it(floor):
    call = a_call(a_queue(floor.site), NINE, agent=floor.agent)
    agent, lead = signed_in(floor.agent.user), signed_in(floor.lead)
    new = reverse("remark_new") + f"?call={call.pk}"
    agent.post(new, {"kind": "note", "words": "The line was bad"})
    a_remark(floor.agent, words="Of something else?")
    for client in (agent, lead):
        acts = client.get(reverse("call", args=[call.pk])).context["acts"]
        (said,) = [act for act in acts if act.words == "Notes and questions about it"]
        listed = client.get(said.url).content.decode()
        assert "The line was bad" in listed
        assert "Of something else?" not in listed
    other = signed_in(an_agent(floor.site, "Other", user=a_user("agent")).user)
    assert "The line was bad" not in other.get(said.url).content.decode()
