"""Every example of docs/api.md does what it says."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from ccm.api.urls import urlpatterns
from ccm.models import ApiToken, Site
from tests.builders import a_call, a_queue, a_site, a_user

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api.md"
LOG = b"1772442000|c1|Sales|NONE|ENTERQUEUE||5550123|1\n"
# What is promised in the document lies after it, however late somebody reads it.
WRITTEN = "2026-12-01T00:00Z"


def commands() -> Iterator[str]:
    """The document's curl commands, each with its continued lines and its body."""
    lines = iter(DOCUMENT.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if not line.startswith("    $ curl"):
            continue
        command = line.removeprefix("    $ ")
        while command.endswith("\\") or not balanced(command):
            command = command.removesuffix("\\") + "\n" + next(lines)
        yield command


def balanced(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def run(command: str, client: Client, known: dict[str, str]) -> Any:
    """What a curl command is answered; `known` are the shell's variables."""
    words = iter(shlex.split(re.sub(r"\$(\w+)", lambda name: known[name[1]], command))[1:])
    headers: dict[str, str] = {}
    form: dict[str, Any] = {}
    address, body = "", ""
    for word in words:
        if word == "-H":
            name, _colon, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-F":
            name, _is, value = next(words).partition("=")
            form[name] = SimpleUploadedFile(value[1:], LOG) if value[0] == "@" else value
        elif word == "-d":
            body = next(words)
        else:
            address = word
    kind = headers.pop("Content-Type", "")
    if form:
        return client.post(address, form, headers=headers)
    if body:
        return client.post(address, body, content_type=kind, headers=headers)
    return client.get(address, headers=headers)


@time_machine.travel(WRITTEN)
def test_every_example_works_and_every_door_has_one(nothing_sent):
    site = a_site("Leeds", zone="Europe/London")
    Site.objects.update(slug="leeds")
    a_call(a_queue(site, "Sales"), datetime.fromisoformat("2026-03-02T10:00:00+00:00"))
    _token, words = ApiToken.issue(
        name="docs", user=a_user("admin"), site=site, source="crm",
        scopes=[ApiToken.READ, ApiToken.WRITE_RECORD, ApiToken.POST_EVENTS, ApiToken.IMPORT],
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    known = {"API": "/api/v1", "TOKEN": words}
    client, doors = Client(), set()
    for command in commands():
        answer = run(command, client, known)
        assert answer.status_code in (200, 201, 202), (command, answer.content)
        doors.add(resolve(answer.request["PATH_INFO"]).url_name)
        told = json.loads(answer.content)
        if "results" in told and "stored" in told and "CALL" not in known:
            assert (told["stored"], told["rejected"]) == (1, 1)
            known["CALL"] = told["results"][0]["id"]
        if "issues" in told:
            known["IMPORT"] = str(told["id"])
    assert doors == {one.name for one in urlpatterns} | {"api_kpis"}
