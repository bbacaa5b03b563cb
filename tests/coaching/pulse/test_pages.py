"""Surveys of people: who asks whom, and who reads what of it when."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ccm.models import Agent, AuditEntry, TeamMembership
from coaching.models import PulseAnswer, PulseSurvey
from coaching.pulse import services
from coaching.pulse.services import Asked
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.pulse.builders import MONDAY, a_pulse, answered

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
OVER = NINE + 7 * DAY
QUESTIONS = (("Recommend?", "ten"),)


@pytest.fixture(autouse=True)
def nine():
    with time_machine.travel(NINE, tick=False):
        yield


class House:
    """A site of a team of eight and four others; who manages it, and who leads the team."""

    def __init__(self):
        self.site = a_site()
        self.manager, self.lead = a_user("manager", self.site), a_user("supervisor")
        self.me = a_user("agent")
        mine = an_agent(self.site, user=self.me)
        self.team = a_team(self.site, self.lead, mine, *(an_agent(self.site) for _ in range(7)))
        self.others = [an_agent(self.site) for _ in range(4)]

    def asked(self, team=None, **more):
        said = {
            "site": self.site, "team": team, "kind": "pulse", "title": "March",
            "opens_on": MONDAY, "closes_on": MONDAY + 6 * DAY, "questions": QUESTIONS, **more,
        }  # fmt: skip
        return Asked(**said)


@pytest.fixture
def house():
    return House()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def survey_page(user, one, at=OVER):
    with time_machine.travel(at, tick=False):
        return text(signed_in(user).get(reverse("pulse_survey", args=[one.pk])))


def test_who_leads_a_team_asks_it_and_who_manages_a_site_all_of_it(house):
    url = f"{reverse('pulse_new')}?site={house.site.slug}"
    sent = {
        "title": "March", "team": house.team.pk, "opens_on": "2026-03-02",
        "closes_on": "2026-03-08", "text_1": "Recommend?", "scale_1": "ten",
        "text_2": "What first?", "scale_2": "words",
    }  # fmt: skip
    answer = signed_in(house.lead).post(url, sent)
    one = PulseSurvey.objects.get()
    assert answer.url == reverse("pulse_survey", args=[one.pk])
    assert (one.team, one.kind, one.made_by) == (house.team, "pulse", house.lead)
    assert [(each.text, each.scale) for each in one.questions.all()] == [
        ("Recommend?", "ten"), ("What first?", "words"),
    ]  # fmt: skip
    # Sent twice it is one.
    signed_in(house.lead).post(url, sent)
    assert PulseSurvey.objects.count() == 1
    assert AuditEntry.objects.filter(model="coaching.pulsesurvey").count() == 1
    # All of the site is not theirs to ask.
    for team in ("", "exit", a_team(house.site).pk):
        refused = signed_in(house.lead).post(url, sent | {"team": team})
        assert list(refused.context["form"].errors) == ["team"]
    form = signed_in(house.manager).get(url).context["form"]
    assert [value for value, _words in form.fields["team"].choices][:1] == [""]
    assert [value for value, _words in form.fields["team"].choices][-1:] == ["exit"]


def test_it_is_refused_of_few_too_often_too_long_and_where_another_would_tell_of_a_few(house):
    def refused(**more):
        with pytest.raises(ValidationError) as caught:
            services.make(house.asked(**more), house.manager, NINE)
        return caught.value.messages[0]

    small = a_team(house.site, None, *house.others)
    assert "fewer than 5 people" in refused(team=small)
    assert "today at the earliest" in refused(opens_on=MONDAY - DAY)
    assert "28 days at most" in refused(closes_on=MONDAY + 28 * DAY)
    assert "question on a scale" in refused(questions=(("x", "words"),))
    services.make(house.asked(), house.manager, NINE)
    # Of the site's twelve the team's eight leave four.
    assert "fewer than 5 people" in refused(team=house.team)
    assert "asked again 14 days after" in refused(
        opens_on=MONDAY + 19 * DAY, closes_on=MONDAY + 20 * DAY, title="Again"
    )
    services.make(
        house.asked(opens_on=MONDAY + 20 * DAY, closes_on=MONDAY + 21 * DAY, title="Again"),
        house.manager,
        NINE,
    )


def test_nothing_is_shown_before_it_is_over_nor_of_four_and_five_are_told_together(house):
    one = a_pulse(house.site)
    answered(one, 1, 9, 7, 8, 6)
    answered(one, 2, 5, 4, 4, 3)
    answered(one, 3, "Fewer late shifts")
    assert "Nothing is shown before it is over" in survey_page(house.manager, one, NINE + 6 * DAY)
    said = survey_page(house.manager, one)
    assert "Of so few nothing is ever shown" in said
    assert "Fewer late shifts" not in said
    answered(one, 1, 10)
    answered(one, 2, 4)
    said = survey_page(house.manager, one)
    assert "8.0" in said  # (9 + 7 + 8 + 6 + 10) / 5
    assert "4.0" in said  # (5 + 4 + 4 + 3 + 4) / 5
    assert "5 people or more" in said
    assert "Fewer late shifts" in said
    # Who was asked reads the figures, and nobody's words; an admin reads no name, as there is none.
    mine = survey_page(house.me, one)
    assert "8.0" in mine
    assert "Fewer late shifts" not in mine
    assert "Words are read by who manages the site" in survey_page(house.lead, one)


def test_what_so_few_more_answered_of_the_site_than_of_a_team_is_not_told(house):
    """Of the site's twelve eight answered and of the team's eight all: four at most are others."""
    whole = a_pulse(house.site, ("Help?", "ten"))
    answered(whole, 1, 9, 9, 9, 9, 9, 9, 9, 1)
    one = a_pulse(house.site, ("Help?", "ten"), team=house.team)
    answered(one, 1, *[9] * 7)
    said = survey_page(house.manager, one)
    assert "or it would tell of fewer" in said
    assert "9.0" not in said
    assert "8.0" in survey_page(house.manager, whole)  # (7 x 9 + 1) / 8
    # Nor as the past of another.
    days = {"opens_on": MONDAY + 140 * DAY, "closes_on": MONDAY + 141 * DAY}
    later = a_pulse(house.site, ("Help?", "ten"), team=house.team, **days)
    answered(later, 1, *[5] * 8)
    said = survey_page(house.manager, later, OVER + 140 * DAY)
    assert "5.0" in said
    assert "9.0" not in said


def test_the_same_question_again_makes_a_trend_and_tells_a_change_beyond_noise(house):
    for weeks, scores in ((8, (4, 5, 4, 5, 4, 5, 4, 5)), (4, (4, 5, 5, 5, 4, 5, 4, 5))):
        before = a_pulse(
            house.site,
            ("recommend?", "ten"),
            opens_on=MONDAY - timedelta(weeks=weeks),
            closes_on=MONDAY - timedelta(weeks=weeks) + 6 * DAY,
        )
        answered(before, 1, *scores)
    one = a_pulse(house.site, ("Recommend?", "ten"))
    answered(one, 1, 8, 9, 8, 9, 8, 9, 8, 9)
    said = survey_page(house.manager, one)
    assert "higher than before" in said
    assert said.index("11 Jan 2026") < said.index("8 Feb 2026")
    # Of a team it is a trend of its own.
    other = a_pulse(house.site, ("Recommend?", "ten"), team=house.team)
    answered(other, 1, *[8] * 8)
    assert "before" not in survey_page(house.lead, other).replace("before it is over", "")


def test_an_exit_survey_asks_who_leaves_and_is_read_by_who_manages_the_site(house):
    one = a_pulse(house.site, kind="exit", closes_on=MONDAY + 200 * DAY)
    url = reverse("pulse_answer", args=[one.pk])
    assert signed_in(house.me).get(url).status_code == 404
    Agent.objects.filter(user=house.me).update(left_on=MONDAY + 20 * DAY)
    client = signed_in(house.me)
    assert url in text(client.get(reverse("pulse")))
    client.post(url, {"q1": "2", "q2": "1", "q3": ""})
    assert PulseAnswer.objects.filter(question__survey=one).count() == 2
    answered(one, 1, 3, 4, 5, 6)
    late = NINE + 201 * DAY
    with time_machine.travel(late, tick=False):
        assert signed_in(house.lead).get(reverse("pulse_survey", args=[one.pk])).status_code == 404
    assert "4.0" in survey_page(house.manager, one, late)  # (2 + 3 + 4 + 5 + 6) / 5
    assert "It is not yours to read" in survey_page(house.me, one, late)
    # Two at once would tell what one more has said.
    for begins in (MONDAY + 30 * DAY, MONDAY + 213 * DAY):
        again = house.asked(kind="exit", opens_on=begins, closes_on=begins + 300 * DAY)
        with pytest.raises(ValidationError, match="14 days after"):
            services.make(again, house.manager, NINE)
    begins = MONDAY + 214 * DAY
    services.make(house.asked(kind="exit", opens_on=begins, closes_on=begins), house.manager, NINE)
    assert "4.0" not in survey_page(house.me, one, late)


def test_a_team_sees_its_own_and_no_other_does(house):
    one = a_pulse(house.site, team=house.team)
    stranger = a_user("agent")
    an_agent(house.site, user=stranger)
    url = reverse("pulse_survey", args=[one.pk])
    assert signed_in(house.me).get(url).status_code == 200
    assert signed_in(stranger).get(url).status_code == 404
    assert signed_in(a_user("planner", house.site)).get(url).status_code == 404
    # Who has gone to another team is asked by it no more.
    TeamMembership.objects.filter(agent__user=house.me).update(ends_on=MONDAY)
    assert signed_in(house.me).get(url).status_code == 404


def test_one_that_has_begun_stays_and_one_that_has_not_is_called_off(house):
    one = a_pulse(house.site)
    later = a_pulse(house.site, opens_on=MONDAY + DAY)
    client = signed_in(house.manager)
    said = text(client.post(reverse("pulse_call_off", args=[one.pk]), follow=True))
    assert "It has begun, and stays." in said
    assert client.post(reverse("pulse_call_off", args=[later.pk])).url == reverse("pulse")
    services.call_off(later.pk, house.manager, NINE)
    assert [*PulseSurvey.objects.all()] == [one]


def test_an_answer_is_a_score_or_words_whatever_writes_it(house):
    question = a_pulse(house.site).questions.first()
    for said in ({"score": None}, {"score": 3, "words": "x"}, {"score": 11}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PulseAnswer.objects.create(question=question, **said)


@pytest.mark.parametrize("many", [1, 15])
def test_the_list_asks_the_same_of_one_as_of_fifteen(house, many, django_assert_max_num_queries):
    for number in range(many):
        a_pulse(house.site, title=f"No. {number}")
        for _ in range(6):
            answered(PulseSurvey.objects.latest("pk"), 1, 5)
    client = signed_in(house.me)
    with django_assert_max_num_queries(12):
        client.get(reverse("pulse"))
    url = reverse("pulse_survey", args=[PulseSurvey.objects.latest("pk").pk])
    for user in (house.me, house.manager):
        client = signed_in(user)
        with time_machine.travel(OVER, tick=False), django_assert_max_num_queries(12):
            assert "5.0" in text(client.get(url))
