"""Findings for tests."""

from typing import Any

from ccm.models import Site, User
from qa.models import Finding
from tests.builders import NINE


def a_finding(site: Site, made_by: User | None = None, **more: Any) -> Finding:
    said = {"kind": "training", "title": "Asks twice for the number", "made_at": NINE, **more}
    made: Finding = Finding.objects.create(site=site, made_by=made_by, **said)
    return made
