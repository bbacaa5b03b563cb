"""What a form was drawn with, beside what is sent and what the row says by now: of two people who
change a row each changes what they meant to, and no more. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

Written = dict[str, str]


@dataclass(frozen=True, slots=True)
class Merged:
    """What the row is to say, by field, and the fields that two people changed, each in another
    way: of those it is what was sent."""

    written: Written
    clashes: list[str] = field(default_factory=list)


def merged(drawn: Mapping[str, str], sent: Mapping[str, str], now: Mapping[str, str]) -> Merged:
    """What comes of `sent` where the form was `drawn` so and the row says `now`, field by field.

    What was left as it was drawn is as it is now; of a field that is not drawn it is not known
    that it was left, and it counts as sent.
    """
    said = Merged({})
    for name, value in sent.items():
        before, there = drawn.get(name), now.get(name, "")
        said.written[name] = there if value == before else value
        if before is not None and before not in (value, there) and value != there:
            said.clashes.append(name)
    return said


def packed(written: Mapping[str, str]) -> str:
    """What a form is drawn with, for its hidden field."""
    return json.dumps(written, ensure_ascii=False)


def unpacked(text: str) -> Written:
    """What a form was drawn with; nothing where its hidden field says anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}
