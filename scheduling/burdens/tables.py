"""The ledger of a site as a table: a row for each person, of one burden or of wishes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent
from ccm.tables import WORDS, WRAPPED
from ccm.templatetags.figures import DASH, count, grouped, percent
from scheduling.burdens import words
from scheduling.burdens.beyond import Beyond, beyond
from scheduling.burdens.book import Book
from scheduling.fairness import Burden, Line, Refusals
from scheduling.terms import read

Said = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Borne:
    """Somebody's of a burden. `beyond` is what they bore more than their fair share."""

    agent: Agent
    line: Line

    @property
    def beyond(self) -> float:
        return self.line.burden - self.line.expected


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody's wishes; `rules` in words, each with how many it refused."""

    agent: Agent
    refusals: Refusals
    rules: str


def borne(book: Book, burden: Burden, shown: Collection[int] | None) -> list[Borne]:
    """A row for everyone, or for those of some agents, by name."""
    lines = book.ledger.accounts[burden].lines
    return [Borne(one, lines[read.person_id(one.pk)]) for one in _shown(book, shown)]


def refused(book: Book, shown: Collection[int] | None, say: Said) -> list[Refused]:
    """The same of wishes; `say` tells a rule in words."""
    found = []
    for one in _shown(book, shown):
        theirs = book.ledger.refusals[read.person_id(one.pk)]
        found.append(Refused(one, theirs, rules_words(theirs, say)))
    return found


def rules_words(refusals: Refusals, say: Said) -> str:
    """The rules that refused wishes, the one that refused most first: "Rest between shifts: 2"."""
    often = sorted(refusals.rules.items(), key=lambda one: (-one[1], one[0]))
    return "; ".join(f"{say(rule)}: {count(many)}" for rule, many in often)


def _shown(book: Book, shown: Collection[int] | None) -> list[Agent]:
    return [one for one in book.agents if shown is None or one.pk in shown]


def of_share(eligible: float) -> str:
    """Opportunities, by contracted share: tenths."""
    return grouped(eligible, 0 if eligible == int(eligible) else 1)


def together(book: Book, shown: Collection[int] | None) -> list[Beyond]:
    """All burdens together, of everyone or of some agents, by name."""
    return [one for pk, one in beyond(book).items() if shown is None or pk in shown]


def signed(value: float) -> str:
    """Tenths with their sign."""
    said = grouped(abs(value), 1)
    if said == grouped(0, 1):
        return said
    return f"+{said}" if value > 0 else f"−{said}"


class _PeopleTable(tables.Table):
    name = tables.Column(accessor="agent__name", verbose_name=_("Name"), attrs=WORDS)

    class Meta:
        order_by = "name"
        default = DASH

    empty_hint = ""
    export_url = ""

    def render_name(self, record: Any) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("work_terms", args=[record.agent.pk]), record.agent.name
        )


class BorneTable(_PeopleTable):
    burden = tables.Column(accessor="line__burden", verbose_name=_("Borne"))
    wished = tables.Column(accessor="line__wished", verbose_name=_("Wished for"))
    eligible = tables.Column(accessor="line__eligible", verbose_name=_("Could have borne"))
    ratio = tables.Column(accessor="line__ratio", verbose_name=_("Share borne"))
    expected = tables.Column(accessor="line__expected", verbose_name=_("Fair share"))
    beyond = tables.Column(accessor="beyond", verbose_name=_("Beyond it"))
    standing = tables.Column(accessor="line__standing", verbose_name=_("Stands at"))

    label = _("Who bore how much")

    class Meta(_PeopleTable.Meta):
        pass

    def render_burden(self, value: int) -> str:
        return count(value)

    def render_wished(self, value: int) -> str:
        return count(value)

    def render_eligible(self, value: float) -> str:
        return of_share(value)

    def render_ratio(self, value: float) -> str:
        return percent(value)

    def render_expected(self, value: float) -> str:
        return grouped(value, 1)

    def render_beyond(self, value: float) -> str:
        return signed(value)

    def render_standing(self, value: float) -> str:
        return percent(value)


class BeyondTable(_PeopleTable):
    """All burdens together: what each bore more than their fair share, and the sum."""

    total = tables.Column(accessor="total", verbose_name=_("Beyond the fair share"))
    weekend = tables.Column(accessor="of__weekend", verbose_name=words.BURDENS[Burden.WEEKEND])
    night = tables.Column(accessor="of__night", verbose_name=words.BURDENS[Burden.NIGHT])
    late = tables.Column(accessor="of__late", verbose_name=words.BURDENS[Burden.LATE])
    split = tables.Column(accessor="of__split", verbose_name=words.BURDENS[Burden.SPLIT])
    holiday = tables.Column(accessor="of__holiday", verbose_name=words.BURDENS[Burden.HOLIDAY])

    label = _("Who bore how much more than their fair share")

    class Meta(_PeopleTable.Meta):
        pass

    def render_total(self, value: float) -> str:
        return signed(value)

    render_weekend = render_night = render_late = render_split = render_holiday = render_total


class RefusedTable(_PeopleTable):
    asked = tables.Column(accessor="refusals__asked", verbose_name=_("Wished"))
    refused = tables.Column(accessor="refusals__refused", verbose_name=_("Refused"))
    ratio = tables.Column(accessor="refusals__ratio", verbose_name=_("Share refused"))
    rules = tables.Column(
        accessor="rules", verbose_name=_("By which rule"), attrs=WRAPPED, orderable=False
    )

    label = _("Whose wishes were refused")

    class Meta(_PeopleTable.Meta):
        pass

    def render_asked(self, value: int) -> str:
        return count(value)

    def render_refused(self, value: int) -> str:
        return count(value)

    def render_ratio(self, value: float) -> str:
        return percent(value)

    def render_rules(self, value: str) -> str:
        return value or DASH


BORNE_HEADER: list[Any] = [
    _("Site"), _("Of what"), _("Name"), _("Borne"), _("Wished for"), _("Could have borne"),
    _("Share borne"), _("Fair share"), _("Stands at"),
]  # fmt: skip
REFUSED_HEADER: list[Any] = [
    _("Site"), _("Name"), _("Wished"), _("Refused"), _("Share refused"), _("By which rule"),
]  # fmt: skip


BEYOND_HEADER: list[Any] = [
    _("Site"), _("Name"), _("Beyond the fair share"), *words.BURDENS.values(),
]  # fmt: skip


def beyond_cells(book: Book, row: Beyond) -> Sequence[object]:
    return (book.site.name, row.agent, row.total, *(row.of[burden] for burden in words.BURDENS))


def borne_cells(book: Book, what: str, row: Borne) -> Sequence[object]:
    line = row.line
    return (
        book.site.name, what, row.agent, line.burden, line.wished, line.eligible, line.ratio,
        line.expected, line.standing,
    )  # fmt: skip


def refused_cells(book: Book, row: Refused) -> Sequence[object]:
    return (
        book.site.name, row.agent, row.refusals.asked, row.refusals.refused, row.refusals.ratio,
        row.rules,
    )  # fmt: skip
