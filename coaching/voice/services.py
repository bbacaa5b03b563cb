"""Writes tags of comments, who gave and took them, and the items that are made of what returns.

The audit log has tags and items; whoever marked a comment stands beside its mark.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Queue, SurveyResponse, User
from coaching.models import Complaint, VoiceMark, VoiceTag
from coaching.voice.changes import Share
from qa.findings import services as findings
from qa.models import Finding

UNSAID = ("id", "made_by", "made_at", "revision")
MOST_TAGS = 60
"""So many stand at a site: each comment is held against all of them."""


class Stale(ValidationError):
    """Somebody else has changed the tag meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has changed it meanwhile: what it says by now is shown."))


@dataclass(frozen=True, slots=True)
class Noticed:
    """Where and when it was noticed that something returns, and in how many of the comments."""

    tag: VoiceTag
    queue: Queue | None
    first: date
    last: date
    share: Share


@transaction.atomic
def make_tag(tag: VoiceTag, who: User, now: datetime) -> VoiceTag:
    """Keep a new tag. One of the same name that stands at its site is the one: a post that comes
    twice makes one. Raises ValidationError where there are `MOST_TAGS` already."""
    # Those who make tags of a site are one after the other.
    tag.site.__class__.objects.select_for_update(no_key=True).get(pk=tag.site_id)
    standing = VoiceTag.objects.standing().filter(site=tag.site_id)
    same: VoiceTag | None = standing.filter(name__iexact=tag.name).first()
    if same is not None:
        if same.words == tag.words:
            return same
        raise ValidationError({"name": _("There is another tag of this name already.")})
    if standing.count() >= MOST_TAGS:
        raise ValidationError(_("There are %(n)s tags: retire one first.") % {"n": MOST_TAGS})
    tag.made_by, tag.made_at = who, now
    tag.save()
    audit.record(who, tag, before=None, after=values(tag), now=now)
    return tag


@transaction.atomic
def change_tag(pk: int, name: str, words: str, revision: int, who: User, now: datetime) -> VoiceTag:
    """Have a tag be called otherwise, or find by other words. Raises Stale where it is not of that
    revision any more, and ValidationError where another has the name."""
    tag: VoiceTag = VoiceTag.objects.select_for_update().get(pk=pk)
    if (tag.name, tag.words) == (name, words):
        return tag
    if tag.revision != revision or tag.retired_at is not None:
        raise Stale
    others = VoiceTag.objects.standing().filter(site=tag.site_id, name__iexact=name)
    if others.exclude(pk=pk).exists():
        raise ValidationError({"name": _("There is another tag of this name already.")})
    before = values(tag)
    tag.name, tag.words, tag.revision = name, words, tag.revision + 1
    tag.save()
    audit.record(who, tag, before=before, after=values(tag), now=now)
    return tag


@transaction.atomic
def retire_tag(pk: int, who: User, now: datetime) -> None:
    """Have a tag be offered no more; items made of it go on. Retired twice, it is once."""
    tag: VoiceTag = VoiceTag.objects.select_for_update().get(pk=pk)
    if tag.retired_at is not None:
        return
    before = values(tag)
    tag.retired_at = now
    tag.revision += 1
    tag.save()
    audit.record(who, tag, before=before, after=values(tag), now=now)


@transaction.atomic
def mark(tag: VoiceTag, survey: UUID, who: User, now: datetime, *, is_on: bool) -> None:
    """Give a comment a tag, or take it from it; said twice, it is so once.

    Raises ValidationError for a tag of another site, or one that does not stand.
    """
    there = SurveyResponse.objects.filter(pk=survey, site=tag.site_id).exists()
    if not there or tag.retired_at is not None:
        raise ValidationError(_("This tag is not one for this comment."))
    VoiceMark.objects.update_or_create(
        tag=tag, survey_id=survey, defaults={"is_on": is_on, "by": who, "at": now}
    )


@transaction.atomic
def make_item(finding: Finding, noticed: Noticed, who: User, now: datetime) -> Complaint:
    """Have somebody see to what returns: a finding (`qa.findings`), and beside it the comments that
    it was noticed by. A post that comes twice makes one.

    Raises ValidationError where no comment has the tag, and as `findings.make`.
    """
    if not noticed.share.having:
        raise ValidationError(_("No comment of these days has this tag."))
    made = findings.make(finding, who, now)
    complaint, is_new = Complaint.objects.get_or_create(
        finding=made,
        defaults={
            "tag": noticed.tag, "queue": noticed.queue, "first": noticed.first,
            "last": noticed.last, "comments": noticed.share.having, "many": noticed.share.many,
        },
    )  # fmt: skip
    if is_new:
        audit.record(
            who, complaint, before=None, after=audit.values_of(complaint, ("id",)), now=now
        )
    return complaint


def values(tag: VoiceTag) -> dict[str, Any]:
    return audit.values_of(tag, UNSAID)
