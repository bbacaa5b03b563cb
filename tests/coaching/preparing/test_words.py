"""What was found, in words."""

from dataclasses import replace
from uuid import UUID

import pytest

from ccm.models import Agent, Site
from coaching.models import AgendaItem
from coaching.preparing import words
from coaching.preparing.words import About

ABOUT = About(Site(pk=1, slug="leeds", zone="UTC"), Agent(pk=7, site_id=1), False, {}, {})
TOLD = {"unit": "fraction", "from": "2026-02-03", "to": "2026-03-01", "now": 0.9, "n": 40}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"reason": "top"}, "A good call: 5 of 5 in the survey"),
        (
            {"reason": "resolved"},
            "A good call: resolved without a transfer or hold: a talk of 3:10, where half of"
            " Billing take 4:20 and more",
        ),
        ({"reason": "transfer"}, "A call: longest of 6 transfers of Billing (3:10)"),
        (
            {"reason": "hold", "rank": 2},
            "A call: number 2 by length of 6 calls of Billing held for a minute or more (3:10)",
        ),
        (
            {"reason": "unresolved"},
            "A call: longest of 6 calls of Billing that were not resolved (3:10)",
        ),
        (
            {"reason": "long"},
            "A call: longest of 6 calls of Billing of more than twice the usual talk (3:10)",
        ),
        (
            {"reason": "low", "score": 1.0, "rank": 2},
            "A call: number 2 from below of 6 low answers in the survey (1 of 5)",
        ),
    ],
)
def test_a_call_says_why_it_was_chosen(facts, expected):
    known = {
        "of": 6, "rank": 1, "queue": "Billing", "at": "2026-02-04T09:50:00+00:00", "value": 190.0,
        "usual": 260.0, "score": 5.0, "most": 5,
    }  # fmt: skip
    item = AgendaItem(source="call", found_as="call:1", facts=known | facts)
    assert words.said(item, ABOUT).title == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"why": "soon"}, "Cannot be told yet: no day since then is counted."),
        ({"why": "no_record"}, "Cannot be told: nothing is counted of the site."),
        (
            {"why": "few", "value": None, "n_before": 0},
            "3 Feb – 1 Mar 2026: 90.0 % (n 40); as long before: – (n 0). Cannot be told yet:"
            " too few.",
        ),
        # The record begins twenty days before.
        (
            {"why": "few", "value": 0.88, "n_before": 2,
             "before": {"from": "2026-01-14", "to": "2026-02-02"}},
            "3 Feb – 1 Mar 2026: 90.0 % (n 40); 14 Jan – 2 Feb 2026: 88.0 % (n 2). Cannot be told"
            " yet: too few.",
        ),
        (
            {"why": "", "word": "noise", "value": 0.88, "n_before": 50, "by": 0.02, "low": -0.05,
             "high": 0.09},
            "3 Feb – 1 Mar 2026: 90.0 % (n 40); as long before: 88.0 % (n 50): no more than"
            " chance would do, 2.0 pts more (95 %: −5.0 pts to 9.0 pts)",
        ),
        (
            {"why": "", "word": "worse", "value": 0.98, "n_before": 50, "by": -0.08, "low": -0.12,
             "high": -0.04},
            "3 Feb – 1 Mar 2026: 90.0 % (n 40); as long before: 98.0 % (n 50): worse, 8.0 pts"
            " less (95 %: 4.0 pts to 12.0 pts)",
        ),
    ],
)  # fmt: skip
def test_what_became_of_a_step(facts, expected):
    assert words.progress(TOLD | facts).replace("\u00a0", " ") == expected


def test_criteria_and_reviews_are_named():
    rose = {
        "criterion": "Greeting", "card": "Support", "now": 0.9, "n": 8, "value": 0.6,
        "n_before": 20, "word": "up",
    }  # fmt: skip
    item = AgendaItem(source="strength", found_as="criterion:1", facts=rose)
    said = words.said(item, ABOUT)
    assert said.title.replace("\u00a0", " ") == "Greeting rose to 90.0 %"
    assert "60.0 % in the 20 before; more than chance" in said.lines[0].words.replace("\u00a0", " ")
    fell = AgendaItem(source="review", found_as="criterion:1", facts=rose | {"word": "down"})
    assert words.said(fell, ABOUT).title.startswith("Greeting fell to")


def test_of_more_reviews_and_comments_than_are_named_it_says_how_many_and_where_they_are():
    latest = [{"review": n, "card": "Support", "at": "2026-02-04T09:50:00+00:00", "queue": "",
               "share": 0.5, "failed": False} for n in (1, 2, 3)]  # fmt: skip
    reviews = AgendaItem(source="review", found_as="reviews", facts={"n": 8, "latest": latest})
    survey = AgendaItem(
        source="survey", found_as="survey",
        facts={"n": 15, "answers": [str(UUID(int=n)) for n in range(5)],
               "from": "2026-02-03", "to": "2026-03-01"},
    )  # fmt: skip
    coach = replace(ABOUT, lists={"reviews", "voice"})
    last = words.said(reviews, coach).lines[-1]
    assert last == words.Line("and 5 more", "/quality/reviews/?state=done&agent=7")
    last = words.said(survey, coach).lines[-1]
    assert (last.words, "agent=7" in last.url) == ("and 10 more", True)
    own = replace(ABOUT, is_own=True, lists={"my_reviews"})
    assert words.said(reviews, own).lines[-1].url == "/quality/mine/"
    assert words.said(survey, own).lines[-1] == words.Line("and 10 more")


def test_each_thing_that_could_not_be_told_says_why():
    whys = (
        "not_yours", "no_record", "few", "mates", "no_targets", "no_change", "more", "no_reviews",
        "no_good_call", "no_pattern", "no_comments", "no_roster",
        "not_counted",
    )  # fmt: skip
    more = {"n": 4, "kpis": ["csat", "aht"], "from": "2026-02-03", "to": "2026-03-01"}
    said = [words.untold({"why": why, **more}) for why in whys]
    assert len(set(said)) == len(whys)
    assert "Customer satisfaction, Average handling time" in said[2]
    assert "fewer than 4" in said[3]
