"""The pages of plans, draws and reviews that are to be done, and their numbers over the API."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ccm import audit
from ccm.models import AuditEntry, Call, User
from qa.after import releasing
from qa.models import AgentDraw, DrawnCall, Evaluation, PlanDraw, QualityRules, SamplingPlan
from qa.plans import drawing, queue
from tests.builders import NINE, a_call, a_site, a_team, a_user
from tests.qa.after.builders import House
from tests.qa.builders import a_card, an_evaluation, finished
from tests.qa.calibration.builders import a_session
from tests.qa.plans.builders import MONDAY, NEXT, Centre, a_late_call

pytestmark = pytest.mark.django_db
MOST_ID_AND_MORE = 1 << 70


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NEXT, tick=False):
        yield


@pytest.fixture
def centre():
    return Centre(agents=2, calls=12)


@pytest.fixture
def analyst(centre):
    return of(centre.analysts[0])


def of(user):
    client = Client()
    client.force_login(user)
    return client


def said(answer):
    return answer.content.decode()


def filled(centre, **more):
    """A new plan as a browser sends it."""
    reviewer = centre.analysts[0].pk
    return {
        "name": "New one", "card": centre.plan.card_id, "cadence": "weekly",
        "starts_on": MONDAY.isoformat(), "per_agent": 4, "due_days": 5, "direction": "",
        "shortest_s": 30, "strata": ["length"], "bands": "5", "new_hire_days": 90,
        "repeat_days": 7, "allocation": "proportional", "parts": "", "several_percent": 25,
        "several": 2, "release": "at_once", "release_days": 0,
        f"reviewer_{reviewer}": "on", f"capacity_{reviewer}": "6",
        f"reviewer_{centre.analysts[1].pk}": "on", **more,
    }  # fmt: skip


def test_a_plan_is_made_by_its_form(centre, analyst):
    answer = analyst.post(reverse("sampling_plan_new"), filled(centre, teams=[centre.team.pk]))
    plan = SamplingPlan.objects.get(name="New one")
    assert answer.url == reverse("sampling_plan", args=[plan.pk])
    assert (plan.site, plan.per_agent, plan.strata, plan.bands) == (
        centre.site, 4, ["length"], [300],
    )  # fmt: skip
    assert float(plan.several_share) == 0.25
    assert list(plan.teams.all()) == [centre.team]
    assert not plan.needs_record
    assert dict(plan.reviewers.values_list("user", "capacity")) == {
        centre.analysts[0].pk: 6, centre.analysts[1].pk: None,
    }  # fmt: skip
    assert AuditEntry.objects.get(model="qa.samplingplan").after["name"] == "New one"
    page = said(analyst.get(answer.url))
    assert "New one" in page
    assert "at most 6 a period" in page


def test_a_plan_of_calls_that_can_be_heard_or_read_says_so_and_what_it_leaves_out(centre, analyst):
    sent = filled(centre, needs_record="True", preview="yes")
    would = analyst.post(reverse("sampling_plan_new"), sent).context["preview"]
    assert would.left_out == [("Neither a recording nor a transcript", 24)]
    answer = analyst.post(reverse("sampling_plan_new"), filled(centre, needs_record="True"))
    page = said(analyst.get(answer.url))
    assert "with a recording or a transcript" in page
    form = said(
        analyst.get(reverse("sampling_plan_edit", args=[SamplingPlan.objects.latest("pk").pk]))
    )
    assert '<option value="True" selected>only calls with one</option>' in form


def test_before_it_is_kept_it_shows_what_it_would_draw(centre, analyst):
    a_call(centre.queue, agent=centre.agents[0], talk=5)
    answer = analyst.post(reverse("sampling_plan_new"), filled(centre, preview="yes"))
    assert not SamplingPlan.objects.filter(name="New one").exists()
    would = answer.context["preview"]
    # 24 calls of two agents, four of each; 8 under five minutes and 4 longer of each agent.
    assert (would.eligible, would.agents, would.wanted, would.drawn) == (24, 2, 8, 8)
    assert (would.fewest, would.most, would.fewer) == (12, 12, 0)
    assert [(one.words, one.eligible) for one in would.strata] == [
        ("0:00 to 5:00", 16), ("from 5:00", 8),
    ]  # fmt: skip
    # Four of each agent's twelve by 8 : 4 are 2.67 and 1.33: three and one, of two agents.
    assert [one.drawn for one in would.strata] == [6, 2]
    assert would.left_out == [("Too short", 1)]
    # Eight calls, a quarter of them twice.
    assert sum(one.reviews for one in would.load) == 10
    assert "What it would draw" in said(answer)


def test_what_small_strata_would_give_is_told_as_the_mean_of_many_draws(centre, analyst):
    # Ten calls under six minutes and two longer ones, two of each agent: they are one layer.
    sent = filled(centre, preview="yes", per_agent=2, bands="6")
    answer = analyst.post(reverse("sampling_plan_new"), sent)
    would = answer.context["preview"]
    assert would.drawn == 4
    assert [(one.words, one.eligible) for one in would.strata] == [
        ("0:00 to 6:00", 20), ("from 6:00", 4),
    ]  # fmt: skip
    # 2 of 12 calls: each of the twenty and of the four comes with 1/6.
    assert [one.drawn for one in would.strata] == pytest.approx([20 / 6, 4 / 6])
    page = said(answer)
    assert "Drawn, about" in page
    assert "<td>3.3</td>" in page
    assert "differs from draw to draw" in page


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Weekly"}, None),
        ({"card": "999999"}, "card"),
        ({"per_agent": "0"}, "per_agent"),
        ({"per_agent": "101"}, "per_agent"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"bands": "short"}, "bands"),
        ({"bands": ""}, "bands"),
        ({"bands": "1,2,3,4,5,6,7"}, "bands"),
        ({"strata": ["colour"]}, "strata"),
        ({"several": "1"}, "several"),
        ({"several_percent": "101"}, "several_percent"),
        ({"teams": ["99999999"]}, "teams"),
        ({"allocation": "shares", "parts": "from 5:00 = 120"}, "parts"),
        ({"allocation": "shares", "parts": "from 5:00"}, "parts"),
        ({"allocation": "shares", "parts": ""}, "parts"),
        ({"allocation": "shares", "parts": "<b>=3"}, "parts"),
        ({"allocation": "shares", "parts": "0:00 to 5:00 = 60\nfrom 5:00 = 50"}, "parts"),
        ({"allocation": "fixed", "strata": ["queue", "length"]}, "allocation"),
        ({"release": "never"}, "release"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(centre, analyst, more, field):
    answer = analyst.post(reverse("sampling_plan_new"), filled(centre, **more))
    assert answer.status_code == 200
    errors = answer.context["form"].errors
    assert (field or "__all__") in errors
    assert SamplingPlan.objects.count() == 1


def test_without_reviewers_there_is_no_plan(centre, analyst):
    sent = {name: one for name, one in filled(centre).items() if not name.startswith("reviewer")}
    answer = analyst.post(reverse("sampling_plan_new"), sent)
    assert "Choose who reviews these calls." in said(answer)


def test_more_of_some_are_written_in_words(centre, analyst):
    sent = filled(centre, allocation="shares", parts="FROM 5:00 = 60 %")
    analyst.post(reverse("sampling_plan_new"), sent)
    plan = SamplingPlan.objects.get(name="New one")
    assert plan.parts == {"length:300-": 60}
    page = said(analyst.get(reverse("sampling_plan_edit", args=[plan.pk])))
    assert "from 5:00 = 60" in page


def test_a_plan_that_somebody_changed_meanwhile_is_not_written_over(centre, analyst):
    address = reverse("sampling_plan_edit", args=[centre.plan.pk])
    seen = analyst.get(address).context["form"].initial["seen"]
    sent = filled(centre, name="Mine", seen=seen)
    of(centre.analysts[1]).post(address, filled(centre, name="Theirs", seen=seen))
    answer = analyst.post(address, sent)
    assert "Somebody changed this plan" in said(answer)
    centre.plan.refresh_from_db()
    assert centre.plan.name == "Theirs"


def test_once_it_has_drawn_its_card_and_periods_stay(centre, analyst):
    centre.draw()
    address = reverse("sampling_plan_edit", args=[centre.plan.pk])
    seen = analyst.get(address).context["form"].initial["seen"]
    sent = filled(centre, name="Same days", seen=seen, cadence="monthly", starts_on="2026-02-01",
                  card=a_card(centre.site, "Other").pk)  # fmt: skip
    assert analyst.post(address, sent).status_code == 302
    plan = SamplingPlan.objects.get(name="Same days")
    assert (plan.cadence, plan.starts_on, plan.card) == ("weekly", MONDAY, centre.plan.card)


def test_a_new_plan_opens_on_the_site_that_is_open_and_is_kept_at_the_one_it_was_drawn_for(centre):
    shut = a_site("Aarhus")
    shut.opening = {"6": [["08:00", "12:00"]]}  # Sundays; it is Monday
    shut.save()
    keeper = a_user("qa_analyst", shut, centre.site)
    page = of(keeper).get(reverse("sampling_plan_new"))
    assert page.context["site"] == centre.site
    assert f'method="post" action="?site={centre.site.slug}"' in said(page)
    there = of(keeper).get(reverse("sampling_plan_new"), {"site": shut.slug})
    assert f'action="?site={shut.slug}"' in said(there)


def test_a_plan_ends_and_goes_on(centre, analyst):
    address = reverse("sampling_plan_end", args=[centre.plan.pk])
    analyst.post(address)
    analyst.post(address)
    centre.plan.refresh_from_db()
    assert centre.plan.ended_on == NEXT.date()
    page = reverse("sampling_plan", args=[centre.plan.pk])
    assert "Go on with the plan" in said(analyst.get(page))
    analyst.post(address, {"go_on": "yes"})
    centre.plan.refresh_from_db()
    assert centre.plan.ended_on is None
    assert AuditEntry.objects.filter(model="qa.samplingplan").count() == 2


def test_a_period_is_drawn_by_hand_once_and_its_page_shows_it(centre, analyst):
    a_late_call(centre.queue)
    page = said(analyst.get(reverse("sampling_plan", args=[centre.plan.pk])))
    assert "Draw now" in page
    address = reverse("sampling_plan_draw", args=[centre.plan.pk])
    first = analyst.post(address, {"first_day": "2026-03-02"})
    draw = PlanDraw.objects.get()
    assert first.url == reverse("sampling_draw", args=[draw.pk])
    again = analyst.post(address, {"first_day": "2026-03-02"}, follow=True)
    assert "had been drawn already" in said(again)
    assert draw.made_by == centre.analysts[0]
    answer = analyst.get(first.url)
    assert draw.seed in said(answer)
    assert draw.digest in said(answer)
    assert [one.probability for one in answer.context["calls"]] == [pytest.approx(5 / 12)] * 10
    assert (answer.context["coverage"].wanted, answer.context["coverage"].drawn) == (10, 10)
    for day in ("", "yesterday", "2026-02-31", "2026-03-09", "2026-03-03"):
        answer = analyst.post(address, {"first_day": day}, follow=True)
        assert answer.status_code == 200
    assert PlanDraw.objects.count() == 1


def test_repeating_a_draw_says_whether_it_comes_out_the_same(centre, analyst):
    draw = centre.draw()
    address = reverse("sampling_draw", args=[draw.pk])
    assert "the same calls come" in said(analyst.get(address, {"again": "yes"}))
    row = DrawnCall.objects.first()
    DrawnCall.objects.filter(pk=row.pk).update(of=99)
    page = said(analyst.get(address, {"again": "yes"}))
    assert "other calls come" in page
    assert f"{row.call_id} is kept, one of 5 of 99" in page


def test_the_draw_page_tells_how_far_each_call_is(centre, analyst):
    draw = centre.draw()
    reviews = list(Evaluation.objects.order_by("pk"))
    finished(reviews[0], finished_at=NEXT)
    finished(reviews[1], finished_at=NEXT + timedelta(days=9))
    Evaluation.objects.filter(pk=reviews[2].pk).delete()
    with time_machine.travel(NEXT + timedelta(days=10), tick=False):
        answer = analyst.get(reverse("sampling_draw", args=[draw.pk]))
    told = answer.context["coverage"]
    assert (told.wanted, told.drawn, told.reviewed, told.late, told.overdue) == (10, 10, 2, 1, 8)
    states = [one.state for one in answer.context["calls"]]
    assert sorted(states) == ["done"] * 2 + ["nobody"] + ["overdue"] * 7
    shown = " ".join(said(answer).split())
    for part in ("drawn of wanted: 100 %", "reviewed of drawn: 20 %, 1 late", "overdue: 80 %"):
        assert part in shown.replace("\N{NO-BREAK SPACE}", " "), part


def test_of_a_day_that_has_not_come_a_page_says_so_and_what_it_shows_instead(centre, analyst):
    centre.draw()
    days = {"period": "custom", "from": "2026-03-01", "to": "2026-03-10"}
    pages = (
        reverse("sampling_plan_scores", args=[centre.plan.pk]), reverse("quality_insight"),
        reverse("disputes"), reverse("check_topics"),
        reverse("agent", args=[centre.agents[0].pk]),
    )  # fmt: skip
    for at in pages:
        page = said(analyst.get(at, days))
        assert "2026-03-10 is still to come: today is 2026-03-09." in page, at
        assert "Shown instead: " in page, at


def test_the_answers_of_reviews_are_offered_as_a_file_by_site_and_days(centre, analyst):
    centre.draw()
    asked = {"agent": centre.agents[0].pk, "state": "done", "plan": centre.plan.pk}
    page = said(analyst.get(reverse("reviews"), asked))
    form = page.split(f'action="{reverse("review_answers_csv")}"')[1].split("</form>")[0]
    assert f'<input type="hidden" name="agent" value="{centre.agents[0].pk}">' in form
    assert '<input type="hidden" name="state" value="done">' in form
    # What is open has no answers yet.
    opened = said(analyst.get(reverse("reviews"), {"state": "overdue"}))
    assert '<input type="hidden" name="state" value="done">' in opened
    assert f'<option value="{centre.site.slug}">' in form
    assert '<option value="90d" selected>' in form
    # It reads neither "From - to" nor a plan.
    assert 'value="custom"' not in form
    assert 'name="plan"' not in form
    kept = {"agent": centre.agents[0].pk, "state": "done", "site": centre.site.slug}
    answer = analyst.get(reverse("review_answers_csv"), kept | {"period": "90d"})
    assert answer.status_code == 200


def test_a_call_that_was_drawn_from_several_strata_says_from_which():
    # Of each agent ten calls under six minutes and two longer ones, two are drawn: 1.67 and .33,
    # so both strata are drawn from as one, of twelve calls.
    centre = Centre(agents=2, calls=12, per_agent=2, strata=["length"], bands=[360])
    draw = centre.draw()
    analyst = of(centre.analysts[0])
    page = analyst.get(reverse("sampling_draw", args=[draw.pk]))
    names = ["0:00 to 6:00", "from 6:00"]
    calls = page.context["calls"]
    assert [(one.joined, one.drawn.n, one.drawn.of) for one in calls] == [(names, 2, 12)] * 4
    assert {one.stratum for one in calls} <= {*names}
    assert said(page).count("drawn from 2 strata as one:</summary> 0:00 to 6:00; from 6:00") == 4
    swap = said(analyst.get(reverse("drawn_swap", args=[calls[0].drawn.pk])))
    assert "drawn from 2 strata as one:</summary> 0:00 to 6:00; from 6:00" in swap
    assert {one["Strata of the layer"] for one in rows_of(analyst, draw)} == {"; ".join(names)}
    told = analyst.get(reverse("api_quality_draw", args=[draw.pk])).json()
    both = ["length:0-360", "length:360-"]
    layers = [call["strata_of_layer"] for one in told["agents"] for call in one["calls"]]
    assert layers == [both] * 4


def test_the_calls_of_the_layers_of_an_agent_are_those_that_were_eligible():
    # Eight calls under five minutes and four longer, five drawn: 3.3 and 1.7 are a layer each.
    centre = Centre(agents=1, calls=12, strata=["length"], bands=[300])
    draw = centre.draw()
    analyst = of(centre.analysts[0])
    calls = analyst.get(reverse("sampling_draw", args=[draw.pk])).context["calls"]
    assert [one.joined for one in calls] == [()] * 5
    assert {(one.stratum, one.drawn.n, one.drawn.of) for one in calls} == {
        ("0:00 to 5:00", 3, 8), ("from 5:00", 2, 4),
    }  # fmt: skip
    for row in rows_of(analyst, draw):
        assert row["Strata of the layer"] == row["Stratum"]


def rows_of(client, draw):
    answer = client.get(reverse("sampling_draw_csv", args=[draw.pk]))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    return list(csv.DictReader(lines))


def test_a_plan_without_draws_says_what_the_first_one_waits_for(centre, analyst):
    page = reverse("sampling_plan", args=[centre.plan.pk])
    assert "A period is over: it stands above" in said(analyst.get(page))
    SamplingPlan.objects.update(starts_on=NEXT.date())
    assert "once the first period is over." in said(analyst.get(page))


def weeks_of_two():
    """A plan of two calls a week, of three weeks of an agent: all reviewed."""
    centre = Centre(agents=1, calls=12, per_agent=2)
    (agent,) = centre.agents
    a_week = timedelta(weeks=1)
    for n in range(1, 3):
        for hour in range(6):
            a_call(centre.queue, NINE + n * a_week + timedelta(hours=hour), agent=agent)
    for n, shares in enumerate((("0.9", "0.7"), ("0.8", "0.6"), ("0.5", "0.9"))):
        draw = drawing.make(centre.plan, MONDAY + n * a_week, None, NEXT + n * a_week).draw
        rows = Evaluation.objects.filter(drawn__drawn__draw=draw).order_by("call_id")
        for one, share in zip(rows, shares, strict=True):
            finished(one, share, finished_at=NEXT + n * a_week)
    return centre


def test_draws_that_are_too_few_each_say_something_together():
    centre = weeks_of_two()
    plan = centre.plan
    with time_machine.travel(NEXT + timedelta(weeks=2), tick=False):
        analyst = of(centre.analysts[0])
        first = plan.draws.earliest("first_day")
        alone = analyst.get(reverse("sampling_scores", args=[first.pk]))
        assert "too few" in said(alone)
        # Up to the last day of that draw.
        assert alone.context["several"].endswith("from=2026-03-02&to=2026-03-08")
        address = reverse("sampling_plan_scores", args=[plan.pk])
        assert address in said(alone)
        assert address in said(analyst.get(reverse("sampling_plan", args=[plan.pk])))
        page = analyst.get(address)
        (one,) = page.context["scores"]
        # 12 calls at .8 and twice 6 at .7, whatever was drawn of each.
        assert one.score.own.value == pytest.approx((12 * 0.8 + 12 * 0.7) / 24)
        assert (one.eligible, one.drawn, one.reviews, page.context["scored"]) == (24, 6, 6, 1)
        there = page.context["coverage"]
        assert (there.wanted, there.drawn, there.reviewed, there.overdue) == (6, 6, 6, 0)
        assert "75.0" in said(page)
        assert "3 draws" in said(page)
        assert f"?plan={plan.pk}&amp;state=&amp;agent={one.agent.pk}#all" in said(page)
        # A period has the draws whose last day lies in it.
        few = analyst.get(address, {"period": "custom", "from": "2026-03-15", "to": "2026-03-21"})
        assert [str(draw.first_day) for draw in few.context["draws"]] == ["2026-03-09"]
        assert few.context["scores"][0].is_too_few
        newest = analyst.get(address, {"period": "yesterday"}).context["draws"]
        assert [str(draw.first_day) for draw in newest] == ["2026-03-16"]
        none = analyst.get(address, {"period": "custom", "from": "2026-03-09", "to": "2026-03-10"})
        assert "Nothing was drawn of these days" in said(none)
        odd = analyst.get(address, {"period": "custom", "from": "soon", "to": "<b>"})
        assert odd.status_code == 200
        assert len(odd.context["draws"]) == 3


def scored(shares):
    """A draw of five calls of each agent, each of whom had one score, give or take .02."""
    centre = Centre(agents=len(shares))
    draw = centre.draw()
    for agent, share in zip(centre.agents, shares, strict=True):
        if share is None:
            continue
        found = Evaluation.objects.filter(agent=agent).order_by("call_id")
        for one, by in zip(found, ("-0.02", "-0.01", "0", "0.01", "0.02"), strict=True):
            finished(one, str(Decimal(share) + Decimal(by)), finished_at=NEXT)
    return centre, draw


def test_the_lowest_score_stands_first_and_every_column_sorts():
    centre, draw = scored(["0.9", None, "0.6", "0.8"])
    high, none, low, middle = centre.agents
    analyst = of(centre.analysts[0])
    address = reverse("sampling_scores", args=[draw.pk])

    def order(**asked):
        return [one.agent for one in analyst.get(address, asked).context["scores"]]

    # Whoever has no score goes last, either way.
    assert order() == order(sort="nonsense") == [low, middle, high, none]
    assert order(sort="-score") == [high, middle, low, none]
    names = sorted(centre.agents, key=lambda one: one.name)
    assert order(sort="agent") == names
    assert order(sort="-agent") == names[::-1]
    page = said(analyst.get(address))
    assert page.count("aria-sort") == 1
    assert "sort=-score#agents" in page
    assert f'href="#of-{low.pk}"' in page
    with time_machine.travel(NEXT + timedelta(days=1), tick=False):
        several = reverse("sampling_plan_scores", args=[centre.plan.pk])
        page = analyst.get(several, {"sort": "-score", "period": "28d"})
    assert [one.agent for one in page.context["scores"]] == [high, middle, low, none]
    # What is asked for stays in the address when something else is chosen.
    assert '<input type="hidden" name="sort" value="-score">' in said(page)
    assert "period=28d&amp;sort=score" in said(page)


def test_scores_are_narrowed_to_a_team_and_the_sums_are_not():
    centre, draw = scored(["0.9", "0.8", "0.6"])
    other = a_team(centre.site)
    AgentDraw.objects.filter(agent=centre.agents[2]).update(team=other)
    analyst = of(centre.analysts[0])
    address = reverse("sampling_scores", args=[draw.pk])
    assert len(analyst.get(address).context["teams"]) == 2
    page = analyst.get(address, {"team": other.pk})
    assert [one.agent for one in page.context["scores"]] == [centre.agents[2]]
    assert f"team={other.pk}&amp;sort=agent" in said(page)
    for odd in ("99999", "x"):
        assert len(analyst.get(address, {"team": odd}).context["scores"]) == 3
    with time_machine.travel(NEXT + timedelta(days=1), tick=False):
        several = reverse("sampling_plan_scores", args=[centre.plan.pk])
        page = analyst.get(several, {"team": other.pk, "period": "28d"})
    assert (len(page.context["scores"]), page.context["agents"], page.context["scored"]) == (
        1,
        3,
        3,
    )


def test_what_waits_to_be_released_by_hand_is_counted_listed_and_led_to(centre, analyst):
    centre.draw()
    held, due, second = Evaluation.objects.order_by("pk")[:3]
    finished(held, "0.612", finished_at=NEXT)
    finished(due, "0.5", finished_at=NEXT, release_at=NEXT + timedelta(days=2))
    # A further review is never released.
    finished(second, "0.5", finished_at=NEXT, drawn=held.drawn, rank=1)
    page = said(analyst.get(reverse("reviews")))
    assert "1 waits to be released" in page
    listed = analyst.get(reverse("reviews"), {"state": "unreleased"})
    assert [one.record.pk for one in listed.context["table"].paginated_rows] == [held.pk]
    assert f'href="{reverse("review_told", args=[held.pk])}" aria-label="Release…' in said(listed)
    # Who leads the team sees it, and it is not theirs to release.
    lead = of(centre.lead)
    assert "to be released</a>" not in said(lead.get(reverse("reviews")))
    assert "Release…" not in said(lead.get(reverse("reviews"), {"state": ""}))
    releasing.release(held, centre.analysts[0], NEXT)
    assert "to be released</a>" not in said(analyst.get(reverse("reviews")))


def test_done_reviews_tell_their_scores_and_open_ones_do_not(centre, analyst):
    centre.draw()
    first, second, third = Evaluation.objects.order_by("pk")[:3]
    finished(first, "0.612", finished_at=NEXT)
    finished(second, "0.25", finished_at=NEXT, is_failed=True)
    # A draft has a score of what is answered so far, which nobody is told.
    Evaluation.objects.filter(pk=third.pk).update(share="0.437")
    address = reverse("reviews")
    done = said(analyst.get(address, {"state": "done"}))
    assert "61.2" in done
    assert "failed" in done
    assert "sort=score" in done
    every = said(analyst.get(address, {"state": ""}))
    assert "61.2" in every
    assert "43.7" not in every
    # The order would tell it, too.
    assert "sort=score" not in every
    page = analyst.get(address, {"state": "open"})
    assert "score" not in page.context["table"].columns.names()


def test_the_scores_of_several_draws_as_csv_are_those_of_the_page_and_noted():
    centre = weeks_of_two()
    address = reverse("sampling_plan_scores_csv", args=[centre.plan.pk])
    with time_machine.travel(NEXT + timedelta(weeks=2), tick=False):
        analyst = of(centre.analysts[0])
        answer = analyst.get(address)
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        (cells,) = csv.DictReader(lines)
        assert (cells["Agent"], cells["Reviewed"]) == (centre.agents[0].name, "6")
        assert cells["Own mean, %"] == "75.0"
        assert AuditEntry.objects.filter(action="exported").count() == 1
        assert analyst.get(address, {"period": "custom", "from": "soon"}).status_code == 404


def test_a_swap_by_its_form(centre):
    draw = centre.draw()
    review = Evaluation.objects.filter(reviewer=centre.analysts[0]).first()
    client = of(centre.analysts[0])
    address = reverse("drawn_swap", args=[review.drawn_id])
    assert "Why it cannot be reviewed" in said(client.get(address))
    for sent in (
        {},
        {"reason": "bored"},
        {"reason": "other"},
        {"reason": "other", "words": "x" * 301},
    ):
        answer = client.post(address, sent)
        assert answer.status_code == 200
        assert answer.context["form"].errors
    answer = client.post(address, {"reason": "no_recording"})
    assert answer.url == reverse("sampling_draw", args=[draw.pk])
    assert "swapped already" in said(client.post(address, {"reason": "no_recording"}))
    page = client.get(answer.url)
    assert [(one.who, one.many) for one in page.context["swaps"]] == [
        (centre.analysts[0].username, 1)
    ]
    assert page.context["swapped"] == 1


def test_who_is_to_review_a_call_may_swap_it_and_nobody_else_of_the_floor(centre):
    centre.reviewed_by(centre.lead)
    centre.draw()
    mine = DrawnCall.objects.first()
    client = of(centre.lead)
    address = reverse("drawn_swap", args=[mine.pk])
    answer = client.post(address, {"reason": "no_talk"})
    assert answer.url == reverse("reviews")
    assert client.get(reverse("drawn_swap", args=[mine.pk])).status_code == 404
    assert client.get(reverse("sampling")).status_code == 404
    for role in ("planner", "trainer", "manager"):
        other = of(a_user(role, centre.site))
        left = DrawnCall.objects.filter(state="standing").last()
        assert other.post(reverse("drawn_swap", args=[left.pk])).status_code == 404


def test_a_swap_is_offered_for_as_long_as_it_would_be_done_and_nowhere_after():
    centre = Centre(agents=1, calls=12, several_share="1.00")
    draw = centre.draw()
    mine = Evaluation.objects.filter(rank=0).first()
    address = reverse("drawn_swap", args=[mine.drawn_id])
    client = of(mine.reviewer)
    places = [reverse("reviews"), reverse("review", args=[mine.pk]),
              reverse("sampling_draw", args=[draw.pk])]  # fmt: skip
    assert [f'href="{address}"' in said(client.get(place)) for place in places] == [True] * 3
    # The other reviewer of the call is through: what they heard is no reason.
    finished(Evaluation.objects.get(drawn=mine.drawn_id, rank=1))
    assert [f'href="{address}"' in said(client.get(place)) for place in places] == [False] * 3
    told = said(client.get(address))
    assert "it stays in the draw" in told
    assert "Why it cannot be reviewed" not in told
    client.post(address, {"reason": "no_recording"})
    mine.drawn.refresh_from_db()
    assert mine.drawn.state == "standing"


def test_an_analyst_who_takes_calls_reads_nothing_of_their_own_draw(centre):
    draw = centre.draw()
    player = centre.analysts[0]
    centre.agents[0].user = player
    centre.agents[0].save()
    client = of(player)
    for name in ("sampling_draw", "sampling_scores", "sampling_draw_csv", "sampling_scores_csv",
                 "api_quality_draw"):  # fmt: skip
        answer = client.get(reverse(name, args=[draw.pk]))
        page = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert centre.agents[0].name not in page.decode()
        assert answer.status_code == 200
    for name in ("sampling_plan_scores", "sampling_plan_scores_csv"):
        answer = client.get(reverse(name, args=[draw.plan_id]))
        page = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert centre.agents[0].name not in page.decode()
        assert centre.agents[1].name in page.decode()
    own = DrawnCall.objects.filter(drawn__agent=centre.agents[0]).first()
    assert client.get(reverse("drawn_swap", args=[own.pk])).status_code == 404


def test_a_call_that_nobody_reviews_is_given_by_form(centre, analyst):
    centre.reviewed_by(centre.analysts[0], capacity=4)
    draw = centre.draw()
    call = DrawnCall.objects.filter(evaluations=None).first()
    address = reverse("drawn_give", args=[call.pk])
    assert "Nobody reviews it" in said(analyst.get(reverse("sampling_draw", args=[draw.pk])))
    assert analyst.post(address, {"reviewer": "0"}).context["form"].errors
    analyst.post(address, {"reviewer": centre.analysts[1].pk})
    assert call.evaluations.get().reviewer == centre.analysts[1]
    assert "already" in said(analyst.get(address))


def test_the_queue_has_what_is_due_first_and_says_why(centre):
    centre.draw()
    user = centre.analysts[0]
    late = an_evaluation(
        a_call(centre.queue, agent=centre.agents[0]), user, reason="complaint",
        reason_words="Wrote to us", due_at=NEXT - timedelta(days=1),
    )  # fmt: skip
    answer = of(user).get(reverse("reviews"))
    own = [shown for shown, _url in answer.context["own"]]
    assert own[0].review == late
    assert [one.is_overdue for one in own] == [True] + [False] * (len(own) - 1)
    assert own[0].why == "Complaint: Wrote to us"
    assert own[1].why == "Drawn at random"
    assert (answer.context["mine"].open, answer.context["mine"].overdue) == (6, 1)
    counts = {
        entry["words"]: entry["count"]
        for group in answer.context["navigation"]
        for entry in group["entries"]
    }
    assert counts["Reviews"] == len(own) == 6


def test_a_call_of_a_calibration_says_of_which_session_and_is_counted_once():
    house = House()
    a_session(house, [house.call()], name="Spring")
    page = of(house.reviewer).get(reverse("reviews"))
    shown = [one for one, _url in page.context["own"]]
    assert [(one.why, one.by) for one in shown if one.review.kind == "calibration"] == [
        ("Calibration: Spring", f"Support · {house.site.name}")
    ]
    assert f"Calibration: Spring · Support · {house.site.name}" in said(page)
    counts = {
        entry["words"]: entry["count"]
        for group in page.context["navigation"]
        for entry in group["entries"]
    }
    assert (counts["Reviews"], counts["Calibration"]) == (len(shown), 0)


def test_the_day_that_reviews_are_due_by_is_told_alike_everywhere(centre, analyst):
    # Drawn on Monday the 9th, seven days to review: until the end of Monday the 16th.
    draw = centre.draw()
    mine = Evaluation.objects.filter(reviewer=centre.analysts[0]).first()
    for name, args in (("sampling_plan", [draw.plan_id]), ("sampling_draw", [draw.pk]),
                       ("reviews", []), ("review", [mine.pk])):  # fmt: skip
        page = said(analyst.get(reverse(name, args=args)))
        assert "Mon 16 Mar" in page, name
        assert "17 Mar" not in page, name
    lines = b"".join(analyst.get(reverse("reviews_csv")).streaming_content).decode("utf-8-sig")
    assert {one["Due"] for one in csv.DictReader(io.StringIO(lines))} == {"2026-03-16"}
    site = {"site": centre.site.slug}
    (told,) = analyst.get(reverse("api_quality_draws"), site).json()["draws"]
    assert (told["due_day"], told["due_at"][:16]) == ("2026-03-16", "2026-03-17T00:00")
    waiting = analyst.get(reverse("api_quality_queue")).json()["reviews"]
    assert {one["due_day"] for one in waiting} == {"2026-03-16"}


def test_who_scores_a_call_beside_others_reads_nothing_of_that():
    centre = Centre(agents=1, calls=12, several_share="1.00")
    centre.draw()
    for user in centre.analysts:
        page = of(user).get(reverse("reviews"))
        assert {shown.why for shown, _url in page.context["own"]} == {"Drawn at random"}
        assert {one.record.reviewer for one in page.context["table"].paginated_rows} == {user}


def test_the_work_of_each_reviewer_and_filters(centre, analyst):
    draw = centre.draw()
    first, second = centre.analysts
    theirs = list(Evaluation.objects.filter(reviewer=second))
    finished(theirs[0], finished_at=NEXT)
    Evaluation.objects.filter(pk=theirs[1].pk).update(due_at=NEXT - timedelta(days=2))
    answer = analyst.get(reverse("reviews"))
    assert [(one.reviewer, one.open, one.overdue, one.done) for one in answer.context["loads"]] == [
        (second.username, 4, 1, 1), (first.username, 5, 0, 0),
    ]  # fmt: skip

    def listed(**asked):
        page = analyst.get(reverse("reviews"), asked)
        return [one.record for one in page.context["table"].paginated_rows]

    assert len(listed()) == 9  # open ones
    assert listed(state="overdue") == [theirs[1]]
    assert listed(state="done", reviewer=second.pk) == [theirs[0]]
    agent = centre.agents[0]
    assert {one.agent for one in listed(agent=agent.pk, state="")} == {agent}
    assert len(listed(plan=draw.plan_id, state="")) == 10
    # What is not to be chosen is passed over.
    for nonsense in ("9" * 40, "<b>", "-1"):
        assert len(listed(agent=nonsense, reviewer=nonsense, plan=nonsense)) == 9
    assert len(listed(state="odd")) == 10


def test_everybody_counts_the_same_work_and_reads_no_more_than_is_theirs():
    centre = Centre(agents=1, calls=12, several_share="1.00")
    centre.draw()  # five calls, each for both
    manager = a_user("manager", centre.site)
    readers = (manager, *centre.analysts, centre.lead)
    pages = {user: of(user).get(reverse("reviews")) for user in readers}
    for user, page in pages.items():
        assert {(one.id, one.open) for one in page.context["loads"]} == {
            (one.pk, 5) for one in centre.analysts
        }
        seen = {one.record.reviewer for one in page.context["table"].paginated_rows}
        assert seen == ({user} if user in centre.analysts else set(centre.analysts))


def test_reviewers_are_chosen_by_name_and_what_is_done_stands_newest_first(centre, analyst):
    centre.draw()
    first, second = centre.analysts
    User.objects.filter(pk=first.pk).update(first_name="Zoe", last_name="Adams")
    User.objects.filter(pk=second.pk).update(first_name="Ann", last_name="")
    rows = list(Evaluation.objects.filter(reviewer=second))
    for place, hours in enumerate((1, 3, 2)):
        finished(rows[place], finished_at=NEXT + timedelta(hours=hours))
    page = analyst.get(reverse("reviews"), {"state": "done"})
    assert page.context["asked"].choices["reviewer"] == [
        (str(second.pk), "Ann"), (str(first.pk), "Zoe Adams"),
    ]  # fmt: skip
    newest = [rows[1].pk, rows[2].pk, rows[0].pk]
    assert [one.record.pk for one in page.context["table"].paginated_rows] == newest
    assert "Mon 9 Mar 12:00" in said(page)
    file = analyst.get(reverse("reviews_csv"), {"state": "done"})
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()[1:]
    assert [line[line.index("2026-03-09T") :][:13] for line in lines] == [
        "2026-03-09T12", "2026-03-09T11", "2026-03-09T10",
    ]  # fmt: skip


def test_the_reviews_as_csv_are_those_of_the_page_and_noted(centre, analyst):
    centre.draw()
    answer = analyst.get(reverse("reviews_csv"), {"agent": centre.agents[0].pk})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 5
    assert all(centre.agents[0].name in line for line in lines[1:])
    assert AuditEntry.objects.filter(model="qa.evaluation", action="exported").exists()


def test_plans_as_csv_say_how_far_their_newest_draw_is_and_are_harmless(centre, analyst):
    centre.draw()
    finished(Evaluation.objects.first(), finished_at=NEXT)
    SamplingPlan.objects.update(name="=HYPERLINK(1)")
    address = reverse("sampling_csv")
    assert f'href="{address}"' in said(analyst.get(reverse("sampling")))
    lines = b"".join(analyst.get(address).streaming_content).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(lines))
    # Two agents of twelve calls each: five of each, and one of the ten is reviewed.
    assert row == {
        "Plan": "'=HYPERLINK(1)", "Site": centre.site.name, "Scorecard": "Support",
        "How often": "Every week", "Calls of each": "5", "Reviewers": "2",
        "Newest draw from": "2026-03-02", "Newest draw to": "2026-03-08", "Drawn": "10",
        "Reviewed": "1", "Reviewed late": "0", "Overdue": "0", "Swapped": "0",
        "Next draw": "2026-03-16", "Ended": "",
    }  # fmt: skip


def test_a_draw_as_csv_says_words_and_how_likely_each_call_was(centre, analyst):
    draw = centre.draw()
    DrawnCall.objects.filter(pk=DrawnCall.objects.first().pk).update(
        state="swapped", swap_reason="other", swap_words="No sound", swapped_at=NEXT
    )
    rows = rows_of(analyst, draw)
    assert {one["State"] for one in rows} == {"To be reviewed", "Swapped"}
    # Five of the twelve calls of each agent.
    assert {float(one["Inclusion probability"]) for one in rows} == {5 / 12}


def test_an_agent_whose_name_is_a_formula_is_harmless_in_a_file(centre, analyst):
    centre.agents[0].name = "=cmd()"
    centre.agents[0].save()
    draw = centre.draw()
    for name, args in (("sampling_draw_csv", [draw.pk]), ("sampling_scores_csv", [draw.pk]),
                       ("reviews_csv", [])):  # fmt: skip
        text = b"".join(analyst.get(reverse(name, args=args)).streaming_content).decode()
        assert "'=cmd()" in text
        assert ",=cmd()" not in text


def test_a_review_is_handed_on_by_form(centre, analyst):
    centre.draw()
    review = Evaluation.objects.filter(reviewer=centre.analysts[0]).first()
    address = reverse("review_reassign", args=[review.pk])
    assert "Hand on a review" in said(analyst.get(address))
    other = centre.analysts[1].pk
    for sent in ({}, {"reviewer": other}, {"reviewer": "x", "reason": "On leave"}):
        assert analyst.post(address, sent).context["form"].errors
    assert analyst.post(address, {"reviewer": other, "reason": "On leave"}).status_code == 302
    review.refresh_from_db()
    assert review.reviewer == centre.analysts[1]
    assert of(centre.lead).get(address).status_code == 404
    assert of(a_user("manager", centre.site)).get(address).status_code == 404


def test_rules_of_a_site_are_kept_by_its_analysts_and_read_by_its_managers(centre, analyst):
    address = reverse("quality_rules")
    manager = of(a_user("manager", centre.site))
    sent = {"dispute_days": 10, "answer_days": 5, "escalate_days": 4, "needs_consent": "on"}
    sent["masked"] = ["card"]
    assert manager.get(address).status_code == 200
    assert manager.post(address, sent).status_code == 404
    assert analyst.post(address, sent).status_code == 302
    rules = QualityRules.objects.get(site=centre.site)
    assert (rules.dispute_days, rules.needs_consent) == (10, True)
    analyst.post(address, sent | {"dispute_days": 11})
    rules.refresh_from_db()
    assert rules.dispute_days == 11
    assert analyst.post(address, sent | {"answer_days": "many"}).context["form"].errors
    assert AuditEntry.objects.filter(model="qa.qualityrules").count() == 2
    other = a_site()
    assert analyst.get(address, {"site": other.slug}).status_code == 404


def test_rules_say_what_is_made_unreadable_in_transcripts(centre, analyst):
    address = reverse("quality_rules")
    page = said(analyst.get(address))
    assert "Made unreadable in transcripts" in page
    for words in ("Security codes of cards", "Telephone numbers", "Postcodes"):
        assert words in page
    # Nothing is chosen yet: all is hidden, and all boxes say so.
    assert page.count(" checked") == 6
    sent = {"dispute_days": 7, "answer_days": 5, "escalate_days": 5}
    analyst.post(address, sent | {"masked": ["phone", "card", "card"]})
    rules = QualityRules.objects.get(site=centre.site)
    assert rules.masked == ["card", "phone"]
    assert said(analyst.get(address)).count(" checked") == 2
    refused = analyst.post(address, sent | {"masked": ["names"]})
    assert list(refused.context["form"].errors) == ["masked"]
    rules.refresh_from_db()
    assert rules.masked == ["card", "phone"]
    refused = analyst.post(address, sent)
    assert "Tick what is made unreadable: at least one." in said(refused)
    rules.refresh_from_db()
    assert rules.masked == ["card", "phone"]
    every = ["card", "code", "iban", "phone", "email", "postcode"]
    analyst.post(address, sent | {"masked": every})
    rules.refresh_from_db()
    assert rules.masked == []
    entry = AuditEntry.objects.filter(model="qa.qualityrules").latest("pk")
    change = next(one for one in audit.changes(entry, audit.Names([])) if "unreadable" in one.name)
    assert (change.before, change.after) == (
        "Numbers and expiry of payment cards, Telephone numbers",
        "all",
    )


def test_rules_open_on_the_site_that_other_pages_of_quality_open_on(centre):
    # By name the first is closed on Mondays; it is one.
    closed = a_site(name="Aachen")
    closed.opening = {"1": [["08:00", "18:00"]]}
    closed.save()
    admin = of(a_user("admin"))
    Centre(site=closed, agents=1, calls=1)
    for name in ("quality_rules", "checks", "quality_insight"):
        page = admin.get(reverse(name))
        assert page.context["site"] == centre.site, name
        assert admin.get(reverse(name), {"site": closed.slug}).context["site"] == closed
    assert admin.get(reverse("quality_rules"), {"site": "nowhere"}).status_code == 404


def test_what_is_out_of_reach_or_too_large_is_not_there(centre):
    draw = centre.draw()
    stranger = of(a_user("qa_analyst", a_site()))
    for name, pk in (
        ("sampling_plan", centre.plan.pk), ("sampling_plan_edit", centre.plan.pk),
        ("sampling_draw", draw.pk), ("sampling_scores", draw.pk),
        ("sampling_plan_scores", centre.plan.pk), ("sampling_plan_scores_csv", centre.plan.pk),
        ("drawn_swap", DrawnCall.objects.first().pk), ("drawn_give", DrawnCall.objects.first().pk),
        ("review_reassign", Evaluation.objects.first().pk), ("api_quality_draw", draw.pk),
    ):  # fmt: skip
        assert stranger.get(reverse(name, args=[pk])).status_code == 404
        at = reverse(name, args=[MOST_ID_AND_MORE])
        assert of(centre.analysts[0]).get(at).status_code == 404


PAGES = {
    "sampling": lambda c, d: [],
    "sampling_plan": lambda c, d: [c.plan.pk],
    "sampling_plan_edit": lambda c, d: [c.plan.pk],
    "sampling_draw": lambda c, d: [d.pk],
    "sampling_scores": lambda c, d: [d.pk],
    "sampling_plan_scores": lambda c, d: [c.plan.pk],
    "reviews": lambda c, d: [],
    "drawn_swap": lambda c, d: [DrawnCall.objects.filter(drawn__draw=d).first().pk],
    "review_reassign": lambda c, d: [
        Evaluation.objects.open().filter(drawn__drawn__draw=d, rank=0).first().pk
    ],
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_the_same_of_many_calls_as_of_few(name):
    counts = []
    for many in (1, 12):
        centre = Centre(agents=many, calls=8, strata=["queue", "length"], bands=[120],
                        several_share="0.50")  # fmt: skip
        draw = centre.draw()
        for one in Evaluation.objects.filter(drawn__drawn__draw=draw, rank=0)[: 3 * many]:
            finished(one)
        client = of(centre.analysts[0])
        args = PAGES[name](centre, draw)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(name, args=args)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12, [one["sql"][:150] for one in asked.captured_queries]


def test_the_count_beside_reviews_is_of_those_one_still_sees(centre):
    centre.reviewed_by(centre.lead)
    centre.draw()
    many = queue.count(centre.lead)
    assert many == 10
    page = of(centre.lead).get(reverse("reviews"))
    counts = {
        entry["words"]: entry["count"]
        for group in page.context["navigation"]
        for entry in group["entries"]
    }
    assert counts["Reviews"] == 10
    centre.team.leads.update(ends_on=MONDAY)
    gone = type(centre.lead).objects.get(pk=centre.lead.pk)
    assert queue.count(gone) == 0


def test_the_api_tells_what_the_pages_tell(centre, analyst):
    draw = centre.draw()
    plans = analyst.get(reverse("api_quality_plans"), {"site": centre.site.slug}).json()["plans"]
    assert [(one["name"], one["calls_per_agent"]) for one in plans] == [("Weekly", 5)]
    (told,) = analyst.get(reverse("api_quality_draws"), {"site": centre.site.slug}).json()["draws"]
    assert (told["id"], told["seed"], told["coverage"]["wanted"]) == (draw.pk, draw.seed, 10)
    assert (told["first_day"], told["last_day"]) == ("2026-03-02", "2026-03-08")
    detail = analyst.get(reverse("api_quality_draw", args=[draw.pk])).json()
    assert detail["repeats"] is True
    calls = [call for agent in detail["agents"] for call in agent["calls"]]
    assert {call["inclusion_probability"] for call in calls} == {5 / 12}
    for one in Evaluation.objects.filter(agent=centre.agents[0]):
        finished(one, "0.75")
    asked = {"site": centre.site.slug, "first": "2026-03-01", "last": "2026-03-31"}
    (card,) = analyst.get(reverse("api_quality_scores"), asked).json()["scorecards"]
    by_agent = {one["agent"]: one for one in card["agents"]}
    one = by_agent[centre.agents[0].pk]
    assert (one["reviewed"], one["own_mean"]["value"], one["lack"]) == (5, 0.75, "all alike")
    assert by_agent[centre.agents[1].pk]["lack"] == "too few"
    # That a program has calls and scores of agents now is noted.
    noted = AuditEntry.objects.filter(action="exported").order_by("pk")
    assert [(one.model, one.after["file"]) for one in noted] == [
        ("ccm.call", "api"), ("ccm.agent", "api"),
    ]  # fmt: skip
    waiting = analyst.get(reverse("api_quality_queue")).json()["reviews"]
    mine = Evaluation.objects.open().filter(reviewer=centre.analysts[0])
    assert {one["id"] for one in waiting} == set(mine.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("name", "asked", "status"),
    [
        ("api_quality_plans", {}, 400),
        ("api_quality_plans", {"site": "nowhere"}, 404),
        ("api_quality_draws", {"site": "HERE", "plan": "x"}, 400),
        ("api_quality_draws", {"site": "HERE", "plan": "999999"}, 404),
        ("api_quality_draws", {"site": "HERE", "plan": str(1 << 64)}, 400),
        ("api_quality_draws", {"site": "HERE", "odd": "1"}, 400),
        ("api_quality_scores", {"site": "HERE", "first": "2026-03-09", "last": "2026-03-02"}, 400),
        ("api_quality_scores", {"site": "HERE", "first": "0001-01-01", "last": "2026-03-02"}, 400),
        ("api_quality_scores", {"site": "HERE", "first": "2026-03-01", "last": "2026-03-02",
                                "scorecard": "99999"}, 404),
    ],
)  # fmt: skip
def test_the_api_refuses_what_makes_no_sense(centre, analyst, name, asked, status):
    query = {key: centre.site.slug if one == "HERE" else one for key, one in asked.items()}
    assert analyst.get(reverse(name), query).status_code == status


def test_what_a_draw_tells_outlives_its_calls(centre, analyst):
    draw = centre.draw()
    Call.objects.all().delete()
    answer = analyst.get(reverse("sampling_draw", args=[draw.pk]), {"again": "yes"})
    assert "the same calls come" in said(answer)
    assert {one.queue for one in answer.context["calls"]} == {"Technical"}
    assert all(one.at >= NINE for one in answer.context["calls"])
