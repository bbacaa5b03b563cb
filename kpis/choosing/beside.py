"""Another definition beside the chosen one: `?definition=service_level:SL3,asa:W2`.

With a number it is made with that one, whatever is chosen: `service_level:SL4@30`."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from ccm.filters import Choices
from kpis.choosing import apart, words
from kpis.choosing.apart import Definition
from kpis.definitions import Kpi, UnknownKpi, parse, pinned
from kpis.figures import Figure
from kpis.parameters import NUMBERS
from kpis.report import Row

MADE_BY_ANY: Mapping[str, Sequence[Definition]] = {}


def read(asked: str) -> tuple[str, ...]:
    """The definitions that an address names, each once. Raises UnknownKpi."""
    found = [one.strip() for one in asked.split(",") if one.strip()]
    for one in found:
        kpi, _variant = parse(one)
        if ":" not in one:
            which = _("say which definition of {kpi}: {existing}")
            known = ", ".join(f"{kpi.id}:{variant.id}" for variant in kpi.variants)
            raise UnknownKpi(which.format(kpi=kpi.id, existing=known))
    return tuple(dict.fromkeys(found))


def known(asked: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """As `read`, for an address that may have been written by hand: the definitions that there are,
    and the words of it that are none, each with what there is instead."""
    found: list[str] = []
    wrong: list[str] = []
    for word in asked.split(","):
        try:
            found += read(word)
        except UnknownKpi as unknown:
            wrong.append(f"{word.strip()[:60]} ({unknown})")
    return tuple(dict.fromkeys(found)), tuple(wrong)


def numbered(asked: str, number: str) -> str:
    """The definitions that an address names, with a number that was typed apart, if any: those that
    read one are made with it."""
    return ",".join(
        f"{one.partition('@')[0].strip()}@{number}" if number and _reads_one(one) else one
        for one in asked.split(",")
    )


def _reads_one(asked: str) -> bool:
    """Whether what may be a definition is one that can be asked for with a number."""
    try:
        return parse(asked.partition("@")[0].strip())[1].number is not None
    except UnknownKpi:
        return False


def columns(asked: Iterable[str], others: Sequence[str]) -> tuple[str, ...]:
    """What is shown, each followed by the other definitions of it. Of what is not shown there is
    nothing to stand beside."""
    found: list[str] = []
    for one in asked:
        found.append(one)
        found += [other for other in others if other.partition(":")[0] == one]
    return tuple(dict.fromkeys(found))


def options(
    asked: Iterable[str], chosen: str, made: Mapping[str, Sequence[Definition]] = MADE_BY_ANY
) -> Choices:
    """What can stand beside what is shown, for the filter bar; with what is asked for by now. What
    all figures of a KPI are `made` by, where that is known, would be the same again."""
    found: Choices = [("", _("as chosen"))]
    for one in asked:
        kpi, _variant = parse(one)
        if ":" not in one and len(kpi.variants) > 1:
            others = [*(f"{kpi.id}:{other.id}" for other in kpi.variants), *_as_it_comes(kpi)]
            found += [
                (other, f"{kpi.name} {words.of_asked(other)}")
                for other in others
                if not _is_in_force(other, made.get(one, ()))
            ]
    if len(found) == 1:
        return []
    if chosen not in dict(found):
        named_ = [f"{parse(one)[0].name} {words.of_asked(one)}" for one in read(chosen)]
        found.append((chosen, " + ".join(named_)))
    return found


def takes_number(found: Choices) -> bool:
    """Whether any of `options` is a definition that reads a number."""
    return any(_reads_one(one) for value, _words in found for one in value.split(","))


def _is_in_force(asked: str, made: Sequence[Definition]) -> bool:
    """Whether every figure that was made is made as a definition has it."""
    _kpi, variant = parse(asked)
    at = pinned(asked).items()
    figures = [one.figure for one in made]
    return bool(figures) and all(
        one.variant is variant and all(getattr(one.parameters, name) == two for name, two in at)
        for one in figures
    )


def _as_it_comes(kpi: Kpi) -> list[str]:
    """The definition that a KPI comes with, with the threshold or the window that it comes with."""
    if kpi.default.number not in ("threshold", "window"):
        return []
    number = getattr(kpi.parameters, NUMBERS[kpi.default.number])
    return [f"{kpi.id}:{kpi.default.id}@{number}"]


def named(asked: str, made: Figure | None, shown: Sequence[str], mixed: bool = False) -> str:
    """The definition that a column or a tile names, where another one of its KPI stands beside it
    among those `shown`, or its figures are `mixed`; else "". `made` is a figure of it, by the
    definition of most; None: there is none.

    One variant may be asked for several times, with other numbers: no two are named alike.
    """
    kpi_id, _colon, variant = asked.partition(":")
    if made is None:
        return words.of_asked(asked) if variant else ""
    in_full = words.short(made.kpi, made.variant, made.parameters)
    like = f"{kpi_id}:{made.variant.id}"
    is_pinned = any(one.startswith(f"{like}@") for one in shown)
    if not variant:
        if is_pinned or like in shown:
            return _("%(definition)s, as chosen") % {"definition": in_full}
        is_beside = any(one.startswith(f"{kpi_id}:") for one in shown)
        return in_full if mixed else made.variant.id if is_beside else ""
    if "@" in variant:
        return in_full
    if is_pinned:
        return _("%(definition)s, with the numbers chosen") % {"definition": in_full}
    return in_full if mixed else variant


def headings(rows: Sequence[Row], shown: Sequence[str]) -> Mapping[str, str]:
    """The definition that each column names: where its rows are made by several, that of most,
    with what it reads."""
    found = {}
    for one in shown:
        made = apart.of(rows, one)
        found[one] = named(one, made[0].figure if made else None, shown, len(made) > 1)
    return found
