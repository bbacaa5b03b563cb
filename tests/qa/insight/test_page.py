"""The page of insight, its files and its numbers for machines."""

import csv
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from ccm.models import AuditEntry
from qa.insight import reviewers, told
from qa.models import CalibrationSession, Evaluation
from tests.builders import a_queue, a_site, a_user
from tests.qa.builders import a_card
from tests.qa.insight.invented import FORM, invented

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 22, 9, tzinfo=UTC)
FIRST, LAST = date(2026, 4, 1), date(2026, 6, 20)
DAYS = "period=custom&from=2026-04-01&to=2026-06-20"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def page(made, user=None, more="", name="quality_insight", args=()):
    user = user or a_user("qa_analyst", made.site)
    url = reverse(name, args=args)
    return signed_in(user).get(f"{url}?site={made.site.slug}&{DAYS}{more}")


def text(answer):
    return " ".join(answer.content.decode().split())


def test_the_top_says_who_drifts_what_is_lost_and_what_tells_nothing():
    made = invented(LAST, doubled=0.6)
    said = text(page(made))
    assert f"<b>rita-of-{made.site.slug}" in said
    assert "drifts beside the others" in said
    assert "<b>Cause</b> costs most: " in said
    assert "Nobody fails 1 criterion, or hardly anybody: Greeting." in said
    assert "Reviewers do not mean the same by 1 criterion: Tone." in said
    # Where it is narrow its parts are led to from the top.
    parts = re.findall(
        'href="#([^"]+)"', said.split('aria-label="On this page"')[1].split("</nav>")[0]
    )
    assert parts[-3:] == ["lost", "same", "goes-with"]
    assert all(f'id="{part}"' in said for part in parts)
    # The same word as in the table below.
    assert said.count("rewrite me</span>") == 2
    whole = told.of(a_user("admin"), made.site, FIRST, LAST).whole.score
    assert f"<b>{100 * whole.value:.1f} %" in said


def test_what_reviewers_do_not_mean_alike_leads_to_a_session_that_is_ready_to_be_made():
    made = invented(LAST, doubled=0.6)
    analyst = a_user("qa_analyst", made.site)
    answer = page(made, analyst)
    (url,) = [url for one, url in answer.context["short"] if one.word == "rewrite me"]
    form = signed_in(analyst).get(url).context["form"]
    assert form["name"].value() == "What we mean by: Tone"
    version = form["version"].value()
    assert version == made.version.pk
    assert analyst.pk in form["raters"].value()
    # Managers make no sessions.
    answer = page(made, a_user("manager", made.site))
    assert {url for _one, url in answer.context["short"]} == {""}
    # Nothing that cannot be is a fault.
    odd = signed_in(analyst).get(f"{url}&card={'9' * 5000}").context["form"]
    assert odd["version"].value() is None
    assert odd.site == made.site
    # One of the scorecard that is under way is said.
    there = CalibrationSession.objects.create(
        site=made.site, name="Tone", version=made.version, made_at=NOW, due_at=NOW
    )
    assert signed_in(analyst).get(url).context["under_way"] == there
    there.state, there.opened_at = "closed", NOW
    there.save()
    assert signed_in(analyst).get(url).context["under_way"] is None


def test_who_seems_to_drift_and_may_by_chance_is_named_and_nobody_is_called_steady(monkeypatch):
    made = invented(LAST)
    told_of = reviewers.judge

    def less_sure(*of):
        judged = told_of(*of)
        first, *rest = judged.people
        trend = replace(first.trend, drifts=False)
        return replace(judged, people=[replace(first, trend=trend), *rest])

    monkeypatch.setattr(reviewers, "judge", less_sure)
    said = text(page(made))
    assert "With all reviewers looked at, or without one of them, it may be chance." in said
    assert "perhaps drifts" in said
    assert "No reviewer drifts" not in said


