"""Values that no form or filter expects, for each of their fields."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes, urljoin, urlsplit

from tests.attacks import forms
from tests.attacks.walk import path_of

ELSEWHERE = "qzx.example"
# Each with the raw bytes that are sent, as a browser or a program would percent-encode them.
HOSTILE = [
    "", " ", "0", "-1", "1", "9" * 19, "9" * 40, "-" + "9" * 25, "1e400", "-0", "1.5", "NaN",
    "Infinity", "-inf", "1_000", "٣", "½", "0x10", "1" * 5000,
    "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "-2026-01-01",
    "2026-03-02T25:61", "2026-03-29T02:30", "1e9", "24:00", "99:99", "00:00:00.0000001",
    "null", "None", "undefined", "true", "[]", "[1]", "{}", '{"a": [', '{"$gt": ""}', "[" * 3000,
    "\0", "a\0b", "\x1b[2J", "\x7f", "\r\nSet-Cookie: qzx=1", "x\r\n\r\n<qzxb>", "\u2028", "\ufeff",
    "\u202eabc", "á" * 300, "👩‍👩‍👧‍👦", "ß", "İ", "\ud800", "\udfff\ud800",
    "' OR '1'='1", "1; DROP TABLE ccm_user; --", "1) OR 1=1 --", "%", "_", "%%", "%s", "%(x)s",
    "\\", "'", '"', "`", "${7*7}", "{{ 7*7 }}", "{% debug %}", "{x.__class__}", "{0}", "<qzxb>",
    "\"><qzxb onload=x>", "'><svg/onload=qzxb>", "</script><qzxb>", "javascript:qzxb",
    "../../../etc/passwd", "..%2f..%2fetc/passwd", "/etc/passwd", "C:\\x", "file:///etc/passwd",
    f"https://{ELSEWHERE}/", f"//{ELSEWHERE}/", f"/\\{ELSEWHERE}/", f"\\\\{ELSEWHERE}",
    f"https:{ELSEWHERE}", f"/\t/{ELSEWHERE}/", f"https://localhost@{ELSEWHERE}/",
    f"///{ELSEWHERE}", f"https:///{ELSEWHERE}", f" //{ELSEWHERE}", f"/%09/{ELSEWHERE}",
    "(a+)+$", "a" * 100_000, "=1+1", "Europe/Nowhere", "../UTC", "service_level", "all",
]  # fmt: skip


@dataclass(frozen=True)
class Try:
    """A request with one value that nobody expects, and where it stands."""

    method: str
    address: str
    name: str
    value: str
    body: bytes | None = None
    kind: str = "application/x-www-form-urlencoded"


def encoded(said: Mapping[str, list[str]]) -> str:
    """As a form sends it; what is no text at all, too."""
    return "&".join(
        f"{_quoted(name)}={_quoted(value)}" for name, values in said.items() for value in values
    )


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


def of_page(address: str, page: forms.Page) -> Iterator[Try]:
    """Each name that the page may be asked with and each field of its forms, with each value."""
    path, query = path_of(address), forms.asked_of(address, page)
    base = {name: [value] for name, value in query.items()}
    for name in query:
        for value in HOSTILE:
            if len(value) <= 5000:
                told = encoded(base | {name: [value]})
                yield Try("get", f"{path}?{told}", name, value)
        yield Try("get", f"{path}?{encoded(base | {name: ['1', '2', '']})}", name, "twice")
        yield Try("get", f"{path}?{encoded(base)}&{_quoted(name)}[]=1", name, "[]")
    for form in forms.posts(page):
        whole = form.data()
        for name, kind in form.kinds().items():
            if kind == "file" or "csrf" in name:
                continue
            for value in HOSTILE:
                told = encoded(whole | {name: [value]}).encode()
                yield Try("post", form.action, name, value, told)
            yield Try(
                "post", form.action, name, "twice", encoded(whole | {name: ["1", "2"]}).encode()
            )
            rest = {other: values for other, values in whole.items() if other != name}
            yield Try("post", form.action, name, "left out", encoded(rest).encode())


FORM = "application/x-www-form-urlencoded"
BODIES = [
    (b"", FORM), (b"\0\xff\xfe", FORM),
    (b"&" * 2000, FORM), (b"=", "text/plain"),
    (b"{}", "application/json"), (b"[" * 20_000, "application/json"), (b"null", "application/json"),
    (b'{"a": 1e999}', "application/json"), (b'{"a":"\\ud800"}', "application/json"),
    (b"[[],{},1]", "application/json"), (b'"x"', "application/json"),
    (b'{"' + b"a" * 100_000 + b'":1}', "application/json"), (b"\xff", "application/json"),
    (b"9" * 10_000, "application/json"), (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"x", "multipart/form-data"), (b"x", "multipart/form-data; boundary=\xc3\xa9"),
    (b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../x\0"\r\n\r\n'
     b"a\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    (b"<a/>", "application/xml"), (b"x", "qzx"), (b"x", ""),
]  # fmt: skip


def of_door(method: str, address: str) -> Iterator[Try]:
    """Bodies that are none, to an address whatever it takes."""
    for number, (body, kind) in enumerate(BODIES):
        yield Try("post", address, "the body", f"{number}", body, kind)


def leads_away(address: str, location: str) -> bool:
    """Whether a browser that was at `address` would be led to another host, as browsers read it."""
    plain = location.strip().replace("\\", "/")
    for blank in "\t\r\n":
        plain = plain.replace(blank, "")
    parts = urlsplit(urljoin(f"http://testserver{path_of(address)}", plain))
    return parts.scheme not in ("http", "https") or parts.netloc not in ("testserver", "")


def some_of(tried: list[Any], many: int, dice: random.Random) -> list[Any]:
    return dice.sample(tried, min(len(tried), many))
