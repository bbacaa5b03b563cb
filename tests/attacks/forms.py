"""The forms of a page and where its links lead, as a browser would send them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

# What a field takes that was left empty, by its type.
_FILLED = {
    "text": "x", "search": "", "number": "1", "date": "2026-03-02", "time": "09:00",
    "datetime-local": "2026-03-02T09:00", "email": "x@example.com", "url": "https://example.com/",
    "password": "x", "tel": "5550100", "month": "2026-03", "color": "#000000", "range": "1",
}  # fmt: skip
# Fields in which one of what the page names is chosen.
CHOSEN = ("select", "radio", "checkbox", "hidden")


@dataclass
class Form:
    """Where a form is sent, how, and its fields: name, kind, values as they stand."""

    action: str
    method: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    # Further names and values that a button sends.
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def data(self) -> dict[str, list[str]]:
        """What is sent where nothing is changed; the first button is pressed."""
        said: dict[str, list[str]] = {}
        for name, _kind, value in self.fields:
            said.setdefault(name, []).append(value)
        for name, value in self.buttons[:1]:
            said.setdefault(name, []).append(value)
        return said

    def kinds(self) -> dict[str, str]:
        return {name: kind for name, kind, _value in self.fields}


class Page(HTMLParser):
    """The forms and links of a page, which is fed to it."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: set[str] = set()
        self._by_id: dict[str, Form] = {}
        self._inside: Form | None = None
        self._select: tuple[str, Form, bool] | None = None
        self._options: list[tuple[str, bool]] = []
        self._text: tuple[str, Form] | None = None
        self._words = ""

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in pairs}
        if tag == "option" and self._select:
            self._options.append((said.get("value", ""), "selected" in said))
            return
        if tag == "form":
            action = urljoin(self.address, said.get("action") or self.address)
            self._inside = Form(action, said.get("method", "get").lower())
            self.forms.append(self._inside)
            if "id" in said:
                self._by_id[said["id"]] = self._inside
        for name in ("href", "hx-get", "data-url", "src"):
            if name in said:
                self.links.add(urljoin(self.address, said[name]))
        if "hx-post" in said:
            self.forms.append(Form(urljoin(self.address, said["hx-post"]), "post"))
        owner = self._by_id.get(said.get("form", "")) or self._inside
        name = said.get("name", "")
        if owner is None or not name:
            return
        if tag == "input":
            self._input(owner, name, said)
        elif tag == "select":
            self._select, self._options = (name, owner, "multiple" in said), []
        elif tag == "textarea":
            self._text, self._words = (name, owner), ""
        elif tag == "button":
            owner.buttons.append((name, said.get("value", "")))

    def _input(self, owner: Form, name: str, said: dict[str, str]) -> None:
        kind = said.get("type", "text").lower()
        value = said.get("value", "")
        if kind == "submit":
            owner.buttons.append((name, value))
        elif kind in ("radio", "checkbox"):
            if "checked" in said or (kind == "radio" and name not in owner.kinds()):
                owner.fields.append((name, kind, value or "on"))
            elif kind == "checkbox":
                owner.fields.append((name, "unchecked", value or "on"))
        elif kind == "file":
            owner.fields.append((name, kind, ""))
        else:
            owner.fields.append((name, kind, value or _FILLED.get(kind, "")))

    def handle_startendtag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, pairs)

    def handle_data(self, data: str) -> None:
        if self._text:
            self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        elif tag == "select" and self._select:
            name, owner, is_many = self._select
            chosen = [value for value, is_on in self._options if is_on]
            filled = [value for value, _is_on in self._options if value]
            for value in chosen or ([] if is_many else filled[:1]) or [""]:
                owner.fields.append((name, "select", value))
            self._select = None
        elif tag == "textarea" and self._text:
            name, owner = self._text
            owner.fields.append((name, "text", self._words.strip() or "x"))
            self._text = None


def read(address: str, html: str) -> Page:
    page = Page(address)
    page.feed(html)
    page.close()
    return page


def asked_of(address: str, page: Page) -> dict[str, str]:
    """The names that a page may be asked with in its query, from its forms and its own links, each
    with a value that it takes."""
    path = urlsplit(address).path
    names: dict[str, str] = {}
    for one in page.forms:
        if one.method == "get" and urlsplit(one.action).path == path:
            names |= {name: value for name, kind, value in one.fields if kind != "file"}
    for link in page.links:
        parts = urlsplit(link)
        if parts.path == path:
            names |= dict(parse_qsl(parts.query, keep_blank_values=True))
    names |= dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    return names


def posts(page: Page) -> Iterator[Form]:
    """The forms of a page that change something, each once."""
    seen = set()
    for one in page.forms:
        told = (one.action, tuple(sorted(one.kinds())))
        if one.method == "post" and told not in seen and "logout" not in one.action:
            seen.add(told)
            yield one