def test_scores_of_several_cards_are_said_to_stand_together_before_anything_else():
    made = invented(LAST, months=2)
    other = a_card(made.site, "Other", FORM).versions.get()
    Evaluation.objects.filter(team=made.teams[0]).update(version=other)
    said = text(page(made))
    assert said.index("Reviews by 2 scorecards stand together") < said.index(
        "Whether a reviewer drifts"
    )


def test_what_is_lost_is_added_up_to_what_scores_lack():
    made = invented(LAST)
    answer = page(made)
    said = text(answer)
    lack = 100 * (1 - answer.context["made"].lacking.lack)
    assert f"All calls together have {lack:.1f} %" in said
    assert "What scores lack" in said


@pytest.mark.parametrize("many", [1, 3])
def test_it_asks_the_same_of_few_as_of_many(django_assert_max_num_queries, many):
    made = invented(LAST, teams=many, months=3)
    client = signed_in(a_user("qa_analyst", made.site))
    with django_assert_max_num_queries(12):
        answer = client.get(f"{reverse('quality_insight')}?site={made.site.slug}&{DAYS}")
    assert answer.status_code == 200


def test_few_reviews_are_called_too_few():
    made = invented(LAST, months=1, teams=1, agents=2, calls=2)
    said = text(page(made))
    assert "too few: 4 of 5" in said
    # What was lost on a criterion would be what one call or another got.
    assert "Of fewer than 5 reviews it is not told" in said
    found = told.of(a_user("admin"), made.site, FIRST, LAST)
    assert found.whole.failing.having is None
    assert {one.scored for one in found.criteria} <= {0}
    assert "Whether a reviewer drifts is not known" in said


def test_filters_stay_in_the_address_and_what_is_not_there_is_let_go_of_in_words():
    made = invented(LAST)
    team = made.teams[0]
    said = text(page(made, more=f"&team={team.pk}"))
    assert f'<option value="{team.pk}" selected>' in said
    assert f"team={team.pk}" in said.split('id="lost"')[1]
    for wrong in ("99999", "-1", "9" * 30, "one", "%F0%9F%98%80", "<script>"):
        answer = page(made, more=f"&team={wrong}&card={wrong}&reviewer={wrong}")
        assert answer.status_code == 200
        assert "all is shown" in text(answer)


def test_no_site_no_reviews_and_a_day_that_cannot_be_have_their_words():
    assert "There is no site yet" in text(
        signed_in(a_user("admin")).get(reverse("quality_insight"))
    )
    made = invented(LAST, months=1)
    empty = a_site("Empty")
    a_queue(empty)
    assert "Nothing was reviewed" in text(
        signed_in(a_user("manager", empty)).get(f"{reverse('quality_insight')}?site={empty.slug}")
    )
    client = signed_in(a_user("qa_analyst", made.site))
    url = f"?site={made.site.slug}&period=custom&from=2026-13-01&to=2026-06-20"
    assert "Shown instead" in text(client.get(reverse("quality_insight") + url))
    assert client.get(reverse("quality_insight_csv") + url).status_code == 404


def test_the_reviews_behind_a_criterion_are_those_that_lost_points_on_it():
    made = invented(LAST, months=1)
    answer = page(made, name="quality_insight_lost", args=[made["solution"].pk])
    lost = Evaluation.objects.filter(
        rank=0, answers__criterion=made["solution"], answers__lost__gt=0
    )
    rows = answer.context["table"].rows
    assert {row.record.evaluation_id for row in rows} == {one.pk for one in lost}
    assert [row.record.lost for row in rows] == sorted(
        (row.record.lost for row in rows), reverse=True
    )
    assert "Not met" in text(answer)


def test_another_teams_reviews_are_not_behind_it():
    made = invented(LAST, months=1)
    lead = a_user("supervisor")
    made.teams[0].leads.create(supervisor=lead, starts_on=date(2020, 1, 1))
    answer = page(made, lead, name="quality_insight_lost", args=[made["cause"].pk])
    agents = {row.record.evaluation.agent_id for row in answer.context["table"].rows}
    assert agents <= {one.pk for one in made.agents[:4]}
    assert agents


