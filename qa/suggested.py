"""What is said of a suggestion of an automatic check: how often people answered so who did not see
it, and what was looked for where no line says so."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.templatetags.figures import percent
from qa import checks
from qa.checks import By, Kind, Pattern, Place, Rule, Verdict, Where
from qa.models import Suggestion

Words = str | Promise
RELATED = ("criterion", "rule", "scorer")
DEFERRED = ("scorer__model",)
BY: Mapping[By, Words] = {
    By.AGENT: gettext_lazy("the agent"),
    By.CALLER: gettext_lazy("the caller"),
    By.ANYBODY: gettext_lazy("anybody"),
}
PLACES: Mapping[Place, Words] = {
    Place.ANYWHERE: gettext_lazy("anywhere in the call"),
    Place.START: gettext_lazy("near the start"),
    Place.END: gettext_lazy("near the end"),
    Place.AFTER: gettext_lazy("after another phrase"),
}


def right(one: Suggestion) -> str:
    """How often people gave such an answer, as it was measured last."""
    of = one.rule or one.scorer
    found = {} if of is None else of.measured
    many, every = found.get(one.verdict if one.rule is not None else one.value) or (0, 0)
    return right_words(many, every, is_learned=one.rule is None)


def right_words(many: int, of: int, *, is_learned: bool) -> str:
    """How often people said what a check suggests."""
    if not of:
        return _("not measured yet")
    if is_learned:
        return _("people agreed on %(n)s of %(of)s such calls whether points are lost") % {
            "n": many, "of": of,
        }  # fmt: skip
    words = ngettext(
        "people answered so on %(n)s of %(of)s such call",
        "people answered so on %(n)s of %(of)s such calls",
        of,
    )
    return words % {"n": many, "of": of}


def not_found(one: Rule, verdict: str) -> str:
    """What was looked for where no line says so; empty: a verdict that is not of that kind."""
    if (one.kind, verdict) == (Kind.HOLD_NOTICE, Verdict.NOT_APPLICABLE):
        return _("the call was never on hold")
    not_there = (
        (Kind.SAY, Verdict.BROKEN), (Kind.NEVER_SAY, Verdict.MET),
        (Kind.SILENCE, Verdict.MET), (Kind.OVERTALK, Verdict.MET),
    )  # fmt: skip
    if (one.kind, verdict) not in not_there:
        return ""
    return _("not found: %(what)s") % {"what": rule_words(one)}


def looked_for(one: Suggestion) -> str:
    """What was looked for and not found; empty: a line says so."""
    if one.rule is None or one.evidence:
        return ""
    try:
        rule = checks.rule_from_json(
            one.rule.rule, id=str(one.rule.pk), criterion=str(one.rule.criterion_id)
        )
    except ValueError:
        return ""
    return not_found(rule, one.verdict)


def rule_words(one: Rule) -> str:
    """What a rule looks for, in a line."""
    if one.kind is Kind.SILENCE:
        return _("nobody speaks for more than %(n)s s, outside holds") % {"n": one.seconds}
    if one.kind is Kind.OVERTALK:
        limits = []
        if one.seconds is not None:
            limits.append(_("more than %(n)s s") % {"n": one.seconds})
        if one.share is not None:
            limits.append(_("more than %(share)s of talk") % {"share": percent(float(one.share))})
        return _("two speak at once: %(limits)s") % {"limits": _(" or ").join(limits)}
    phrases = said(one.said)
    if one.kind is Kind.HOLD_NOTICE:
        return _("%(phrases)s in the %(n)s s before a hold") % {
            "phrases": phrases, "n": one.seconds
        }  # fmt: skip
    who = str(BY[one.by])
    return _("%(phrases)s, by %(who)s, %(where)s") % {
        "phrases": phrases, "who": who, "where": where(one.where)
    }  # fmt: skip


def said(patterns: Sequence[Pattern]) -> str:
    """The first phrases, and how many more."""
    first = " / ".join(f"/{one.text}/" if one.is_regex else f"“{one.text}”" for one in patterns[:3])
    more = len(patterns) - 3
    if more <= 0:
        return first
    words = ngettext("%(first)s and %(n)s more", "%(first)s and %(n)s more", more)
    return words % {"first": first, "n": more}


def where(one: Where) -> str:
    """Where in the call it counts."""
    reach = []
    if one.seconds is not None:
        reach.append(_("%(n)s s") % {"n": one.seconds})
    if one.lines is not None:
        reach.append(ngettext("%(n)s line", "%(n)s lines", one.lines) % {"n": one.lines})
    far = _(" or ").join(reach)
    if one.place is Place.START:
        return _("in the first %(far)s") % {"far": far}
    if one.place is Place.END:
        return _("in the last %(far)s") % {"far": far}
    if one.place is Place.AFTER:
        return _("within %(far)s after %(phrases)s") % {"far": far, "phrases": said(one.after)}
    return str(PLACES[Place.ANYWHERE])
