"""What stands beside a suggestion: how often people said so who did not see it, and what was looked
for where no line says so."""

from qa import checks
from qa.checking import words
from qa.models import CheckRule, Suggestion

RELATED = ("criterion", "rule", "scorer")
DEFERRED = ("scorer__model",)


def right(one: Suggestion) -> str:
    """How often people gave such an answer, as it was measured last."""
    of = one.rule or one.scorer
    found = {} if of is None else of.measured
    many, every = found.get(one.verdict if one.rule is not None else one.value) or (0, 0)
    return words.right(many, every, is_learned=one.rule is None)


def looked_for(one: Suggestion) -> str:
    """What was looked for and not found; empty: a line says so."""
    rule = None if one.rule is None or one.evidence else _rule(one.rule)
    return "" if rule is None else words.not_found(rule, one.verdict)


def _rule(row: CheckRule) -> checks.Rule | None:
    try:
        return checks.rule_from_json(row.rule, id=str(row.pk), criterion=str(row.criterion_id))
    except ValueError:
        return None