def test_a_criterion_out_of_reach_or_of_no_number_is_not_there():
    made, other = invented(LAST, months=1), invented(LAST, site=a_site("York"), months=1)
    user = a_user("qa_analyst", made.site)
    for pk in (other["cause"].pk, 10**12, 10**30):
        answer = page(made, user, name="quality_insight_lost", args=[pk])
        assert answer.status_code == 404


def test_each_table_is_a_file_and_that_of_reviewers_is_noted():
    made = invented(LAST)
    user = a_user("qa_analyst", made.site)
    for of, rows in (("scores", 1 + 2 + 2), ("criteria", 5), ("reviewers", 4), ("months", 12)):
        answer = page(made, user, f"&of={of}", "quality_insight_csv")
        body = b"".join(answer.streaming_content).decode("utf-8-sig")
        found = list(csv.DictReader(body.splitlines()))
        assert len(found) >= rows, of
        if of == "reviewers":
            assert [one["Reviewer"] for one in found if one["Drifts"] == "yes"] == [
                str(made.reviewers[0])
            ]
        if of == "criteria":
            lost = sum(float(one["Lost of a score, points"]) for one in found)
            lack = told.of(user, made.site, FIRST, LAST).lacking.lack
            # Each is rounded to a tenth of a point.
            assert lost == pytest.approx(100 * lack, abs=0.05 * len(found))
    (entry,) = AuditEntry.objects.filter(action="exported")
    assert (entry.model, entry.who) == ("qa.reviewers", user)
    said = signed_in(a_user("admin")).get(reverse("audit")).content.decode()
    assert f"Reviewers of {made.site.name}" in said
    assert "Own mail address" not in said
    assert "qa.reviewers</option>" not in said
    assert ">Reviewers</option>" in said
    assert page(made, user, "&of=else", "quality_insight_csv").status_code == 404


def test_machines_read_the_same_numbers():
    made = invented(LAST)
    client = signed_in(a_user("qa_analyst", made.site))
    url = reverse("api_quality_insight")
    answer = client.get(f"{url}?site={made.site.slug}&first=2026-04-01&last=2026-06-20").json()
    shown = page(made).context["made"]
    assert answer["reviews"] == shown.reviews
    assert [one["score"] for one in answer["teams"]] == [one.score.value for one in shown.teams]
    (drifts,) = [one for one in answer["reviewers"] if one["drifts"]]
    assert drifts["points_a_month"]["low"] < 2 < drifts["points_a_month"]["high"]
    assert answer["criteria"][0]["is_one_of_the_few"]
    assert answer["lost"]["lack"] == shown.lacking.lack


@pytest.mark.parametrize(
    "asked",
    [
        "first=2026-04-01", "first=2026-05-01&last=2026-04-01", "first=2020-01-01&last=2026-01-01",
        "team=one", "team=123456", "queue=-1", "seen=1", "first=0001-01-01&last=0001-02-01",
        "card=99999999999999999999",
    ],
)  # fmt: skip
def test_machines_are_told_what_cannot_be(asked):
    made = invented(LAST, months=1)
    client = signed_in(a_user("qa_analyst", made.site))
    answer = client.get(f"{reverse('api_quality_insight')}?site={made.site.slug}&{asked}")
    assert answer.status_code == 400
    assert answer["content-type"].startswith("application/problem+json")


def test_a_criterion_leads_to_a_new_finding_of_it():
    made = invented(LAST)
    user = a_user("qa_analyst", made.site)
    criterion = made["cause"]
    answer = page(made, user, name="quality_insight_lost", args=[criterion.pk])
    address = answer.context["finding_url"]
    assert "Make a finding" in answer.content.decode()
    form = signed_in(user).get(address).context["form"]
    assert (form["criterion"].value(), form["title"].value()) == (criterion.pk, "Cause")
    assert form.site == made.site
