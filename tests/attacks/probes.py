"""Which addresses, queries, forms and calls of the API name objects of somebody else."""

import random
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from django.urls import NoReverseMatch, resolve, reverse
from drf_spectacular.generators import SchemaGenerator

from tests.attacks import forms
from tests.attacks.walk import Person, Theirs, path_of
from tests.examples import examples
from tests.reach import WHO, Row, World
from tests.test_access import MATRIX


@dataclass(frozen=True)
class Probe:
    """A request that names objects of somebody else, and where they stand in it."""

    way: str  # "address", "mixed", "query", "form", "api"
    method: str
    address: str
    data: Any = None
    more: Mapping[str, Any] = field(default_factory=dict)


Doors = list[tuple[Row, str]]


def doors(world: World) -> Doors:
    """Each row of the matrix, with its address in this world. To ask for one may make what it
    names, so they are asked for once."""
    return [(row, row.path(world)) for rows in MATRIX.values() for row in rows]


def theirs_by_kind(other: World, rows: Theirs) -> list[str]:
    """What names their objects in queries and forms: slugs, and a key of each model."""
    keys = {str(found[0]) for found in rows.rows.values()}
    keys |= {str(found[-1]) for found in rows.rows.values()}
    return sorted({other.site.slug, other.board.slug, other.queue.name, other.agent.name, *keys})


def of_addresses(own: Doors, other: Doors) -> Iterator[Probe]:
    """Their objects at each address; where it names several, one of ours beside one of theirs."""
    for (row, ours), (_row, theirs) in zip(own, other, strict=True):
        if not row.of_a_site or row.own[0] == 200:  # of all sites, or public
            continue
        yield Probe("address", row.method, theirs)
        if row.method == "get":
            yield Probe("address", "post", theirs)
        yield from _mixed(row.method, ours, theirs)


def _mixed(method: str, ours: str, theirs: str) -> Iterator[Probe]:
    mine, others = resolve(path_of(ours)), resolve(path_of(theirs))
    names = [name for name in mine.kwargs if mine.kwargs[name] != others.kwargs[name]]
    if len(names) < 2:
        return
    query = urlsplit(ours).query
    for name in names:
        said = mine.kwargs | {name: others.kwargs[name]}
        yield Probe("mixed", method, reverse(mine.url_name, kwargs=said) + f"?{query}")


def of_keys(own: Doors, named: list[str]) -> Iterator[Probe]:
    """Each address of ours with each key of theirs in each of its places."""
    for row, address in own:
        method = row.method
        found = resolve(path_of(address))
        for name, value in found.kwargs.items():
            for key in named:
                if isinstance(value, int) and key.isdecimal():
                    put: Any = int(key)
                elif isinstance(value, UUID) and len(key) == 36:
                    put = UUID(key)
                elif isinstance(value, str) and not key.isdecimal():
                    put = key
                else:
                    continue
                try:
                    changed = reverse(found.url_name, kwargs=found.kwargs | {name: put})
                except NoReverseMatch:
                    continue
                yield Probe("address", method, changed)


def pages(person: Person, who: str, own: Doors, most: int, dice: random.Random) -> Iterator[Any]:
    """Pages of ours that this role may open: their address, and what stands in them."""
    place = WHO.index(who)
    found = list(
        {address: None for row, address in own if row.method == "get" and row.own[place] == 200}
    )
    for address in dice.sample(found, min(most, len(found))):
        answer = person.ask("get", address)
        yield address, forms.read(address, answer.body.decode(errors="replace")), answer


def of_page(address: str, page: forms.Page, named: Iterable[str]) -> Iterator[Probe]:
    """Their objects in each part of its query, and in each field of its forms where one chooses."""
    path, query = path_of(address), forms.asked_of(address, page)
    exports = {"", *(name for name in ("csv", "xlsx") if "export" in query)}
    for name in query:
        for value in named:
            for file in exports:
                said = query | {name: value} | ({"export": file} if file else {})
                if not file:
                    said.pop("export", None)
                yield Probe("query", "get", f"{path}?{urlencode(said)}")
    for form in forms.posts(page):
        whole = form.data()
        for name, kind in form.kinds().items():
            if kind not in (*forms.CHOSEN, "unchecked", "number") or "csrf" in name:
                continue
            for value in named:
                yield Probe("form", "post", form.action, whole | {name: [value]})


