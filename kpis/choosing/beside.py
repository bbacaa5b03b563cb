"""Another definition beside the chosen one: `?definition=service_level:SL3,asa:W2`."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from ccm.filters import Choices
from kpis.choosing import apart
from kpis.definitions import UnknownKpi, parse
from kpis.figures import Figure
from kpis.report import Row


def read(asked: str) -> tuple[str, ...]:
    """The definitions that an address names, each once. Raises UnknownKpi."""
    found = [one.strip() for one in asked.split(",") if one.strip()]
    for one in found:
        kpi, _variant = parse(one)
        if ":" not in one:
            words = _("say which definition of {kpi}: {existing}")
            known = ", ".join(f"{kpi.id}:{variant.id}" for variant in kpi.variants)
            raise UnknownKpi(words.format(kpi=kpi.id, existing=known))
    return tuple(dict.fromkeys(found))


def columns(asked: Iterable[str], others: Sequence[str]) -> tuple[str, ...]:
    """What is shown, each followed by the other definitions of it. Of what is not shown there is
    nothing to stand beside."""
    found: list[str] = []
    for one in asked:
        found.append(one)
        found += [other for other in others if other.partition(":")[0] == one]
    return tuple(dict.fromkeys(found))


def options(asked: Iterable[str], chosen: str) -> Choices:
    """What can stand beside what is shown, for the filter bar; with what is asked for by now."""
    found: Choices = [("", _("as chosen"))]
    for one in asked:
        kpi, _variant = parse(one)
        if ":" not in one and len(kpi.variants) > 1:
            found += [(f"{kpi.id}:{other.id}", f"{kpi.name} {other.id}") for other in kpi.variants]
    if len(found) == 1:
        return []
    if chosen not in dict(found):
        found.append((chosen, chosen))
    return found


def named(asked: str, made_by: str, shown: Iterable[str]) -> str:
    """The definition that a column or a tile names, where another one of its KPI stands beside it
    among those `shown`; else "". `made_by` is the variant that its figures are made by."""
    kpi_id, _colon, variant = asked.partition(":")
    if variant:
        return variant
    return made_by if any(one.startswith(f"{kpi_id}:") for one in shown) else ""


def headings(rows: Sequence[Row], shown: Sequence[str]) -> Mapping[str, str]:
    """The definition that each column names: where its rows are made by several, that of most,
    with what it reads."""
    found = {}
    for one in shown:
        made = apart.of([row.figures[one] for row in rows])
        made_by = made[0].figure.variant.id if made else ""
        found[one] = made[0].words if len(made) > 1 else named(one, made_by, shown)
    return found


def other_of(figures: Iterable[Figure], others: Sequence[str]) -> list[Figure]:
    """Of a figure's rivals those that are asked for beside it."""
    return [one for one in figures if f"{one.kpi.id}:{one.variant.id}" in others]
