"""Answers suggested from what was said: by rules, or by what was learned from reviews.

Pure. `judge` tells what a rule says of a call, `faults` what is wrong with a rule. Whatever tells
answers is a `Scorer`. `measure` tells how far it agrees with people, `may_prefill` whether that is
enough. `frequent` tells what each queue's calls are about. What was learned from reviews is in
`qa.checks.learned`. docs/quality-checks.md says how each is reckoned.
"""

from qa.checks.judging import Known, Ruled, Suggestion, Verdict, is_for, judge, judged
from qa.checks.kept import (
    evidence_as_json,
    evidence_from_json,
    rule_as_json,
    rule_from_json,
)
from qa.checks.measuring import Limits, Measure, Prefill, is_doubtful, kappa, may_prefill, measure
from qa.checks.patterns import Pattern
from qa.checks.rules import (
    By,
    Fault,
    Faulty,
    Kind,
    Place,
    Rule,
    Where,
    faults,
    lacks_times,
    names_twice,
)
from qa.checks.scorer import Evidence, Scored, Scorer
from qa.checks.topics import Phrase, frequent

__all__ = [
    "By",
    "Evidence",
    "Fault",
    "Faulty",
    "Kind",
    "Known",
    "Limits",
    "Measure",
    "Pattern",
    "Phrase",
    "Place",
    "Prefill",
    "Rule",
    "Ruled",
    "Scored",
    "Scorer",
    "Suggestion",
    "Verdict",
    "Where",
    "evidence_as_json",
    "evidence_from_json",
    "faults",
    "frequent",
    "is_doubtful",
    "is_for",
    "judge",
    "judged",
    "kappa",
    "lacks_times",
    "may_prefill",
    "measure",
    "names_twice",
    "rule_as_json",
    "rule_from_json",
]
