"""Names as people see them, in the order that they look for them in, and as parts of addresses."""

import re
import unicodedata
from collections.abc import Container
from itertools import chain, count

from django.utils.text import slugify

# What turns the direction of the text around it, and controls: nowhere do they belong to a name.
_NEVER = "\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
# What has no width, or no ink. Between letters some of it is spelling, as in Persian and Hindi.
_UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u2065\u2800\u3164\ufeff\uffa0"
# What `visible` takes away, for `re` and for polars alike.
INVISIBLE = rf"[{_NEVER}]|^[\s{_UNSEEN}{_NEVER}]+|[\s{_UNSEEN}{_NEVER}]+$"
_INVISIBLE = re.compile(INVISIBLE)


def visible(name: str) -> str:
    """A name without what nobody sees in it; empty where there is nothing else."""
    return _INVISIBLE.sub("", name)


def in_order(name: str) -> tuple[str, str]:
    """What to sort names by: letters without their accents and case, then the name itself."""
    apart = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return plain.casefold(), name


def unlike(name: str, taken: Container[str], most: int, otherwise: str) -> str:
    """A slug of at most `most` characters and a number, unlike those taken; `otherwise` for a
    name that has no letter a slug can hold."""
    plain = slugify(name)[:most].strip("-") or otherwise
    numbered = (f"{plain}-{number}" for number in count(2))
    return next(slug for slug in chain([plain], numbered) if slug not in taken)
