"""The shapes that events may be posted in, by the names that posts ask for: those that are built
in, and those that admins saved.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit, database
from ccm.audit import Names, Told, Values
from ccm.imports.facts.references import folded
from ccm.live import events
from ccm.live.events import text_fault
from ccm.live.shapes import Plain, Shape, amazon_connect
from ccm.live.shapes.mapped import Mapped, Wrong
from ccm.models import AuditEntry, EventShape, User
from ccm.names import unlike

OURS: Shape = Plain(events.read)
BUILT_IN: Mapping[str, Shape] = {amazon_connect.NAME: Plain(amazon_connect.read)}
LONGEST_NAME = 80


class NameTaken(ValueError):
    """Another shape has this name."""


def shape(name: str) -> Shape | None:
    """The shape of a name; without one ours, and None where there is none of that name or what was
    saved can no longer be read."""
    if not name:
        return OURS
    if name in BUILT_IN:
        return BUILT_IN[name]
    if len(name) > LONGEST_NAME or "\0" in name:
        return None
    saved = EventShape.objects.filter(slug=name).first()
    try:
        return None if saved is None else Mapped.from_json(saved.mapping)
    except Wrong:
        return None


@transaction.atomic
def save(
    name: str, mapping: object, user: User | None = None, changes: EventShape | None = None
) -> EventShape:
    """A new shape, or one that `changes` into this. Its slug stays: sources post by it.

    Raises Wrong for what is no shape, NameTaken where another has the name, ValueError for none.
    """
    Mapped.from_json(mapping)
    if not name.strip() or text_fault(name, LONGEST_NAME):
        words = _("A name has at most %(limit)d characters.")
        raise ValueError(words % {"limit": LONGEST_NAME})
    # Two that save at once are one after the other, so that each sees the names there are.
    database.hold("event shapes")
    others = [one for one in EventShape.objects.all() if changes is None or one.pk != changes.pk]
    if any(folded(one.name) == folded(name) for one in others):
        raise NameTaken(_("There is a shape named %(name)s already.") % {"name": name})
    made = changes or EventShape(created_by=user, slug=_free_slug(name))
    before = _values(made) if changes else None
    made.name, made.mapping = name, mapping
    made.save()
    if before != (after := _values(made)):
        audit.record(user, made, before=before, after=after, now=timezone.now())
    return made


@transaction.atomic
def remove(saved: EventShape, user: User | None = None) -> None:
    """What asks for it is refused from then on; what came by it stays."""
    audit.record(user, saved, before=_values(saved), after=None, now=timezone.now())
    saved.delete()


def _free_slug(name: str) -> str:
    taken = set(EventShape.objects.values_list("slug", flat=True))
    return unlike(name, taken | {*BUILT_IN}, 32, "shape")


def _values(saved: EventShape) -> dict[str, object]:
    """What the log keeps: its names, and a mark that changes with what it says."""
    said = json.dumps(saved.mapping, sort_keys=True).encode()
    mark = hashlib.sha256(said).hexdigest()[:8]
    return {"name": saved.name, "slug": saved.slug, "mapping": mark}


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each as "Shape of events: Our switch", with the list of them. No query."""
    words, url = _("Shape of events: %(name)s"), reverse("event_shapes")
    return {
        one.pk: Told(words % {"name": said["name"]}, url)
        for one in entries
        if (said := audit.said(one)).get("name")
    }


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """What it says as its mark: by that two can be told apart."""
    return (_("What it says"), str(value or "")) if name == "mapping" else None
