"""What a search found in a text, marked, as safe HTML. Pure.

The database puts `BEGIN` and `END` around what it found, signs that no text of the library holds;
all else is escaped.
"""

import re
from html import escape

BEGIN, END = "\x02", "\x03"
_FOUND = re.compile(f"{BEGIN}([^{BEGIN}{END}]*){END}")
_LEFT = re.compile(f"[{BEGIN}{END}]")


def marked(text: str) -> str:
    """The text as HTML, each part that was found as <mark>; a sign without its partner is left
    out."""
    said = []
    at = 0
    for found in _FOUND.finditer(text):
        said += [_safe(text[at : found.start()]), f"<mark>{_safe(found[1])}</mark>"]
        at = found.end()
    return "".join([*said, _safe(text[at:])])


def _safe(text: str) -> str:
    return escape(_LEFT.sub("", text))
