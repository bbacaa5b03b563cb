"""Writes what becomes of points of an agenda: worded otherwise, moved, their calls played."""

from datetime import datetime
from typing import Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm.models import User
from coaching.holding import logged
from coaching.holding.services import Stale, is_signed, locked
from coaching.models import AgendaItem, Session


@transaction.atomic
def edit(
    item: AgendaItem,
    title: str,
    words: str,
    edited: datetime | None,
    who: User,
    now: datetime,
) -> AgendaItem:
    """Give a point of a planned session another title, and words, in place of what was last
    `edited` then. What it was found by stays beneath; of what was found "" leaves the title to it.
    Said twice it is said once.

    Raises Stale where somebody else has edited it since, ValidationError without a title, for what
    an agent wrote, and where the session is over.
    """
    session = _locked(item)
    _check_planned(session)
    if not title and not item.found_as:
        raise ValidationError({"title": _("Say what it is about.")})
    there: AgendaItem = AgendaItem.objects.select_for_update().get(pk=item.pk)
    if there.source == AgendaItem.Source.OWN:
        raise ValidationError(_("An agent wrote it: it stays as it is."))
    if (there.title, there.words) != (title, words):
        if there.edited_at != edited:
            raise Stale
        before = logged.values(there)
        there.title, there.words, there.edited_at = title, words, now
        there.save(update_fields=["title", "words", "edited_at"])
        logged.changed(there, before, who, now)
    return there


@transaction.atomic
def move(item: AgendaItem, way: Literal["up", "down"]) -> None:
    """Have a point change places with the one above or below; of the first and the last nothing
    becomes. Raises ValidationError where the session is over."""
    _check_planned(_locked(item))
    rows = list(AgendaItem.objects.filter(session=item.session_id).order_by("place", "pk"))
    at = next((n for n, one in enumerate(rows) if one.pk == item.pk), None)
    if at is None:
        return
    to = at - 1 if way == "up" else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
    for place, one in enumerate(rows, start=1):
        one.place = place
    AgendaItem.objects.bulk_update(rows, ["place"])


@transaction.atomic
def play(item: AgendaItem, who: User, now: datetime) -> AgendaItem:
    """Say that the call of a point was played; said twice it was once.

    Raises ValidationError for a point without a call or that is struck off, and where the session
    was called off or is signed.
    """
    session = _locked(item)
    if session.state == Session.State.CANCELLED:
        raise ValidationError(_("It was called off."))
    if is_signed(session):
        raise ValidationError(_("It is signed: what was said stays."))
    there: AgendaItem = AgendaItem.objects.select_for_update().get(pk=item.pk)
    if there.call_id is None:
        raise ValidationError(_("There is no call to play."))
    if not there.is_kept:
        raise ValidationError(_("The point is struck off."))
    if there.played_at is None:
        before = logged.values(there)
        there.played_at = now
        there.save(update_fields=["played_at"])
        logged.changed(there, before, who, now)
    return there


def _locked(item: AgendaItem) -> Session:
    if item.session is None:
        raise ValidationError(_("It stands on no agenda yet."))
    return locked(item.session)


def _check_planned(session: Session) -> None:
    if session.state != Session.State.PLANNED:
        raise ValidationError(_("The session is over: its agenda stays."))
