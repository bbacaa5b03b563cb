"""Opens and closes the shelf of a site, and puts pages on it; the audit log has who did."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Site, User
from coaching.models import LibraryPage, LibraryVersion, PublicPage, PublicShelf

UNSAID = ("id", "changed_by", "changed_at")


@transaction.atomic
def switch(site: Site, who: User, now: datetime, *, is_on: bool, is_indexed: bool) -> PublicShelf:
    """Open or close the shelf of a site; said twice, it is so once. Closed it is not listed."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    there = PublicShelf.objects.filter(site=site).first()
    before = None if there is None else values(there)
    shelf = there or PublicShelf(site=site)
    shelf.is_on, shelf.is_indexed = is_on, is_on and is_indexed
    if before == values(shelf):
        return shelf
    shelf.changed_by, shelf.changed_at = who, now
    shelf.save()
    audit.record(who, shelf, before=before, after=values(shelf), now=now)
    return shelf


@transaction.atomic
def flag(page: LibraryPage, who: User, now: datetime, *, is_public: bool) -> None:
    """Have a page be for anybody, or for those who sign in alone; said twice, it is so once.

    Raises ValidationError for a page that is not in use.
    """
    page = LibraryPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
    there = PublicPage.objects.filter(page=page).first()
    if not is_public:
        if there is not None:
            audit.record(who, there, before=_values(there), after=None, now=now)
            there.delete()
        return
    if there is not None:
        return
    version = LibraryVersion.objects.current().filter(page=page).first()
    if version is None or page.retired_at is not None:
        raise ValidationError(_("It is not in use: nobody could read it."))
    slug = slugify(version.title)[:80].strip("-") or "page"
    made = PublicPage.objects.create(page=page, slug=slug, by=who, at=now)
    audit.record(who, made, before=None, after=_values(made), now=now)


def values(shelf: PublicShelf) -> dict[str, Any]:
    return audit.values_of(shelf, UNSAID)


def _values(one: PublicPage) -> dict[str, Any]:
    return audit.values_of(one, ("id", "by", "at"))
