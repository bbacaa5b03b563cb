"""Writes the library: pages, drafts, versions; who has read one and whether it helped. Each change
of a page is in the audit log, with its versions for what they said."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Site, User
from coaching.library import text
from coaching.models import LibraryPage, LibraryVersion, PageAnswer, PageReceipt

SAID = ("title", "why", "body")
"""What a version says."""
SETTINGS = ("kind", "owner", "review_on")
"""What a page is, beside whom it is for."""
ANEW, AS_BEFORE, NOBODY = "anew", "as_before", "nobody"
"""Who has to read a version: all whom the page is for, those who had not read what had to be read
before, or nobody."""
Seen = tuple[int, int]
"""The draft that somebody has seen: its id and revision."""
REVIEWED_AFTER = timedelta(days=365)
TWICE = timedelta(minutes=2)
"""The same from the same person within so long is one post that came twice."""
_UNSAID = ("id", "made_by", "made_at", "revision")
_UNSAID_OF_VERSIONS = (
    *_UNSAID, "why", "body", "plain", "found_by", "written_by", "published_by", "published_at",
    "is_current",
)  # fmt: skip


class Stale(ValidationError):
    """Somebody else has changed it meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )


class Replaced(ValidationError):
    """It is not the version that is in use any more."""

    def __init__(self) -> None:
        super().__init__(_("A newer version is out: this is it. Read that."))


@transaction.atomic
def make(
    site: Site | None, kind: str, said: Mapping[str, str], who: User, now: datetime
) -> LibraryPage:
    """A new page with its first draft, owned by whoever makes it, to be looked at in a year. A post
    that comes twice makes one."""
    User.objects.select_for_update(no_key=True).get(pk=who.pk)
    same = LibraryVersion.objects.filter(
        made_by=who, made_at__gt=now - TWICE, number=1, page__site=site, page__kind=kind,
        title=said["title"], body=said["body"],
    ).select_related("page").first()  # fmt: skip
    if same is not None:
        made: LibraryPage = same.page
        return made
    page = LibraryPage.objects.create(
        site=site, kind=kind, owner=who, review_on=(now + REVIEWED_AFTER).date(), made_by=who,
        made_at=now,
    )  # fmt: skip
    version = LibraryVersion(page=page, number=1, made_by=who, made_at=now)
    _say(version, said)
    version.save()
    audit.record(who, page, before=None, after=values(page), now=now)
    return page


@transaction.atomic
def set_up(
    pk: int, said: Mapping[str, Any], revision: int, who: User, now: datetime
) -> LibraryPage:
    """Have a page be of another kind, owner or day of review (`SETTINGS`), and for other `roles`
    (groups) and `teams`. Raises Stale."""
    page = _locked(pk)
    if page.revision != revision:
        raise Stale
    before = values(page)
    for name in SETTINGS:
        setattr(page, name, said[name])
    page.roles.set(said["roles"])
    page.teams.set(said["teams"])
    after = values(page)
    if before == after:
        return page
    page.revision += 1
    page.save()
    audit.record(who, page, before=before, after=after, now=now)
    return page


@transaction.atomic
def begin(pk: int, who: User, now: datetime) -> LibraryVersion:
    """The draft of a page: one that is there already, or a new one that says what the last version
    says."""
    page = _locked(pk)
    last: LibraryVersion = page.versions.order_by("-number")[0]
    if last.is_draft:
        return last
    return LibraryVersion.objects.create(
        page=page, number=last.number + 1, title=last.title, why=last.why, body=last.body,
        plain=last.plain, made_by=who, made_at=now,
    )  # fmt: skip


@transaction.atomic
def write(pk: int, said: Mapping[str, str], seen: Seen) -> LibraryVersion:
    """Have the draft of a page say this (`SAID`). Raises Stale where somebody else has written,
    published or discarded it meanwhile."""
    draft = _draft(_locked(pk), seen)
    if all(getattr(draft, name) == said[name] for name in SAID):
        return draft
    _say(draft, said)
    draft.revision += 1
    draft.save()
    return draft


@transaction.atomic
def discard(pk: int, seen: Seen, who: User, now: datetime) -> bool:
    """Have nothing come of a draft; of a page that was never published nothing is left, and then
    this is False. Raises Stale."""
    page = _locked(pk)
    draft = _draft(page, seen)
    if page.is_published:
        draft.delete()
        return True
    audit.record(who, page, before=values(page), after=None, now=now)
    page.delete()
    return False


