"""What a form was drawn with, beside what is sent and what the row says by now: of two people who
change a row each changes what they meant to, and no more. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

Written = dict[str, str | list[str]]
"""What the inputs of a form say by their names; of boxes to tick, those that are ticked."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What the row is to say, by field, and the fields that two people changed, each in another
    way: of those it is what was sent."""

    written: Written
    clashes: list[str] = field(default_factory=list)


Said = Mapping[str, str | list[str]]


def merged(drawn: Said, sent: Said, now: Said) -> Merged:
    """What comes of `sent` where the form was `drawn` so and the row says `now`, field by field.

    What was left as it was drawn is as it is now; of a field that is not drawn it is not known
    that it was left, and it counts as sent. Boxes are taken one by one, so that they never clash.
    """
    said = Merged({})
    for name, value in sent.items():
        before, there = drawn.get(name), now.get(name, "")
        if isinstance(value, list):
            said.written[name] = _ticked(before, value, there)
            continue
        said.written[name] = there if value == before else value
        if before is not None and before not in (value, there) and value != there:
            said.clashes.append(name)
    return said


def _ticked(before: str | list[str] | None, sent: list[str], there: str | list[str]) -> list[str]:
    """The boxes that somebody ticked, and those that were left ticked and are so now."""
    if not isinstance(before, list):
        return sent
    ticked = [one for one in sent if one not in before or one in there]
    return ticked + [one for one in there if one not in before and one not in ticked]


def packed(written: Said) -> str:
    """What a form is drawn with, for its hidden field."""
    return json.dumps(written, ensure_ascii=False)


def unpacked(text: str) -> Written:
    """What a form was drawn with; nothing where its hidden field says anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if _is_written(value)}


def _is_written(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    )
