"""What rules look for and what they found, in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.models import SurveyResponse
from ccm.templatetags.figures import figure, percent
from coaching.models import AgendaItem, TriggerRule
from kpis.definitions import KPIS, Variant

Kind, Source = TriggerRule.Kind, AgendaItem.Source
SOURCES: Mapping[str, str] = {
    Kind.KPI: Source.CHANGE,
    Kind.CRITERION: Source.REVIEW,
    Kind.AUTOFAIL: Source.REVIEW,
    Kind.SURVEY: Source.SURVEY,
    Kind.ADHERENCE: Source.ADHERENCE,
}
"""What a point of an agenda comes of that a rule of a kind found."""


def rule(one: TriggerRule) -> str:
    """What a rule looks for."""
    said = {
        "days": one.days, "times": one.times, "of": one.of,
        "below": percent(one.below, 0),
    }  # fmt: skip
    if one.kind == Kind.KPI:
        words = _("%(kpi)s worse over %(days)s days than over the %(days)s before, beyond noise")
        if one.worse == TriggerRule.Worse.UP:
            words = _(
                "%(kpi)s higher over %(days)s days than over the %(days)s before, beyond noise"
            )
        if one.worse == TriggerRule.Worse.DOWN:
            words = _(
                "%(kpi)s lower over %(days)s days than over the %(days)s before, beyond noise"
            )
        return words % (said | {"kpi": kpi(one.kpi)})
    if one.kind == Kind.CRITERION:
        name = _("A criterion") if one.criterion is None else f"“{one.criterion.name}”"
        words = _("%(name)s without points in %(times)s of the last %(of)s reviews that judge it"
                  " (%(days)s days)")  # fmt: skip
        return words % (said | {"name": name})
    if one.kind == Kind.AUTOFAIL:
        return _("%(times)s of the last %(of)s reviews failed outright (%(days)s days)") % said
    if one.kind == Kind.SURVEY:
        words = _("%(times)s of the last %(of)s answers (%(survey)s) at most %(below)s of the scale"
                  " (%(days)s days)")  # fmt: skip
        return words % (said | {"survey": survey(one.survey)})
    words = _("Less than %(below)s of the schedule kept on %(times)s of the last %(of)s days"
              " of shifts (%(days)s days)")  # fmt: skip
    return words % said


def silent(one: TriggerRule, variant: Variant) -> str:
    """Why a rule of a KPI finds nothing where its site makes that by a variant."""
    said = {"site": one.site.name, "variant": variant.id, "how": variant.words}
    words = _("It finds nothing: %(site)s makes this KPI by %(variant)s (%(how)s), and no change of"
              " that can be told from chance.")  # fmt: skip
    if one.kpi in TriggerRule.SURVEYS:
        words += " " + _("A rule of callers who were not content works by any definition.")
    return words % said


def title(kind: str, facts: Mapping[str, Any]) -> str:
    """What was found, in short."""
    if kind == Kind.KPI:
        return _("%(kpi)s got worse") % {"kpi": kpi(facts["kpi"])}
    said = {"times": facts["times"], "of": facts["of"]}
    if kind == Kind.CRITERION:
        words = _("“%(name)s” without points in %(times)s of %(of)s reviews that judge it")
        return words % (said | {"name": facts["name"]})
    if kind == Kind.AUTOFAIL:
        return _("%(times)s of %(of)s reviews failed outright") % said
    if kind == Kind.SURVEY:
        words = _("%(times)s of %(of)s callers not content (%(survey)s)")
        return words % (said | {"survey": survey(facts["survey"])})
    words = _("Schedule kept to less than %(below)s on %(times)s of %(of)s days")
    return words % (said | {"below": percent(facts["below"], 0)})


def lines(kind: str, facts: Mapping[str, Any]) -> list[str]:
    """What it was found by, a line each."""
    if kind == Kind.KPI:
        unit = facts["unit"]
        words = _("%(now)s from %(first)s to %(last)s, %(before)s from %(first_before)s to"
                  " %(last_before)s; more than chance explains")  # fmt: skip
        days = ("first", "last", "first_before", "last_before")
        said = {name: _day(facts[name]) for name in days}
        return [words % (said | {name: figure(facts[name], unit) for name in ("now", "before")})]
    if kind == Kind.CRITERION:
        return [_("Scorecard %(card)s") % {"card": facts["card"]}]
    if kind == Kind.SURVEY:
        return [_("at most %(below)s of the scale") % {"below": percent(facts["below"], 0)}]
    if kind == Kind.ADHERENCE:
        return [", ".join(_day(one) for one in facts["days"])]
    return []


def kpi(name: str) -> str:
    known = KPIS.get(name)
    return name if known is None else str(known.name)


def survey(name: str) -> str:
    return str(SurveyResponse.Kind(name).label) if name in SurveyResponse.Kind.values else name


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "j M")
