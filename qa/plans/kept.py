"""What a draw keeps so that anybody can make it again: ids of calls and their strata, packed; and
the draw that comes of them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from qa import sampling
from qa.models import AgentDraw
from qa.plans.how import How
from qa.sampling import Draw, Eligible

_ID, _PLACE = 16, 2


def pack(calls: Mapping[str, Sequence[str]]) -> tuple[bytes, list[str], bytes]:
    """Ids of calls in their order, the labels of strata, and the place of each call's in them;
    from ids by label."""
    labels = sorted(calls)
    placed = sorted((UUID(one).bytes, place) for place, label in enumerate(labels)
                    for one in calls[label])  # fmt: skip
    return (
        b"".join(one for one, _place in placed),
        labels,
        b"".join(place.to_bytes(_PLACE) for _one, place in placed),
    )


def unpack(kept: AgentDraw) -> list[Eligible]:
    """The calls that were eligible, each with its stratum."""
    ids, places = bytes(kept.calls), bytes(kept.of_strata)
    return [
        Eligible(
            str(UUID(bytes=ids[at * _ID : (at + 1) * _ID])),
            kept.strata[int.from_bytes(places[at * _PLACE : (at + 1) * _PLACE])],
        )
        for at in range(len(ids) // _ID)
    ]


def again(seed: str, how: How, kept: AgentDraw) -> Draw:
    """The draw of an agent's kept calls by the seed, without those that were refused since."""
    made = sampling.draw(seed, unpack(kept), how.allocating)
    return sampling.swap(made, kept.refused).draw if kept.refused else made


def layers(seed: str, how: How, kept: AgentDraw) -> list[tuple[str, ...]]:
    """The strata of each layer of an agent's draw, by its place: small ones were joined."""
    if len(kept.strata) < 2:
        return [tuple(kept.strata)]  # nothing to be joined, and no call to be looked at
    found = sampling.layers(seed, unpack(kept), how.allocating)
    return [tuple(sorted(str(one) for one in each)) for each in found]


def label_of(kept: AgentDraw, call: str) -> str:
    """The stratum that a call was of. Raises KeyError for one that was not eligible."""
    return {one.call: str(one.stratum) for one in unpack(kept)}[call]