@transaction.atomic
def publish(
    pk: int, note: str, must_read: str, seen: Seen, who: User, now: datetime
) -> LibraryVersion:
    """Freeze the draft of a page, which is in use from now on; `must_read` is ANEW, AS_BEFORE or
    NOBODY. A post that comes twice publishes once.

    Raises Stale; ValidationError where it lacks something (`faults`), says what the last version
    says, or nobody said what changed.
    """
    page = _locked(pk)
    last: LibraryVersion | None = page.versions.filter(is_current=True).first()
    draft: LibraryVersion | None = page.versions.filter(published_at=None).first()
    if (
        draft is None
        and last is not None
        and (last.published_by_id, last.note) == (who.pk, note)
        and last.published_at is not None
        and last.published_at > now - TWICE
    ):
        return last
    draft = _draft(page, seen)
    if found := faults(draft):
        raise ValidationError(found)
    if last is not None and all(getattr(last, name) == getattr(draft, name) for name in SAID):
        raise ValidationError(_("It says what the last version says: there is nothing to publish."))
    if last is not None and not note:
        raise ValidationError(
            {"note": _("Say what changed: whoever has to read it wants to know.")}
        )
    if last is not None:
        last.is_current = False
        last.save(update_fields=["is_current"])
    draft.note, draft.published_by, draft.published_at = note, who, now
    draft.is_current = True
    if must_read == ANEW:
        draft.must_from = draft.number
    else:
        draft.must_from = last.must_from if last is not None and must_read == AS_BEFORE else None
    draft.save()
    if not page.is_published:
        page.is_published = True
        page.save(update_fields=["is_published"])
    after = audit.values_of(draft, _UNSAID_OF_VERSIONS)
    audit.record(who, draft, before=None, after=after, now=now)
    return draft


def faults(version: LibraryVersion) -> list[str]:
    """Why a draft cannot be published, in words."""
    found = []
    if not version.why.strip():
        found.append(_("Say why it is done so: the why is what people remember it by."))
    if not version.body.strip():
        found.append(_("It says nothing yet."))
    for step in text.outline(version.body).dead:
        words = _("“%(words)s” leads to the heading #%(anchor)s, and there is none.")
        found.append(words % {"words": step.words, "anchor": step.anchor})
    return found


@transaction.atomic
def withdraw(pk: int, who: User, now: datetime, *, is_back: bool = False) -> bool:
    """Take a page out of use, or have it back; False where it is so already, or was never in use.
    Its versions stay."""
    page = _locked(pk)
    if not page.is_published or (page.retired_at is None) == is_back:
        return False
    before = values(page)
    page.retired_at = None if is_back else now
    page.revision += 1
    page.save(update_fields=["retired_at", "revision"])
    audit.record(who, page, before=before, after=values(page), now=now)
    return True


@transaction.atomic
def confirm(version: LibraryVersion, who: User, now: datetime) -> PageReceipt:
    """Note that somebody has read a version; once said, the time stays. Raises Replaced where
    another is in use by now."""
    there = LibraryVersion.objects.select_for_update(no_key=True).only("is_current").get(
        pk=version.pk
    )  # fmt: skip
    if not there.is_current:
        raise Replaced
    made: PageReceipt = PageReceipt.objects.get_or_create(
        version=version, user=who, defaults={"read_at": now}
    )[0]
    return made


@transaction.atomic
def answer(
    version: LibraryVersion, who: User, now: datetime, *, helped: bool, words: str = ""
) -> PageAnswer:
    """Note whether a version helped somebody, instead of what they said before of it."""
    said = {"helped": helped, "words": words, "said_at": now}
    made: PageAnswer = PageAnswer.objects.update_or_create(
        version=version, user=who, defaults=said
    )[0]
    return made


def values(page: LibraryPage) -> dict[str, Any]:
    """What the audit log keeps of a page: whom it is for, too."""
    return audit.values_of(page, (*_UNSAID, "is_published")) | {
        "must_read_roles": sorted(page.roles.values_list("name", flat=True)),
        "teams": sorted(page.teams.values_list("pk", flat=True)),
    }


def _say(version: LibraryVersion, said: Mapping[str, str]) -> None:
    for name in SAID:
        setattr(version, name, said[name])
    version.plain = text.plain(version.body)


def _locked(pk: int) -> LibraryPage:
    page: LibraryPage = LibraryPage.objects.select_for_update(of=("self",)).get(pk=pk)
    return page


def _draft(page: LibraryPage, seen: Seen) -> LibraryVersion:
    draft: LibraryVersion | None = page.versions.filter(published_at=None).first()
    if draft is None or (draft.pk, draft.revision) != seen:
        raise Stale
    return draft
