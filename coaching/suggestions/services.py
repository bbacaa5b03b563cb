"""Writes suggestions and what they are answered.

Of a nameless one this keeps its words, its site and the day. Nothing here takes who sent it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import day_of
from ccm.models import Site, User
from coaching.models import Suggestion
from coaching.suggestions import mixing

MOST_A_DAY = 100
"""Nameless suggestions that a site's box takes on one day."""
ANSWERED = ("state", "answer", "is_published")
"""What whoever answers says."""
UNSAID = ("id", "title", "words", "by", "answer", "answered_by", "answered_at", "revision")
"""What the audit log keeps nothing of."""


class Full(ValidationError):
    """The box has taken as many nameless suggestions on this day as it takes."""

    def __init__(self) -> None:
        super().__init__(
            _("The box has taken as many without a name today as it takes on one day.")
        )


class Stale(ValidationError):
    """Somebody else has answered it meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )


@transaction.atomic
def suggest(site: Site, title: str, words: str, by: User | None, now: datetime) -> Suggestion:
    """Keep a suggestion; `by` None: without a name. The same words on the same day of the site are
    one post that came twice, where there is no name whoever sent it.

    Raises Full.
    """
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    today = day_of(now, site.calendar)
    there = Suggestion.objects.filter(site=site, day=today, is_anonymous=by is None, by=by)
    same: Suggestion | None = there.filter(title=title, words=words).first()
    if same is not None:
        return same
    if by is None and there.count() >= MOST_A_DAY:
        raise Full
    made: Suggestion = Suggestion.objects.create(
        site=site, day=today, title=title, words=words, is_anonymous=by is None, by=by
    )
    if by is None:
        mixing.mix(now, site.pk)
    else:
        audit.record(by, made, before=None, after=values(made), now=now)
    return made


@transaction.atomic
def answer(pk: UUID, said: dict[str, Any], revision: int, who: User, now: datetime) -> Suggestion:
    """Have a suggestion be as far, and answered, as `said` by the names of `ANSWERED`. Said twice
    it is changed once.

    Raises Stale where it is not of that revision any more and says something else, and
    ValidationError where it is to be published without an answer or without being looked at.
    """
    one: Suggestion = Suggestion.objects.select_for_update(of=("self",)).get(pk=pk)
    if all(getattr(one, name) == said[name] for name in ANSWERED):
        return one
    if one.revision != revision:
        raise Stale
    if said["is_published"] and not said["answer"]:
        raise ValidationError({"answer": _("Publish it with an answer.")})
    if said["is_published"] and said["state"] == Suggestion.State.NEW:
        raise ValidationError({"state": _("Say how far it is, before everybody reads it.")})
    before = values(one)
    if said["answer"] != one.answer:
        one.answered_by, one.answered_at = (who, now) if said["answer"] else (None, None)
    for name in ANSWERED:
        setattr(one, name, said[name])
    one.revision += 1
    one.save()
    audit.record(who, one, before=before, after=values(one), now=now)
    return one


def values(one: Suggestion) -> dict[str, Any]:
    return audit.values_of(one, UNSAID)
