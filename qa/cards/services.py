"""Writes scorecards: made, changed as drafts, published, closed; each time the audit log has it.

A draft is changed by whoever has seen its last `revision`: of two who change it at once the second
is told (`Stale`) and nothing is written. A scorecard's row is locked before a version of it.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Site, User
from qa.cards import differences, document, reads, words
from qa.cards.card import Card
from qa.models import CardCriterion, CardVersion, Scorecard

State = CardVersion.State


class Stale(ValidationError):
    """A draft that somebody else changed, published or discarded since it was seen."""

    def __init__(self, version: CardVersion | None) -> None:
        super().__init__(words.stale() if version else _("There is no such draft any more."))
        self.version = version


class Faulty(ValidationError):
    """A draft that cannot be published, and why."""

    def __init__(self, card: Card) -> None:
        super().__init__(words.faults_told(card))


@transaction.atomic
def make(
    name: str, site: Site | None, about: str, form: Card, who: User, now: datetime
) -> Scorecard:
    """A scorecard with a draft of its first version. Raises ValidationError where there is another
    of its name."""
    card = Scorecard(name=name, site=site, words=about, made_by=who, made_at=now)
    card.full_clean()
    card.save()
    audit.record(who, card, before=None, after=values(card), now=now)
    _draft(card, 1, form, who, now)
    return card


@transaction.atomic
def rename(card: Scorecard, name: str, about: str, who: User, now: datetime) -> None:
    """Another name, other words. Raises ValidationError where there is another of its name."""
    _change(_locked(card), {"name": name, "words": about}, who, now)


@transaction.atomic
def place(
    card: Scorecard, name: str, site: Site | None, about: str, who: User, now: datetime
) -> None:
    """The same, and another site; None: all of them. Raises ValidationError where a version was
    published or something hangs on the card: it stays where it is then."""
    there = _locked(card)
    if there.site != site and not reads.may_move(there):
        raise ValidationError(_("It is in use by now: its site stays."))
    _change(there, {"name": name, "words": about, "site": site}, who, now)


def _change(there: Scorecard, said: dict[str, Any], who: User, now: datetime) -> None:
    before = values(there)
    for field, value in said.items():
        setattr(there, field, value)
    there.full_clean()
    there.save(update_fields=list(said))
    if before != values(there):
        audit.record(who, there, before=before, after=values(there), now=now)


@transaction.atomic
def begin(card: Scorecard, who: User, now: datetime) -> CardVersion:
    """The draft of a card: one that is there already, or a new one from its last version. Raises
    ValidationError where the card is closed."""
    there = _locked(card)
    last: CardVersion = there.versions.latest("number")
    if last.is_draft:
        return last
    if there.closed_at is not None:
        raise ValidationError(_("It is closed: open it first."))
    return _draft(there, last.number + 1, document.read(last.form), who, now)


@transaction.atomic
def keep(
    version: CardVersion, form: Card, who: User, now: datetime, *, revision: int
) -> CardVersion:
    """Have a draft say this, by whoever has seen `revision` of it. Raises Stale."""
    there = _seen(version, revision)
    before, after = differences.flat(document.read(there.form), form)
    if not before and not after:
        return there
    there.form, there.revision = document.write(form), revision + 1
    there.save(update_fields=["form", "revision"])
    own = _own(there)
    audit.record(who, there, before={**own, **before}, after={**own, **after}, now=now)
    return there


@transaction.atomic
def write(
    card: Scorecard, form: Card, who: User, now: datetime, *, revision: int | None
) -> CardVersion:
    """Have the draft of a card say this, by whoever has seen `revision` of it; None: a draft is
    begun. Raises Stale where there is one then, or another, and ValidationError where the card is
    closed."""
    there = _locked(card)
    last: CardVersion = there.versions.latest("number")
    if revision is not None:
        return keep(last, form, who, now, revision=revision)
    if last.is_draft:
        raise Stale(last)
    draft = begin(there, who, now)
    return keep(draft, form, who, now, revision=draft.revision)


@transaction.atomic
def discard(version: CardVersion, who: User, now: datetime, *, revision: int) -> None:
    """Have nothing come of a draft; the last version goes on. Raises Stale, and ValidationError for
    the draft of a card that has no version."""
    there = _seen(version, revision)
    if not there.card.versions.published().exists():
        raise ValidationError(_("It is all there is of the scorecard: remove that."))
    audit.record(who, there, before=_own(there), after=None, now=now)
    there.delete()


@transaction.atomic
def publish(
    version: CardVersion, note: str, who: User, now: datetime, *, revision: int
) -> CardVersion:
    """Freeze a draft, which reviews are made by from now on.

    Its criteria are found again by their keys, and worded as it words them. Raises Stale, Faulty,
    and ValidationError where the card is closed or nothing changed.
    """
    there = _seen(version, revision)
    card = document.read(there.form)
    if words.faults_of(card):
        raise Faulty(card)
    if there.card.closed_at is not None:
        raise ValidationError(_("It is closed: open it first."))
    last = there.card.versions.published().order_by("-number").first()
    if last is not None and not differences.between(document.read(last.form), card):
        raise ValidationError(_("It says what the last version says: there is nothing to publish."))
    there.state, there.note = State.PUBLISHED, note
    there.published_by, there.published_at = who, now
    there.save(update_fields=["state", "note", "published_by", "published_at"])
    _criteria(there.card, card)
    after = {**_own(there), "state": there.state, "note": note}
    before = {**_own(there), "state": State.DRAFT.value}
    audit.record(who, there, before=before, after=after, now=now)
    return there


@transaction.atomic
def close(card: Scorecard, who: User, now: datetime) -> bool:
    """Have nothing more reviewed by a card; False where it is closed already."""
    return _set_closed(card, now, who, now)


@transaction.atomic
def reopen(card: Scorecard, who: User, now: datetime) -> bool:
    """Have calls reviewed by it again; False where it is not closed."""
    return _set_closed(card, None, who, now)


@transaction.atomic
def remove(card: Scorecard, who: User, now: datetime) -> bool:
    """Forget a card that nothing was ever made by; False where something hangs on it."""
    there = _locked(card)
    before = values(there)
    try:
        with transaction.atomic():
            pk = there.pk
            there.delete()
    except ProtectedError:
        return False
    there.pk = pk
    audit.record(who, there, before=before, after=None, now=now)
    return True


def values(card: Scorecard) -> dict[str, Any]:
    """What the log keeps of a card."""
    return audit.values_of(card, ("id", "made_by", "made_at"))


def _own(version: CardVersion) -> dict[str, Any]:
    return {"card": version.card_id, "number": version.number, "revision": version.revision}


def _draft(card: Scorecard, number: int, form: Card, who: User, now: datetime) -> CardVersion:
    made: CardVersion = CardVersion.objects.create(
        card=card, number=number, form=document.write(form), made_by=who, made_at=now
    )
    audit.record(who, made, before=None, after=_own(made), now=now)
    return made


def _locked(card: Scorecard) -> Scorecard:
    """The card as it is now, which nobody else changes until the transaction ends. Raises
    ValidationError where it is gone."""
    there: Scorecard | None = Scorecard.objects.select_for_update().filter(pk=card.pk).first()
    if there is None:
        raise ValidationError(_("This scorecard is not there any more."))
    return there


def _seen(version: CardVersion, revision: int) -> CardVersion:
    """The draft as it is now, with its card, both locked. Raises Stale where it is another than
    was seen."""
    card = Scorecard.objects.select_for_update().filter(pk=version.card_id).first()
    there: CardVersion | None = (
        CardVersion.objects.select_for_update().filter(pk=version.pk, state=State.DRAFT).first()
    )
    if card is None or there is None:
        raise Stale(None)
    there.card = card
    if there.revision != revision:
        raise Stale(there)
    return there


def _criteria(row: Scorecard, card: Card) -> None:
    """A row for each criterion of a version, by its key; those of others stay as they are."""
    said = [
        CardCriterion(
            card=row,
            key=one.id,
            name=card.name(one.id),
            section=card.sections[section.id],
            kind=one.kind.value,
        )
        for section in card.form.sections
        for one in section.criteria
    ]
    CardCriterion.objects.bulk_create(
        said,
        update_conflicts=True,
        unique_fields=["card", "key"],
        update_fields=["name", "section", "kind"],
    )


def _set_closed(card: Scorecard, at: datetime | None, who: User, now: datetime) -> bool:
    there = _locked(card)
    if (there.closed_at is None) == (at is None):
        return False
    before = values(there)
    there.closed_at = at
    there.save(update_fields=["closed_at"])
    audit.record(who, there, before=before, after=values(there), now=now)
    return True