def some_of(tried: list[Probe], many: int, dice: random.Random) -> list[Probe]:
    """So many of them, as many of each way as there are where one has fewer than its part."""
    ways: dict[str, list[Probe]] = {}
    for one in tried:
        ways.setdefault(one.way, []).append(one)
    chosen: list[Probe] = []
    left = many
    for place, found in enumerate(sorted(ways.values(), key=len)):
        part = min(len(found), left // (len(ways) - place))
        chosen += dice.sample(found, part)
        left -= part
    return chosen


def leaks(
    who: str,
    tried: list[Probe],
    person: Person,
    program: Person,
    dice: random.Random,
    of_all: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[str]:
    """What a sample of them told, changed or broke, and prints how many there were. On the pages
    `of_all`, a "#" for each number, words of others are met by design; nothing may change there
    either, but for the tables that are named."""
    told, counts = [], Counter[str]()
    for probe in some_of(tried, examples(60), dice):
        asks = program if probe.way == "api" else person
        answer = asks.ask(probe.method, probe.address, probe.data, **probe.more)
        counts[probe.way] += 1
        counts["written"] += answer.wrote
        # A key of theirs may be that of a row of ours that a builder left half empty.
        broken = answer.status >= 500 and probe.way != "address"
        page = re.sub(r"/\d+/", "/#/", path_of(probe.address))
        marked = answer.marks and page not in of_all
        if broken or marked or answer.changed - {*of_all.get(page, ())}:
            found = (probe, answer.status, answer.marks, answer.changed, answer.fault[-300:])
            told.append(str(found)[:2000])
            print(f"{who} {told[-1]}", flush=True)
    wrote = counts.pop("written")
    print(
        f"{who}: {counts.total()} probes of {len(tried)}, {dict(counts)}; "
        f"{wrote} wrote something, {len(told)} leaks"
    )
    return told


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Of what describes the API: path, method, and what is said of it."""
    for path, said in schema()["paths"].items():
        for method, operation in said.items():
            yield path, method, operation


@cache
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def of_api(own: Doors, named: list[str]) -> Iterator[Probe]:
    """Their objects in each part of the query and each member of the body of what the API has."""
    for path, method, operation in operations():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        found = {path_of(one): one for _row, one in own if pattern.fullmatch(path_of(one))}
        for ours in found.values():
            base = dict(parse_qsl(urlsplit(ours).query))
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    for value in named:
                        query = urlencode(base | {parameter["name"]: value})
                        yield Probe("api", method, f"{path_of(ours)}?{query}")
            kinds = operation.get("requestBody", {}).get("content", {})
            if "application/json" not in kinds:
                continue
            body = example(kinds["application/json"]["schema"])
            for put in _replaced(body, named):
                yield Probe("api", method, ours, put, {"content_type": "application/json"})


def example(said: dict[str, Any]) -> Any:
    """Something of the shape that a part of the description asks for."""
    if "$ref" in said:
        return example(schema()["components"]["schemas"][said["$ref"].rpartition("/")[2]])
    for word in ("allOf", "oneOf", "anyOf"):
        if word in said:
            return example(said[word][0])
    if said.get("enum"):
        return said["enum"][0]
    kind = said.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: example(one) for name, one in said.get("properties", {}).items()}
    if kind == "array":
        return [example(said["items"])]
    plain = {"integer": 1, "number": 1.5, "boolean": True}
    formats = {
        "date-time": "2026-03-02T09:00:00Z", "date": "2026-03-02", "time": "09:00",
        "uuid": "00000000-0000-7000-8000-000000000000", "uri": "https://example.com/",
        "email": "x@example.com",
    }  # fmt: skip
    return plain.get(kind, formats.get(said.get("format", ""), "x"))


def _replaced(body: Any, named: list[str]) -> Iterator[Any]:
    """The body with a member replaced by each of the names, numbers as such."""
    if isinstance(body, list):
        yield from ([one] for one in _replaced(body[0], named))
    elif isinstance(body, dict):
        for name, value in body.items():
            for one in _replaced(value, named):
                yield body | {name: one}
    else:
        yield from (int(one) if one.isdecimal() else one for one in named)
