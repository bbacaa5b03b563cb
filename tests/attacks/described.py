"""Requests made of what describes the API, and whether each answer is one that it tells of.

schemathesis makes them: half as the description asks, half that break it in one place. So that many
of them reach more than a "there is no such thing", some of what names an object is put right again.
"""

import random
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import hypothesis
import schemathesis
from django.urls import resolve
from hypothesis import HealthCheck, Phase
from requests import PreparedRequest, Request
from requests.structures import CaseInsensitiveDict
from schemathesis import Case, GenerationMode, Response
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks

from tests.attacks.probes import Doors, schema
from tests.attacks.walk import Answer, Person, path_of

TOLD = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# Headers that the client of the tests says itself, or that say who asks.
_OWN = {"content-length", "content-type", "host", "authorization", "cookie", "user-agent"}
_NOWHERE = "http://testserver"
_well: set[tuple[str, int, str | None, bytes]] = set()
_MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass(frozen=True)
class Asked:
    """A request, and the case of schemathesis that it was made of."""

    case: Case
    sent: PreparedRequest


@cache
def _described() -> Any:
    found = schemathesis.openapi.from_dict(schema())
    found.config.update(base_url=_NOWHERE)
    return found


def operations() -> list[Any]:
    """All that the description has."""
    return [one.ok() for one in _described().get_all_operations()]


def cases(operation: Any, mode: GenerationMode, many: int, seed: int) -> list[Case]:
    """About so many requests of an operation; fewer where there are no more."""
    made: list[Case] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=many, database=None, deadline=None, derandomize=False,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def draw(case: Case) -> None:
        made.append(case)

    # Nothing breaks a description that asks for nothing.
    with suppress(hypothesis.errors.Unsatisfiable, InvalidSchema):
        draw()
    return made


def asked(operation: Any, many: int, own: Doors, dice: random.Random) -> Iterator[Asked]:
    """Requests of an operation, of which some name what there is."""
    ours = _ours(operation, own)
    half = max(many // 2, 1)
    made = [case for mode in _MODES for case in cases(operation, mode, half, dice.randrange(2**32))]
    for case in made:
        if ours and dice.random() < 0.8:
            _put_right(case, dice.choice(ours), dice)
        said = case.as_transport_kwargs(base_url=_NOWHERE)
        known = {name: said[name] for name in _REQUEST if name in said}
        try:
            sent = Request(**known).prepare()
        except (ValueError, TypeError, AttributeError):
            continue  # what no client of HTTP can write
        yield Asked(case, sent)


def some(many: int, own: Doors, dice: random.Random) -> list[Asked]:
    """So many requests, of each operation about as many, or of some where there are more."""
    every = operations()
    left = dice.sample(every, min(len(every), max(many // 2, 1)))
    found: list[Asked] = []
    while len(found) < many:
        each = min(max((many - len(found)) // len(left), 2), 400)
        for operation in left:
            found += asked(operation, each, own, dice)
        # What asks for nothing has one request, which need not be made again and again.
        left = [one for one in left if one.definition.raw.get("parameters") or one.body]
    dice.shuffle(found)
    return found[:many]


_REQUEST = ("method", "url", "headers", "files", "data", "json", "params", "cookies")


def _ours(operation: Any, own: Doors) -> list[str]:
    """Addresses of ours that this operation is at."""
    pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(operation.path)))
    return [one for _row, one in own if pattern.fullmatch(path_of(one))]


def _put_right(case: Case, address: str, dice: random.Random) -> None:
    """Name what is at an address of ours; of what a body says where it belongs, nothing."""
    if isinstance(case.path_parameters, dict) and dice.random() < 0.8:
        found = resolve(path_of(address)).kwargs
        case.path_parameters |= {
            name: found[name] for name in case.path_parameters if name in found
        }
    known = dict(parse_qsl(urlsplit(address).query))
    if isinstance(case.query, dict) and known and dice.random() < 0.6:
        case.query = {**case.query, **known}
    if isinstance(case.body, dict) and dice.random() < 0.7:
        for name in ("site", "source"):
            case.body.pop(name, None)


def send(one: Asked, person: Person, how: dict[str, Any]) -> Answer:
    """Ask it as somebody; `how` are headers by which they are known."""
    sent = one.sent
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in sent.headers.items()
        if name.lower() not in _OWN
    }
    body = sent.body or b""
    kind = sent.headers.get("Content-Type", "application/octet-stream")
    if isinstance(kind, bytes):
        kind = kind.decode("latin-1")
    return person.ask(
        str(sent.method).lower(), sent.path_url, body.encode() if isinstance(body, str) else body,
        content_type=kind, **(headers | how),
    )  # fmt: skip


def not_as_told(one: Asked, answer: Answer) -> list[str]:
    """What of an answer is not as the description says."""
    headers = CaseInsensitiveDict(answer.headers)
    key = (one.case.operation.label, answer.status, headers.get("Content-Type"), answer.body)
    # Refusals are alike by the thousand.
    if answer.status >= 400 and key in _well:
        return []
    told = Response(
        status_code=answer.status,
        headers={name.lower(): [value] for name, value in headers.items()},
        content=answer.body,
        request=one.sent,
        elapsed=0.0,
        message=HTTPStatus(answer.status).phrase,
        encoding="utf-8",
        http_version="1.1",
        verify=True,
    )
    try:
        one.case.validate_response(told, checks=TOLD)
    except FailureGroup as group:
        return [f"{type(each).__name__}: {each}" for each in group.exceptions]
    except Failure as failure:
        return [f"{type(failure).__name__}: {failure}"]
    _well.add(key)
    return []
