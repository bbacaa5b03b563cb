"""Rules and evidence are kept and come back as they were."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from qa.checks import (
    By,
    Evidence,
    Kind,
    Pattern,
    Place,
    Rule,
    Where,
    evidence_as_json,
    evidence_from_json,
    rule_as_json,
    rule_from_json,
)
from qa.scoring import NOT_APPLICABLE

RULES = [
    Rule("1", "c", Kind.SAY, (Pattern("a"), Pattern("b+", is_regex=True)), met="yes", broken="no"),
    Rule(
        "2",
        "c",
        Kind.NEVER_SAY,
        (Pattern("a"),),
        By.ANYBODY,
        Where(Place.AFTER, 5, 2, (Pattern("b"),), By.CALLER),
        queues=frozenset({7}),
        languages=frozenset({"en"}),
        broken=Decimal("1.50"),
        not_applicable=NOT_APPLICABLE,
    ),
    Rule("3", "c", Kind.OVERTALK, seconds=9, share=Fraction(1, 3), broken="no"),
]


@pytest.mark.parametrize("rule", RULES)
def test_rules_come_back_as_they_were(rule):
    kept = json.loads(json.dumps(rule_as_json(rule)))
    more = {"queues": rule.queues, "languages": rule.languages}
    assert rule_from_json(kept, id=rule.id, criterion=rule.criterion, **more) == rule


@pytest.mark.parametrize(
    "kept",
    [
        {},
        5,
        {"kind": "shout"},
        {"kind": "say", "said": "abc"},
        {"kind": "say", "said": [{"text": 5}]},
        {"kind": "say", "where": {"seconds": "5"}},
        {"kind": "say", "where": []},
        {"kind": "overtalk", "share": "1/0"},
        {"kind": "overtalk", "share": 0.5},
        {"kind": "overtalk", "share": "half"},
        {"kind": "silence", "seconds": True},
        {"kind": "silence", "met": {"number": "many"}},
        {"kind": "silence", "met": "yes"},
        {"kind": "silence", "met": {}},
    ],
)
def test_what_is_no_rule_is_refused(kept):
    with pytest.raises(ValueError):  # noqa: PT011
        rule_from_json(kept, id="1", criterion="c")


def test_evidence_comes_back_as_it_was():
    given = (Evidence(3, 1500, "words"), Evidence(4, None, "more"))
    kept = json.loads(json.dumps(evidence_as_json(given)))
    assert kept[1] == {"line": 4, "at_ms": None, "quote": "more"}
    assert evidence_from_json(kept) == given
    for wrong in ([{}], [5], [{"line": 1, "at_ms": 1, "quote": 5}]):
        with pytest.raises(ValueError, match="no evidence"):
            evidence_from_json(wrong)
