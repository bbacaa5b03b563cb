"""What somebody sees of the ledger who plans for nobody: their own, and how it comes about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from ccm.models import Agent
from scheduling.burdens import tables, words
from scheduling.burdens.beyond import beyond, may_be_told
from scheduling.burdens.book import Book
from scheduling.burdens.borne import UNTOLD
from scheduling.fairness import Burden, Given, Own, Refusals, own
from scheduling.terms import read


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift that counts: "22:00–06:00" by the site's clock, and what it was."""

    day: date
    clock: str
    what: str
    wished: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody's: of each burden what it is called and what they may see of it (`could` is what
    they could have borne, in words), whether it is fair, of all together, in words (empty:
    not told of so few), their wishes, and the shifts that count, the newest first. None:
    they are not in the ledger, as nobody has confirmed who they are."""

    burdens: Sequence[tuple[str, Own, str]]
    fair: str
    refusals: Refusals
    rules: str
    unexplained: int
    shifts: Sequence[Shift]


def told(book: Book, agent: Agent, say: Callable[[str], str]) -> Told | None:
    """`say` tells a rule that refused a wish in words. Those of which nobody has found out why
    are `unexplained`."""
    person = read.person_id(agent.pk)
    if person not in book.ledger.refusals:
        return None
    mine, refusals = own(book.ledger, person)
    rules = {rule: many for rule, many in refusals.rules.items() if rule != UNTOLD}
    known = replace(refusals, rules=rules)
    zone = ZoneInfo(book.site.zone)
    return Told(
        burdens=[
            (str(words.BURDENS[burden]), one, tables.of_share(one.eligible))
            for burden, one in mine.items()
        ],
        fair=words.is_it_fair(beyond(book)[agent.pk]) if may_be_told(book) else "",
        refusals=refusals,
        rules=tables.rules_words(known, say),
        unexplained=refusals.rules.get(UNTOLD, 0),
        shifts=[_shift(one, zone) for one in book.given_to(agent.pk)],
    )


def _shift(one: Given, zone: ZoneInfo) -> Shift:
    begins, ends = (moment.astimezone(zone) for moment in (one.start, one.end))
    what = ", ".join(str(words.ONE[burden]) for burden in Burden if burden in one.burdens)
    return Shift(one.day, f"{begins:%H:%M}–{ends:%H:%M}", what, one.wished)
