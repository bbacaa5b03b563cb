"""Scorecards of any shape, for properties of their documents."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from qa.cards import Card, CriterionWords, Link, OptionWords
from qa.scoring import Condition, Criterion, Fails, Form, Kind, Option, Section

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30)
NAMES = TEXTS.filter(bool)
WEIGHTS = st.integers(0, 10_000)
NUMBERS = st.decimals(-1000, 1000, places=2, allow_nan=False, allow_infinity=False)
ADDRESSES = ("/library/1", "https://example.com/a?b=c#d")
# Answers that YAML would take for something else.
OPTIONS = ("yes", "no", "1", "true", "null", "1.5", "0x1", "1e3", "2020-01-01", "on")


@st.composite
def criteria(draw: st.DrawFn, id: str, before: list[str]) -> tuple[Criterion, CriterionWords]:
    kind = draw(st.sampled_from([*Kind]))
    chosen = draw(st.lists(st.sampled_from(OPTIONS), max_size=4, unique=True))
    ids = [] if kind in (Kind.NUMBER, Kind.TEXT) else chosen
    shown = draw(st.lists(st.sampled_from(before), max_size=2, unique=True)) if before else []
    below: int | None = draw(st.none() | st.integers(0, 100))
    bounds: dict[str, Decimal | None] = {
        name: draw(st.none() | NUMBERS) if kind == Kind.NUMBER else None
        for name in ("worst", "best")
    }
    one = Criterion(
        id, kind, draw(WEIGHTS),
        tuple(Option(each, draw(WEIGHTS), draw(st.booleans())) for each in ids),
        may_skip=draw(st.booleans()),
        fails=draw(st.sampled_from([*Fails])),
        is_bonus=draw(st.booleans()),
        comment_below=None if below is None else Fraction(below, 100),
        shown_if=tuple(
            Condition(each, frozenset(draw(st.sets(st.sampled_from(OPTIONS), max_size=3))))
            for each in shown
        ),
        **bounds,
    )  # fmt: skip
    words = CriterionWords(
        draw(NAMES), draw(TEXTS), draw(TEXTS), draw(TEXTS), draw(TEXTS),
        draw(TEXTS) if kind == Kind.NUMBER else "",
        tuple(
            Link(draw(NAMES), address)
            for address in draw(st.lists(st.sampled_from(ADDRESSES), max_size=2))
        ),
        {each: OptionWords(draw(NAMES), draw(TEXTS)) for each in ids},
    )  # fmt: skip
    return one, words


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Sound or not: what can be written."""
    sections, names, words, before = [], {}, {}, []
    for place in range(draw(st.integers(0, 3))):
        found = []
        for number in range(draw(st.integers(0, 3))):
            one, said = draw(criteria(f"c{place}.{number}", before))
            found.append(one)
            words[one.id] = said
            before.append(one.id)
        weight: Any = draw(st.none() | WEIGHTS)
        sections.append(Section(f"s{place}", tuple(found), weight))
        names[f"s{place}"] = draw(NAMES)
    return Card(Form(tuple(sections)), names, words)


# Whatever JSON can say, and what it cannot.
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.decimals() | st.dates() | st.binary(max_size=3) | st.builds(lambda: 10**5000),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from([
            "layout", "sections", "criteria", "id", "name", "kind", "weight", "options", "worst",
            "best", "links", "url", "shown_if", "criterion", "points", "comment_below", "help",
        ]) | st.text(max_size=3) | st.integers(),
        inner, max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip
