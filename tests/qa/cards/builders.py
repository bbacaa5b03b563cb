"""Scorecards as services make them, and who keeps them."""

from typing import Any

from ccm.models import Site, User
from qa.cards import document, edits, read, services
from qa.models import CardVersion, Scorecard
from tests.builders import NINE
from tests.qa.builders import FORM


def a_draft(site: Site, who: User, name: str = "Support", form: Any = FORM) -> CardVersion:
    """The draft of a new scorecard."""
    card = edits.empty() if form is None else read(form)
    return services.make(name, site, "", card, who, NINE).versions.get()


def a_published(site: Site, who: User, name: str = "Support", form: Any = FORM) -> Scorecard:
    """A scorecard whose first version is in use."""
    draft = a_draft(site, who, name, form)
    return services.publish(draft, "", who, NINE, revision=draft.revision).card


def changed(version: CardVersion, **values: Any) -> Any:
    """The draft's form with other values of its greeting."""
    card = document.read(version.form)
    said = document.write_criterion(*edits.find(card, "greeting")) | values
    return edits.put(card, *document.read_criterion(said), "opening")
