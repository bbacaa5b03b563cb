"""The QA score beside KPIs, as far as the reader sees reviews."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from ccm import periods
from ccm.templatetags.figures import percent
from kpis import above, evaluation
from kpis.rollups import rebuild
from qa.beside import reads, told
from qa.insight import told as insight
from qa.models import AgentDraw, Evaluation, PlanDraw
from qa.scores import reads as scores
from tests.builders import a_call, a_user
from tests.qa.insight.invented import invented

pytestmark = pytest.mark.django_db
LAST = date(2026, 6, 20)
# Draws of June end on the 20th.
JUNE = (date(2026, 6, 1), date(2026, 6, 30))
DAYS = "period=custom&from=2026-06-01&to=2026-06-30"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def plain(words):
    return " ".join(words.split())


def text(answer):
    return plain(answer.content.decode())


def found(team, user=None):
    """The members of a team in June, found with what the column is made of."""
    facts = reads.facts(team, *JUNE) if user is None else above.team_facts(user, team, *JUNE)
    return list(evaluation.members(team, *JUNE).annotate(**facts))


def test_scores_are_of_draws_that_ended_in_the_period_pooled_within_the_team():
    made = invented(LAST, months=2, teams=2, agents=6, calls=6)
    (north, south) = (reads.of_people(found(team)) for team in made.teams)
    assert set(north[0].agents) == {one.pk for one in made.agents[:6]}
    assert set(south[0].agents) == {one.pk for one in made.agents[6:]}
    one = north[0].agents[made.agents[0].pk]
    first = Evaluation.objects.filter(rank=0, called_at__date__gte=JUNE[0], agent=made.agents[0])
    mean = sum(float(each.share) for each in first) / 6
    assert one.reviews == 6
    # One layer each: the own mean is the plain one, and the pooled lies towards the team's.
    assert one.own.value == pytest.approx(mean)
    team = north[0].team.value
    assert min(mean, team) - 0.02 <= one.pooled.value <= max(mean, team) + 0.02
    alone = reads.of_agent(made.site, made.agents[0].pk, *JUNE)
    assert [(each.card, each.score) for each in alone] == [("Support", one)]
    assert reads.of_agent(made.site, made.agents[0].pk, JUNE[0], date(2026, 6, 19)) == []


def test_a_team_has_one_figure_of_a_period_here_and_in_insight():
    made = invented(LAST, months=2, teams=2, agents=6, calls=6)
    # Calls lie anywhere within the days of their draw: not they, its end says which month.
    Evaluation.objects.filter(called_at__date__gte=JUNE[0]).update(
        called_at=datetime(2026, 5, 31, 9, tzinfo=UTC)
    )
    whole = reads.of_people(found(made.teams[0]))[0].team
    told = insight.of(a_user("admin"), made.site, *JUNE)
    (line,) = [one for one in told.teams if one.id == made.teams[0].pk]
    assert whole.n == 36
    assert line.score.n == whole.n
    assert line.score.value == pytest.approx(whole.value)


def test_an_agents_score_is_the_one_that_the_page_of_scores_has():
    made = invented(LAST, months=3, teams=2, agents=6, calls=6)
    moved = made.agents[0]
    # Drawn in the other team in June: pooled with that one, on either page.
    AgentDraw.objects.filter(agent=moved, draw__first_day=date(2026, 6, 1)).update(
        team=made.teams[1]
    )
    Evaluation.objects.filter(drawn__drawn__agent=made.agents[1]).update(share=Decimal("0.4"))
    days = (date(2026, 4, 1), date(2026, 6, 30))
    (card,) = scores.of_period(made.site, *days)
    for one in card.agents:
        (beside,) = reads.of_agent(made.site, one.agent.pk, *days)
        assert (beside.card, beside.score) == ("Support", one.score)


def test_the_teams_score_stands_for_the_calls_of_each():
    made = invented(LAST, months=1, teams=1, agents=3, calls=5)
    for agent, share in zip(made.agents, ("0.9", "0.8", "0.5"), strict=True):
        Evaluation.objects.filter(agent=agent).update(share=Decimal(share))
    (one,) = reads.of_people(found(made.teams[0]))
    # Drawn from 40, 50 and 60 calls.
    assert one.team.value == pytest.approx((40 * 0.9 + 50 * 0.8 + 60 * 0.5) / 150)


def test_who_sees_reviews_sees_the_score_and_a_planner_does_not():
    made = invented(LAST, months=1, agents=5, calls=6)
    person = made.agents[0]
    lead, other = a_user("supervisor"), a_user("supervisor")
    made.teams[0].leads.create(supervisor=lead, starts_on=date(2020, 1, 1))
    made.teams[1].leads.create(supervisor=other, starts_on=date(2020, 1, 1))
    url = f"{reverse('agent', args=[person.pk])}?{DAYS}"
    for user in (a_user("manager", made.site), a_user("qa_analyst", made.site), lead):
        said = text(signed_in(user).get(url))
        assert ">Quality " in said
        assert "of 6 reviews" in said
        assert "Failed outright" in said
    said = text(signed_in(a_user("planner", made.site)).get(url))
    assert "Quality <span>" not in said
    assert "Failed outright" not in said
    assert signed_in(other).get(url).status_code == 404


def test_an_agent_reads_of_released_reviews_alone():
    made = invented(LAST, months=1, agents=5, calls=6)
    person = made.agents[0]
    person.user = a_user("agent")
    person.save()
    client = signed_in(person.user)
    url = f"{reverse('agent', args=[person.pk])}?{DAYS}"
    assert "No released review of a drawn call." in text(client.get(url))
    rows = Evaluation.objects.filter(agent=person, rank=0).order_by("pk")[:3]
    for one in rows:
        one.state, one.released_at = "released", one.finished_at
        one.save()
    said = text(client.get(url))
    assert "too few" in said
    assert "3 of 5 reviews" in said


def released_to(made, person, many=None):
    """The agent with a sign-in, and so many of their first reviews released."""
    person.user = a_user("agent")
    person.save()
    for one in Evaluation.objects.filter(agent=person, rank=0).order_by("pk")[:many]:
        one.state, one.released_at = "released", one.finished_at
        one.save()
    return signed_in(person.user)


@pytest.mark.parametrize("days", ["2026-06-21", "2026-06-25"])
def test_days_that_hold_no_score_lead_to_those_of_90_days(days):
    made = invented(LAST, months=1, agents=5, calls=6)
    person = made.agents[0]
    client = released_to(made, person)
    score = reads.of_agent(made.site, person.pk, *JUNE, released=True)[0].score
    url = f"{reverse('agent', args=[person.pk])}?period=custom&from={days}&to=2026-06-25"
    said = text(client.get(url))
    assert "QA score of the 90 days to 25 Jun 2026" in said
    # The 90 days that end on the 25th begin on 28 March.
    assert "period=custom&amp;from=2026-03-28&amp;to=2026-06-25" in said
    longer = f"{reverse('agent', args=[person.pk])}?period=custom&from=2026-03-28&to=2026-06-25"
    assert plain(percent(score.pooled.value)) in text(client.get(longer))
    # Where the days have one of their own there is no other.
    assert "of the 90 days" not in text(client.get(f"{reverse('agent', args=[person.pk])}?{DAYS}"))


def test_an_agent_finds_their_score_above_their_reviews():
    made = invented(LAST, months=1, agents=5, calls=6)
    person = made.agents[0]
    Evaluation.objects.filter(pk=Evaluation.objects.filter(agent=person, rank=0)[0].pk).update(
        is_failed=True, share=0
    )
    with time_machine.travel(datetime(2026, 7, 9, 12, tzinfo=UTC), tick=False):
        client = released_to(made, person)
        said = text(client.get(reverse("my_reviews")))
        first, last = periods.named("90d", date(2026, 7, 9))
        score = reads.of_agent(made.site, person.pk, first, last, released=True)[0].score
        part = told.of_oneself(person.user, person, datetime(2026, 7, 9, 12, tzinfo=UTC))
        page = text(client.get(f"{reverse('agent', args=[person.pk])}?period=90d"))
    assert "Your score <span>of draws that ended in the last 90 days" in said
    assert said.index("Your score") < said.index("rv-figure")
    assert plain(percent(score.pooled.value)) in said
    assert "1 of 6 reviews, " in said
    # The one that failed is in no mean.
    assert "of 5 reviews, without 1 that failed" in said
    assert "drawn at random" in said  # how it is reckoned
    # The same figures as on the page of their results.
    for fact in part.facts:
        assert plain(fact.value) in page
        assert plain(fact.beside) in page


def test_an_agent_without_a_counted_review_finds_no_score():
    made = invented(LAST, months=1, agents=5, calls=6)
    client = released_to(made, made.agents[0], 0)
    assert "Your score" not in text(client.get(reverse("my_reviews")))


def test_few_reviews_are_called_too_few():
    made = invented(LAST, months=1, agents=5, calls=3)
    person = made.agents[0]
    said = text(
        signed_in(a_user("manager", made.site)).get(f"{reverse('agent', args=[person.pk])}?{DAYS}")
    )
    assert "3 of 5 reviews" in said


def test_a_teams_month_has_a_column_of_it():
    made = invented(LAST, months=1, agents=5, calls=6)
    for place, agent in enumerate(made.agents):
        a_call(made.queues[0], made.reviews[0].called_at + timedelta(minutes=place), agent=agent)
    rebuild()
    user = a_user("manager", made.site)
    url = f"{reverse('evaluation')}?team={made.teams[0].pk}&month=2026-06"
    answer = signed_in(user).get(url)
    assert [one.name for one in answer.context["above"]] == ["QA score"]
    cells = answer.context["above"][0].cells
    assert set(cells) == {None, *(one.pk for one in made.agents[:5])}
    assert "QA score</th>" in text(answer)
    # Beside the figures of the team and of each agent, too.
    own = cells[made.agents[0].pk]
    at = own.url.replace("&", "&amp;")
    told = plain(f'<dd><a href="{at}">{own.value}</a> <small>{own.beside}</small></dd>')
    assert f"<dt>QA score</dt>{told}" in text(answer)
    # Each explains itself: of a person by the score's own page, of the team by what reviews tell.
    assert own.url.startswith(
        reverse("score_passport", args=[made.agents[0].pk, made.version.card_id])
    )
    assert cells[None].url.startswith(reverse("quality_insight"))
    for one in (own, cells[None]):
        told = text(signed_in(user).get(one.url))
        assert plain(one.value).split()[0] in told
    # The team, its five, and how it is reckoned.
    assert text(answer).count("<dt>QA score</dt><dd>") == 1 + 5 + 1
    assert cells[made.agents[0].pk].beside.endswith("of 6 reviews")


def test_a_score_in_a_teams_month_leads_to_a_page_that_has_the_same_one():
    """The first was drawn in the other team, too; the second left the team; a second card is by
    itself. Nobody else is in two minds."""
    made = invented(LAST, months=2, agents=5, calls=6)
    moved, left, *others = made.agents[:5]
    lead = a_user("supervisor")
    made.teams[0].leads.create(supervisor=lead, starts_on=date(2020, 1, 1))
    rows = AgentDraw.objects.filter(agent=moved).order_by("draw__next_day")
    PlanDraw.objects.update(next_day=LAST)
    assert rows.count() == 2
    AgentDraw.objects.filter(pk=rows[0].pk).update(team=made.teams[1])
    left.memberships.update(ends_on=date(2026, 6, 25))
    (column,) = above.of_team(lead, made.teams[0], found(made.teams[0], lead))
    urls = {agent: cell.url for agent, cell in column.cells.items()}
    assert (urls[moved.pk], urls[left.pk]) == ("", "")
    for one in others:
        assert signed_in(lead).get(urls[one.pk]).status_code == 200
    manager = a_user("manager", made.site)
    (column,) = above.of_team(manager, made.teams[0], found(made.teams[0], manager))
    assert column.cells[left.pk].url


def test_nobody_reads_their_own_in_a_teams_month():
    made = invented(LAST, months=1, agents=5, calls=6)
    lead = a_user("supervisor")
    lead.groups.add(*a_user("agent").groups.all())
    own = made.agents[0]
    own.user = lead
    own.save()
    made.teams[0].leads.create(supervisor=lead, starts_on=date(2020, 1, 1))
    (column,) = above.of_team(lead, made.teams[0], found(made.teams[0], lead))
    assert own.pk not in column.cells
    assert made.agents[1].pk in column.cells
    planner = a_user("planner", made.site)
    assert above.of_team(planner, made.teams[0], found(made.teams[0], planner)) == []
