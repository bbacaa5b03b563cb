"""Writes findings; each change of one is in the audit log, and what became of it in its notes."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import day_of
from ccm.models import User
from qa.findings import reads
from qa.models import Finding, FindingNote

FIELDS = ("kind", "title", "words", "criterion", "agent", "queue", "owner", "due_on")
"""What a person says of a finding."""
UNSAID = ("id", "title", "words", "made_by", "made_at", "ended_at", "revision")
"""What the audit log keeps nothing of: what was written may name people."""
TWICE = timedelta(minutes=2)
"""The same from the same person within so long is one post that came twice."""


class Stale(ValidationError):
    """Somebody else has changed the finding meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )


@transaction.atomic
def make(finding: Finding, who: User, now: datetime) -> Finding:
    """Keep a new finding. A post that comes twice makes one.

    Raises ValidationError where its owner may not see what it is about, and where it is due on a
    day that is over.
    """
    User.objects.select_for_update(no_key=True).get(pk=who.pk)
    _check(finding)
    _check_due(finding, now)
    same = Finding.objects.filter(
        made_by=who, made_at__gt=now - TWICE, site=finding.site_id, title=finding.title,
        kind=finding.kind, agent=finding.agent_id, evaluation=finding.evaluation_id,
        criterion=finding.criterion_id, words=finding.words,
    ).first()  # fmt: skip
    if same is not None:
        return same
    finding.made_by, finding.made_at = who, now
    finding.save()
    audit.record(who, finding, before=None, after=values(finding), now=now)
    return finding


@transaction.atomic
def change(pk: int, said: dict[str, Any], revision: int, who: User, now: datetime) -> Finding:
    """Have a finding say something else, as far as it is `FIELDS`.

    Raises Stale where it is not of that revision any more, ValidationError as `make`.
    """
    finding = _locked(pk, revision)
    before = values(finding)
    was = {name: getattr(finding, name) for name in FIELDS}
    for name in FIELDS:
        setattr(finding, name, said[name])
    if was == {name: getattr(finding, name) for name in FIELDS}:
        return finding
    _check(finding)
    # One that is overdue is written on.
    if finding.due_on != was["due_on"]:
        _check_due(finding, now)
    finding.revision += 1
    finding.save()
    audit.record(who, finding, before=before, after=values(finding), now=now)
    return finding


@transaction.atomic
def note(
    pk: int, words: str, who: User, now: datetime, *, state: str = "", revision: int = -1
) -> FindingNote:
    """Say something of a finding, and have it be as far as `state` says, where it says something.
    A post that comes twice adds one note.

    Raises Stale where the state is to change and it is not of that revision any more, and
    ValidationError where nothing is said.
    """
    finding = Finding.objects.select_for_update(of=("self",)).get(pk=pk)
    moves = bool(state) and state != finding.state
    same = finding.notes.filter(by=who, at__gt=now - TWICE, words=words, state__in=("", state))
    if not moves and (there := same.order_by("-at", "-pk").first()) is not None:
        return there
    if not words and not moves:
        raise ValidationError(_("Say something, or choose another state."))
    if moves:
        if finding.revision != revision:
            raise Stale
        before = values(finding)
        finding.state = state
        finding.ended_at = None if state in reads.STANDING else now
        finding.revision += 1
        finding.save()
        audit.record(who, finding, before=before, after=values(finding), now=now)
    made: FindingNote = FindingNote.objects.create(
        finding=finding, by=who, at=now, words=words, state=state if moves else ""
    )
    return made


def values(finding: Finding) -> dict[str, Any]:
    return audit.values_of(finding, UNSAID)


def _locked(pk: int, revision: int) -> Finding:
    finding: Finding = (
        Finding.objects.select_for_update(of=("self",)).select_related("site").get(pk=pk)
    )
    if finding.revision != revision:
        raise Stale
    return finding


def _check(finding: Finding) -> None:
    owner = finding.owner
    if owner is not None and not reads.may_own(owner, finding.site, finding.agent, finding.kind):
        raise ValidationError({"owner": _("They may not see what this is about.")})


def _check_due(finding: Finding, now: datetime) -> None:
    today = day_of(now, finding.site.calendar)
    if finding.due_on is not None and finding.due_on < today:
        raise ValidationError({"due_on": _("It is due today or later.")})
