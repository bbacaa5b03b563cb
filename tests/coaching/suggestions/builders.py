"""Suggestions for tests."""

from datetime import date
from typing import Any

from ccm.models import Site, User
from coaching.models import Suggestion
from tests.builders import NINE

# The day of NINE.
MONDAY = date(2026, 3, 2)


def a_suggestion(site: Site, by: User | None = None, **more: Any) -> Suggestion:
    """One without a name, unless it is somebody's; answered and published where `more` says so."""
    said = {"title": "Two screens at each desk", "day": MONDAY, "is_anonymous": by is None, **more}
    if said.get("answer"):
        said = {"answered_at": NINE, **said}
    made: Suggestion = Suggestion.objects.create(site=site, by=by, **said)
    return made


def published(site: Site, by: User | None = None, **more: Any) -> Suggestion:
    said = {"state": "planned", "answer": "In May", "is_published": True, **more}
    return a_suggestion(site, by, **said)
