"""Drawing calls at random from a recorded seed, so that a draw can be repeated and audited."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b

from qa.sampling.allocation import Allocation, Part, allocate
from qa.sampling.order import TIES, in_order, number


@dataclass(frozen=True, slots=True)
class Eligible:
    """A call of an agent in a period that may be drawn, and the stratum that it is of."""

    call: str
    stratum: Hashable = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A call that chance has drawn: one of `n` of the `of` calls of its layer that could be
    reviewed. The layer is known by its place in the draw.

    Raises ValueError where the chance that they tell is not in (0, 1].
    """

    call: str
    layer: int
    n: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.n <= self.of:
            raise ValueError(f"{self.call}: one of {self.n} drawn of {self.of} calls")

    @property
    def probability(self) -> float:
        """How likely it was to be drawn: its inclusion probability."""
        return self.n / self.of


@dataclass(frozen=True, slots=True)
class Layer:
    """Strata that were drawn from as one, all their calls in the seed's order, and how many of them
    were wanted. `refused` are those that turned out not to be reviewable."""

    strata: tuple[Hashable, ...]
    calls: tuple[str, ...]
    wanted: int
    refused: frozenset[str] = frozenset()

    @property
    def taken(self) -> tuple[str, ...]:
        """The first of the order that can be reviewed; fewer than wanted where there are fewer."""
        return tuple(one for one in self.calls if one not in self.refused)[: self.wanted]


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn of an agent's calls of a period.

    `of` is a digest of the ids of all calls that were eligible: a draw that is repeated and differs
    was made from other calls if it differs too. `reasons` tells of each call that turned out not to
    be reviewable why not.
    """

    seed: str
    of: str
    layers: tuple[Layer, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """Layer after layer, in the seed's order."""
        return tuple(
            Drawn(call, place, len(taken), len(layer.calls) - len(layer.refused))
            for place, layer in enumerate(self.layers)
            for taken in [layer.taken]
            for call in taken
        )


def draw(seed: str, calls: Iterable[Eligible], how: Allocation) -> Draw:
    """Calls drawn at random, without replacement, from one agent's eligible calls.

    The same seed and calls give the same draw, whatever the order of the calls and on any machine;
    no other agent has any part in it. All are drawn where there are no more, and nothing where
    there are none. Raises ValueError for a call that is there twice, and without a seed.
    """
    strata = _by_stratum(calls)
    layers = (
        Layer(
            part.strata,
            tuple(in_order(seed, (call for one in part.strata for call in strata[one]))),
            part.n,
        )
        for part in _parts(seed, strata, how)
    )
    ids = sorted(call for each in strata.values() for call in each)
    digest = blake2b("\n".join(ids).encode(), digest_size=16).hexdigest()
    return Draw(seed, digest, tuple(layers))


def layers(
    seed: str, calls: Iterable[Eligible], how: Allocation
) -> tuple[tuple[Hashable, ...], ...]:
    """The strata of each layer of a draw, by its place in it: what `draw` draws from, without
    drawing."""
    return tuple(part.strata for part in _parts(seed, _by_stratum(calls), how))


def _by_stratum(calls: Iterable[Eligible]) -> dict[Hashable, list[str]]:
    strata: defaultdict[Hashable, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for one in calls:
        if one.call in seen:
            raise ValueError(f"{one.call} is there twice")
        seen.add(one.call)
        strata[one.stratum].append(one.call)
    return dict(strata)


def _parts(seed: str, strata: Mapping[Hashable, Sequence[str]], how: Allocation) -> list[Part]:
    # Strata have no order of their own that is the same on every machine. Numbers apart from those
    # that calls are drawn by: or the stratum that wins a tie would be the one whose call is early.
    tie = partial(number, seed, purpose=TIES)
    ordered = sorted(strata, key=lambda stratum: min(map(tie, strata[stratum])))
    return allocate(how, {stratum: len(strata[stratum]) for stratum in ordered}) if strata else []


@dataclass(frozen=True, slots=True)
class Swap:
    """A call that could not be reviewed, why, and what came instead. None: nothing was left."""

    out: str
    reason: str
    instead: str | None


@dataclass(frozen=True, slots=True)
class Swapped:
    """A draw after calls were swapped, and each of the swaps."""

    draw: Draw
    swaps: tuple[Swap, ...]


def swap(before: Draw, reasons: Mapping[str, str]) -> Swapped:
    """A draw without calls that cannot be reviewed, each with the reason in words.

    Instead of each comes the next of its layer in the seed's order: nobody chooses it. Of a layer
    is left what the seed would have drawn had they never been eligible, so that it is a draw at
    random from those that can be reviewed, and the chance of each is n / N with N without them
    (blanks in a list: Kish 1965, "Survey Sampling", 2.7). That holds as long as whether a call can
    be reviewed hangs on the call and not on what is heard in it, which is why each needs its
    reason. N takes calls that nobody looked at for reviewable: name all that are known not to be,
    drawn or not, where strata differ in this. A layer of which none can be reviewed drops out.

    Swaps are of those that had been drawn, in the seed's order of their layers. Raises ValueError
    for a call that was not eligible, and a reason without words.
    """
    known = {call for layer in before.layers for call in layer.calls}
    for call, reason in reasons.items():
        if call not in known:
            raise ValueError(f"{call} was not eligible")
        if not reason.strip():
            raise ValueError(f"why {call} cannot be reviewed is not said")
    layers, swaps = [], []
    for layer in before.layers:
        refused = layer.refused | reasons.keys() & set(layer.calls)
        after = replace(layer, refused=refused)
        layers.append(after)
        was, now = layer.taken, after.taken
        fresh = iter([call for call in now if call not in was])
        swaps += [Swap(call, reasons[call], next(fresh, None)) for call in was if call in refused]
    told = {**before.reasons, **reasons}
    return Swapped(replace(before, layers=tuple(layers), reasons=told), tuple(swaps))
