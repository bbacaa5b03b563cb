"""Writes rules and learned scorers: made, changed, used or not, let fill in answers.

Whoever changes one marks the transcripts of its site to be judged anew. These are locked before
what was suggested of them, as whoever judges does.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ccm import audit, database
from ccm.models import Queue, User
from qa import checks
from qa.checking import agreeing, words
from qa.checking.agreeing import Agreement
from qa.checks import Prefill, Rule
from qa.models import CallTranscript, CheckRule, LearnedScorer, Suggestion

MOST_RULES = 200
"""Of a site."""
_MEASURED = ("measured", "is_doubtful")
_UNSAID = ("id", "made_by", "changed_at", "rule", *_MEASURED)


class Stale(ValidationError):
    """Somebody else changed it meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this check since you opened the page: look again."))


def nothing() -> None:
    """What is sent where nobody waits for it."""


@transaction.atomic
def keep(
    row: CheckRule,
    rule: Rule,
    queues: Collection[Queue],
    who: User,
    now: datetime,
    *,
    seen: str = "",
    changed: Callable[[], None] = nothing,
) -> CheckRule:
    """Keep a rule, new or changed: `row` has its name, site, criterion, languages and whether it is
    used. Raises Stale where it was changed since it was `seen`, and ValidationError where it has
    faults or its name is another's. Where it looks for something else than before, what it
    suggested is forgotten, and it fills in nothing until it is measured anew.
    """
    if found := checks.faults(rule):
        raise ValidationError(words.fault(found[0], rule.kind))
    database.hold(f"qa.checks:{row.site_id}")
    before, is_same, prefilled = None, False, False
    if row.pk:
        # Not its key: whoever judges by it may go on to name it.
        there = CheckRule.objects.select_for_update(no_key=True).filter(pk=row.pk).first()
        if there is None or mark(there) != seen:
            raise Stale
        before, prefilled = values(there), there.prefills
        is_same = _looks_for(there) == (
            row.criterion_id, checks.rule_as_json(rule), {one.pk for one in queues},
            {*row.languages},
        )  # fmt: skip
    elif CheckRule.objects.filter(site=row.site_id).count() >= MOST_RULES:
        raise ValidationError(_("A site has at most %(most)s checks.") % {"most": MOST_RULES})
    row.rule = checks.rule_as_json(rule)
    row.made_by = row.made_by or who
    row.prefills = prefilled and is_same and row.is_active
    if not is_same:
        row.changed_at = now
        row.measured, row.is_doubtful = {}, False
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ValidationError(_("There is another check of this name already.")) from None
    row.queues.set(queues)
    _anew(row.site_id)
    if not is_same or not row.is_active:
        Suggestion.objects.filter(rule=row).delete()
    audit.record(who, row, before=before, after=values(row), now=now)
    transaction.on_commit(changed)
    return row


@transaction.atomic
def use(
    row: CheckRule,
    who: User,
    now: datetime,
    *,
    is_active: bool,
    changed: Callable[[], None] = nothing,
) -> bool:
    """Have calls judged by a rule, or no more; False where that is so already."""
    database.hold(f"qa.checks:{row.site_id}")
    there = CheckRule.objects.select_for_update(no_key=True).filter(pk=row.pk).first()
    if there is None or there.is_active == is_active:
        return False
    before = values(there)
    _held(there)
    there.is_active = is_active
    there.prefills = there.prefills and is_active
    there.save(update_fields=["is_active", "prefills"])
    if is_active:
        _anew(there.site_id)
        transaction.on_commit(changed)
    else:
        Suggestion.objects.filter(rule=there).delete()
    audit.record(who, there, before=before, after=values(there), now=now)
    return True


@transaction.atomic
def remove(row: CheckRule | LearnedScorer, who: User, now: datetime) -> bool:
    """Forget a check, and what it suggested; False where it is gone already."""
    database.hold(f"qa.checks:{row.site_id}")
    _held(row)
    there = type(row).objects.select_for_update().filter(pk=row.pk).first()
    if there is None:
        return False
    before, pk = values(there), there.pk
    there.delete()
    there.pk = pk
    audit.record(who, there, before=before, after=None, now=now)
    return True


