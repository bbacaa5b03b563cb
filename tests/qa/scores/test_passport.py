"""A score explains itself: what was drawn, what of it counts, and why the rest does not."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ccm.access import ROLES
from qa.models import Dispute, DrawnCall, Evaluation
from qa.scores import passport, words
from tests.builders import a_call, a_site, a_user
from tests.qa.builders import an_evaluation, finished
from tests.qa.plans.builders import MONDAY, NEXT, Centre

pytestmark = pytest.mark.django_db
MARCH = (MONDAY, date(2026, 3, 31))
SHARES = ["0.90", "0.80", "0.70", "1.00", "0.60"]


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(NEXT + timedelta(days=30), tick=False):
        yield


def reviewed(centre, shares=SHARES):
    for agent in centre.agents:
        rows = Evaluation.objects.filter(agent=agent, kind="drawn", rank=0).order_by("call_id")
        for one, share in zip(rows, shares, strict=False):
            finished(one, share)


def of(centre, *, own=False, plan=None):
    return passport.of_agent(centre.agents[0], centre.plan.card_id, *MARCH, plan=plan, own=own)


def page(user, centre, **more):
    client = Client()
    client.force_login(user)
    args = [centre.agents[0].pk, centre.plan.card_id]
    days = {"period": "custom", "from": MARCH[0].isoformat(), "to": MARCH[1].isoformat()}
    return client.get(reverse("score_passport", args=args), days | more)


def text(answer):
    return " ".join(answer.content.decode().split())


def disputed(review, state="open"):
    return Dispute.objects.create(
        evaluation=review, words="No", opened_at=NEXT, answer_due_at=NEXT, state=state
    )


def test_it_says_what_was_drawn_what_counts_and_why_the_rest_does_not():
    centre = Centre(agents=1, calls=12, per_agent=6, several_share="1.00")
    centre.draw()
    reviewed(centre)
    worst = Evaluation.objects.get(share="0.6")
    Evaluation.objects.filter(pk=worst.pk).update(share=0, is_failed=True)
    for one in Evaluation.objects.filter(rank=1)[:2]:
        finished(one, "0.5")
    call = a_call(centre.queue, agent=centre.agents[0])
    finished(an_evaluation(call, centre.analysts[0], reason="complaint"), "0.0")
    disputed(Evaluation.objects.get(share="0.9"))
    disputed(Evaluation.objects.get(share="0.8"), "withdrawn")
    found = of(centre)
    assert (found.told.eligible, found.told.drawn, found.told.reviews) == (12, 6, 5)
    assert (found.failed, found.outstanding, found.further, found.disputed) == (1, 1, 2, 1)
    assert (found.unscored, found.twice, found.told.targeted) == (0, 0, 1)
    assert found.versions == [(1, 5)]
    # One layer of 12 calls, 6 drawn of it and 5 reviewed: each stands for 2.4.
    (layer,) = found.layers
    assert (layer.many, layer.of, layer.n, layer.reviewed) == (1, 12, 6, 5)
    assert layer.weight == pytest.approx(2.4)
    assert words.left_out(found) == [
        "1 drawn call that is not reviewed yet",
        "2 further reviews of calls: they show how far reviewers agree",
        "1 targeted review of the same days: chance has not drawn its call",
    ]


def test_of_fewer_than_five_reviews_nothing_is_told_of_what_a_single_one_was():
    centre = Centre(agents=1, calls=12, per_agent=2, several_share="1.00")
    centre.draw()
    first = Evaluation.objects.filter(rank=0).first()
    finished(first, "0", is_failed=True)
    second = Evaluation.objects.get(drawn=first.drawn, rank=1)
    said = text(page(second.reviewer, centre))
    assert "1 review" in said
    assert "of which" not in said
    assert of(centre).failed == 0


def test_swaps_are_told_with_their_reasons_and_reviews_without_a_score_apart():
    centre = Centre(agents=1, calls=12, per_agent=7)
    centre.draw()
    reviewed(centre, [*SHARES, "0.50", "0.40"])
    one, two = DrawnCall.objects.all()[:2]
    DrawnCall.objects.filter(pk=one.pk).update(
        state="swapped", swap_reason="no_talk", swapped_at=NEXT
    )
    two.evaluations.update(share=None)
    found = of(centre)
    assert found.swapped == [("Nobody talked: a wrong connection or a test", 1)]
    assert (found.told.drawn, found.told.reviews, found.unscored) == (6, 5, 1)


def test_a_call_that_two_plans_drew_counts_once_and_that_is_told():
    centre = Centre(agents=1, calls=5)
    centre.draw()
    first = centre.plan
    other = Centre(agents=0, calls=0, site=centre.site, name="Again", card=first.card)
    other.draw()
    for one in Evaluation.objects.all():
        finished(one, "0.8")
    found = of(centre)
    assert (found.told.drawn, found.told.reviews, found.twice) == (10, 5, 5)
    assert found.versions == [(1, 5)]
    alone = of(centre, plan=first.pk)
    assert (alone.told.drawn, alone.told.reviews, alone.twice) == (5, 5, 0)


def test_an_agent_reads_of_what_is_released_to_them_and_nothing_of_the_rest():
    centre = Centre(agents=1, calls=12)
    agent = centre.agents[0]
    agent.user = a_user("agent")
    agent.save()
    centre.draw()
    reviewed(centre)
    call = a_call(centre.queue, agent=agent)
    finished(an_evaluation(call, centre.analysts[0], reason="complaint"), "0.0")
    two = Evaluation.objects.filter(rank=0, kind="drawn").order_by("pk")[:2]
    for one in two:
        one.state, one.released_at = "released", one.finished_at
        one.save()
    found = of(centre, own=True)
    assert (found.told.reviews, found.outstanding, found.told.targeted) == (2, 3, 0)
    said = text(page(agent.user, centre))
    assert "3 drawn calls of which no review is released to you" in said
    assert "too few reviews" in said
    assert "Counted are reviews that are released to you." in said
    assert "5 reviews" in text(page(a_user("qa_analyst", centre.site), centre))


def test_it_is_there_for_whom_reviews_of_the_agent_are_and_for_nobody_else():
    centre = Centre(agents=1, calls=12)
    centre.draw()
    there = {role: page(a_user(role, centre.site), centre).status_code for role in ROLES}
    assert {role for role, status in there.items() if status == 200} == {
        "admin", "manager", "qa_analyst"
    }  # fmt: skip
    assert set(there.values()) == {200, 404}
    assert page(centre.lead, centre).status_code == 200
    elsewhere = a_site("York")
    assert page(a_user("qa_analyst", elsewhere), centre).status_code == 404
    # Of the plan only who sees plans is told.
    plan = centre.plan.pk
    assert page(centre.lead, centre, plan=plan).status_code == 404
    assert page(a_user("manager", centre.site), centre, plan=plan).status_code == 200
    assert page(a_user("admin"), centre, plan="²").status_code == 404
    assert page(a_user("admin"), centre, plan="9" * 19).status_code == 404


def test_days_that_cannot_be_are_no_page_and_neither_is_what_was_never_drawn():
    centre = Centre(agents=1, calls=12)
    admin = a_user("admin")
    assert page(admin, centre).status_code == 404
    centre.draw()
    assert page(admin, centre).status_code == 200
    assert page(admin, centre, **{"from": "2026-03-32"}).status_code == 404


@pytest.mark.parametrize("is_lead", [False, True])
def test_it_asks_the_same_of_one_agent_as_of_eight(is_lead):
    counts = []
    for agents in (1, 8):
        centre = Centre(agents=agents, calls=12)
        centre.draw()
        reviewed(centre)
        client = Client()
        client.force_login(centre.lead if is_lead else a_user("qa_analyst", centre.site))
        at = reverse("score_passport", args=[centre.agents[0].pk, centre.plan.card_id])
        days = {"period": "custom", "from": "2026-03-02", "to": "2026-03-31"}
        for headers in ({}, {"HX-Request": "true"}):
            client.get(at, days, headers=headers)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(at, days, headers=headers).status_code == 200
            counts.append(len(asked))
    page, drawer, *same = counts
    assert same == [page, drawer]
    assert max(counts) <= 12, [one["sql"][:150] for one in asked.captured_queries]


def test_the_score_leads_to_it_wherever_it_is_shown():
    centre = Centre(agents=1, calls=12)
    draw = centre.draw()
    reviewed(centre)
    client = Client()
    client.force_login(a_user("admin"))
    at = reverse("score_passport", args=[centre.agents[0].pk, centre.plan.card_id])
    of_draw = client.get(reverse("sampling_scores", args=[draw.pk]))
    last = "period=custom&amp;from=2026-03-08&amp;to=2026-03-08"
    assert f'{at}?{last}&amp;plan={centre.plan.pk}" data-drawer' in of_draw.content.decode()
    days = {"period": "custom", "from": "2026-03-02", "to": "2026-03-31"}
    asked = "period=custom&amp;from=2026-03-02&amp;to=2026-03-31"
    of_plan = client.get(reverse("sampling_plan_scores", args=[centre.plan.pk]), days)
    assert f'{at}?{asked}&amp;plan={centre.plan.pk}" data-drawer' in of_plan.content.decode()
    of_agent = client.get(reverse("agent", args=[centre.agents[0].pk]), days)
    assert f'{at}?{asked}" data-drawer' in of_agent.content.decode()
    drawer = client.get(at, days, headers={"HX-Request": "true"}).content.decode()
    assert drawer.lstrip().startswith('<article class="passport">')
    assert "80.0" in drawer


def test_the_definition_of_the_score_stands_with_those_of_kpis():
    client = Client()
    client.force_login(a_user("planner", a_site()))
    listed = text(client.get(reverse("definitions")))
    at = reverse("definition", args=["qa_score"])
    assert f'<a href="{at}">QA score</a>' in listed
    said = text(client.get(at))
    for words_of_it in (
        "first reviews of calls drawn at random",
        "Of fewer than 5 reviews there is none.",
        "targeted reviews, further reviews of a call, calibration",
        "A review that is disputed counts as it stands",
        "Hajek",
        "partly pooled with the team",
    ):
        assert words_of_it in said
    assert client.post(at).status_code == 404
    client.force_login(a_user("agent"))
    assert client.get(at).status_code == 404
