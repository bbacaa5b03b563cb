"""A page without what leads to addresses that are closed to its reader. Pure.

Templates ask nobody whether an address is open: what leads there is taken from the page as it is
answered, in one place, so that no link is forgotten. It is done for nobody but those of whose roles
something was taken.

A link becomes its own words; a button, a form and what plays a recording go as a whole, and so does
a button elsewhere that belongs to a form that went. Of other elements the attribute goes that asks
for such an address. What is read are pages of these templates, whose words are escaped: a `<` that
begins a tag there is one.
"""

import html
import re
from collections.abc import Callable

Closed = Callable[[str, str], bool]
"""Whether what a reference leads to, sent by a method, is closed."""

_QUOTED = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
_TAG = re.compile(rf"<(/?)([a-zA-Z][\w-]*)({_QUOTED})>|<!--.*?-->", re.DOTALL)
_ATTRIBUTE = re.compile(r"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_LEADS = {"href", "src", "hx-get", "hx-post", "hx-put", "hx-delete", "formaction", "action"}
_SENDS = {"hx-post", "hx-put", "hx-delete"}
# As a button looks, a link is one.
_BUTTON = {"btn", "pager"}
_WHOLE = {"form", "button", "audio", "video", "iframe", "object", "option"}
_RAW = {"script", "style", "textarea"}


def without(page: str, is_closed: Closed) -> str:
    """The page, without the ways to what is closed. A page without any is the same."""
    page, forms = _taken(page, is_closed, frozenset())
    if forms:
        page, _none = _taken(page, lambda _to, _how: False, frozenset(forms))
    return page


def _taken(page: str, is_closed: Closed, forms: frozenset[str]) -> tuple[str, set[str]]:
    """The page without those ways, nor what belongs to some forms, by their ids; and the ids of the
    forms that went."""
    kept: list[str] = []
    gone_forms: set[str] = set()
    done = 0
    ends: tuple[str, bool] | None = None  # what goes on until this tag ends; whether its words stay
    depth = 0
    raw = ""
    for tag in _TAG.finditer(page):
        name = (tag[2] or "").lower()
        if raw:
            if name == raw and tag[1]:
                raw = ""
            continue
        if name in _RAW and not tag[1]:
            raw = name
            continue
        if ends is not None:
            goes, stays = ends
            if name == goes:
                depth += -1 if tag[1] else 1
            if depth == 0:
                if stays:
                    kept.append(page[done : tag.start()])
                done, ends = tag.end(), None
            continue
        if tag[1] or not name:
            continue
        said = {one[1].lower(): html.unescape(one[2] or one[3] or "") for one in
                _ATTRIBUTE.finditer(tag[3])}  # fmt: skip
        closed = _closed(name, said, is_closed)
        if not closed and said.get("form", "") not in forms:
            continue
        kept.append(page[done : tag.start()])
        done = tag.end()
        if name == "form":
            gone_forms.add(said.get("id", ""))
        if name == "a" and closed:
            ends, depth = ("a", _BUTTON.isdisjoint(said.get("class", "").split())), 1
        elif name in _WHOLE:
            ends, depth = (name, False), 1
        elif closed and "src" not in closed:
            kept.append(_but(tag[0], closed))
    kept.append(page[done:])
    return "".join(kept), gone_forms - {""}


def _closed(name: str, said: dict[str, str], is_closed: Closed) -> set[str]:
    """The attributes of a tag that lead to what is closed. A form without an address leads to its
    own page."""
    found = set()
    asked = {"action": ""} | said if name == "form" else said
    for attribute, to in asked.items():
        if attribute not in _LEADS and not (attribute.startswith("data-") and to.startswith("/")):
            continue
        sends = attribute in _SENDS or attribute == "formaction"
        if name == "form" and attribute == "action":
            sends = said.get("method", "get").lower() == "post"
        if is_closed(to, "POST" if sends else "GET"):
            found.add(attribute)
    return found


def _but(tag: str, attributes: set[str]) -> str:
    """A tag without some attributes."""
    return _ATTRIBUTE.sub(lambda one: "" if one[1].lower() in attributes else one[0], tag)