@transaction.atomic
def let_prefill(
    row: CheckRule | LearnedScorer, who: User | None, now: datetime, *, prefills: bool
) -> bool:
    """Have a check fill in answers of new reviews, or no more; False where that is so already.

    Raises ValidationError where it does not agree well enough with people, where too few calls
    tell, or while some that were reviewed are still to be judged. `who` None: the nightly look
    takes it back.
    """
    there = type(row).objects.select_for_update(no_key=True).filter(pk=row.pk).first()
    if there is None or there.prefills == prefills:
        return False
    if prefills and (
        why := words.not_all_judged(agreeing.waiting(there.site_id)) or why_not(there)
    ):
        raise ValidationError(why)
    before = values(there)
    there.prefills = prefills
    there.save(update_fields=["prefills"])
    why_back = "" if who is not None else _("It does not agree with people well enough any more.")
    audit.record(who, there, before=before, after=values(there), now=now, why=why_back)
    return True


def why_not(row: CheckRule | LearnedScorer, known: Agreement | None = None) -> str:
    """Why a check may not fill in answers, in words; empty: it may. `known` is how far it agrees
    with people, where that is known already."""
    if isinstance(row, CheckRule):
        if not row.is_active:
            return _("A check that is not used fills in nothing.")
        found = known or agreeing.of_rule(row)
    else:
        if len(row.model.get("answers", ())) != 2:
            return _("It tells more than two answers apart: it suggests, and fills in nothing.")
        found = known or agreeing.of_scorer(row)
    return "" if found.may is Prefill.YES else words.why_not_prefill(found)


def measure_again(*, new_alone: bool = False) -> int:
    """Keep with each check how often people say what it does, and whether it is fit to be shown
    beside a review, as far as all transcripts of its site are judged; of how many that has changed.
    Safe to run twice. `new_alone`: of those that were not measured yet; all together it takes every
    suggestion there was."""
    waiting = CallTranscript.objects.heard().filter(checked_at=None).order_by().values("site")
    rules = CheckRule.objects.exclude(site__in=waiting).filter(is_active=True)
    rules = rules.prefetch_related("queues")
    scorers = LearnedScorer.objects.exclude(site__in=waiting).select_related("criterion")
    if new_alone:
        rules, scorers = rules.filter(measured={}), scorers.filter(measured={})
    changed = 0
    for row, right, is_doubtful in agreeing.looked_at(list(rules), list(scorers)):
        if (row.measured, row.is_doubtful) != (right, is_doubtful):
            # What was changed meanwhile is measured once its calls are judged.
            is_as_it_was = {
                name: getattr(row, name)
                for name in ("changed_at", "trained_at")
                if hasattr(row, name)
            }
            rows = type(row).objects.filter(pk=row.pk, **is_as_it_was)
            changed += rows.update(measured=right, is_doubtful=is_doubtful)
    return changed


def look_again(now: datetime) -> int:
    """Take back the filling in of checks that do not agree well enough any more; how many. Safe to
    run twice."""
    rows: list[CheckRule | LearnedScorer] = [
        *CheckRule.objects.filter(prefills=True).prefetch_related("queues"),
        *LearnedScorer.objects.filter(prefills=True),
    ]
    return sum(let_prefill(row, None, now, prefills=False) for row in rows if why_not(row))


def mark(row: CheckRule) -> str:
    """A text that differs once anybody has changed the rule."""
    if not row.pk:
        return ""
    return f"{row.pk}:{row.changed_at.isoformat()}:{int(row.is_active)}:{row.name}"


def values(row: CheckRule | LearnedScorer) -> dict[str, Any]:
    """What the log of changes keeps of a check."""
    if isinstance(row, LearnedScorer):
        return audit.values_of(row, ("id", "model", "trained_by", *_MEASURED))
    said = audit.values_of(row, _UNSAID)
    rule: Mapping[str, Any] = row.rule
    found = rule.get("said", [])
    return said | {
        "languages": ", ".join(row.languages),
        "queues": sorted(one.pk for one in row.queues.all()),
        "kind": rule.get("kind", ""),
        "said": ", ".join(str(one.get("text", "")) for one in found)[:500],
    }


def _looks_for(row: CheckRule) -> tuple[Any, ...]:
    """All that a change of makes another rule of it."""
    return row.criterion_id, row.rule, {one.pk for one in row.queues.all()}, {*row.languages}


def _anew(site: int) -> None:
    """Mark all transcripts of a site, also those that are marked: one that is judged by what was
    before is held, and marked once that is kept."""
    CallTranscript.objects.filter(site=site).update(checked_at=None)


def _held(row: CheckRule | LearnedScorer) -> None:
    """Hold the transcripts that a check made something of, before that goes."""
    name = "suggestions__rule" if isinstance(row, CheckRule) else "suggestions__scorer"
    rows = CallTranscript.objects.filter(**{name: row.pk}).order_by("pk")
    list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
