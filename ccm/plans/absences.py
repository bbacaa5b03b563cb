"""Nobody is away twice on one day: the rule, for forms and imports. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Away:
    """An absence from `first` to `last`, both included; null: nobody knows until when."""

    kind: str
    first: date
    last: date | None

    def meets(self, other: "Away") -> bool:
        """Whether two have a day in common."""
        return (self.last is None or other.first <= self.last) and (
            other.last is None or self.first <= other.last
        )


def refusal(away: Away, others: Iterable[Away]) -> str:
    """Why somebody with these `others` cannot be away so; empty where it can be."""
    met = next((one for one in others if one.meets(away)), None)
    if met is None:
        return ""
    told = {"kind": met.kind, "first": date_format(met.first, "j M Y")}
    if met.last is None:
        return _("Away already: %(kind)s from %(first)s. Say first when that ends.") % told
    told["last"] = date_format(met.last, "j M Y")
    return _("Away already: %(kind)s from %(first)s to %(last)s.") % told
