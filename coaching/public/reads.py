"""Reads public pages: those that anybody reads, and those that somebody may make public."""

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet

from ccm.access import scope_of
from ccm.models import Site
from ccm.querysets import Viewer
from coaching.access import library_sites, writes_library
from coaching.library import finding
from coaching.library.matching import Words
from coaching.library.searched import leaves_out
from coaching.models import LibraryPage, LibraryVersion, PublicPage, PublicShelf
from coaching.models.library import CONFIG

_WORDS = Words("open_stems", "open_written", CONFIG)
MOST = 500
"""So many pages a shelf shows at once."""


def shelf(slug: str) -> PublicShelf | None:
    """The shelf of a site that is open to anybody; None: there is none. One query."""
    rows = PublicShelf.objects.select_related("site")
    return rows.filter(is_on=True, site__slug=slug).first()


def on_shelf(site: Site) -> QuerySet[LibraryVersion]:
    """What anybody reads of a site: the current versions of its public pages in use, and of those
    of all sites; by their titles."""
    flagged = PublicPage.objects.filter(page=OuterRef("page"))
    of_site = Q(page__site=site) | Q(page__site=None)
    rows: QuerySet[LibraryVersion] = (
        LibraryVersion.objects.current()
        .light()
        .filter(of_site, Exists(flagged), page__retired_at=None, page__is_published=True)
        .select_related("page")
        .order_by("title", "pk")
    )
    return rows


def found(site: Site, text: str) -> list[LibraryVersion]:
    """Those that are found by a text, the best first; by an empty one all of them. One query.

    They are found by what anybody reads: by the words of a why nobody learns what it says.
    """
    rows = on_shelf(site)
    if text:
        if not leaves_out(text):
            # By the index: who has a word in title or text has it in all of these.
            rows = rows.filter(finding.WORDS.says(text))
        rows = rows.annotate(open_stems=_open("found_by"), open_written=_open("written_by"))
        ranked = rows.filter(_WORDS.says(text)).annotate(rank=_WORDS.rank(text))
        rows = ranked.order_by("-rank", "pk")
    return [*rows.defer("plain", "found_by", "written_by", "body", "why")[:MOST]]


def _open(words: str) -> Func:
    """Of the words that a version is found by those of its title and its text, and not of its
    why."""
    return Func(
        F(words), template="ts_filter(%(expressions)s, '{a,c}')", output_field=SearchVectorField()
    )


def slugs(pages: list[int]) -> dict[int, str]:
    """How the addresses of public pages name them. One query."""
    return dict(PublicPage.objects.filter(page__in=pages).values_list("page", "slug"))


def one(site: Site, pk: int) -> tuple[LibraryVersion, str] | None:
    """A public page of a site and how its address names it; None: it is none. Two queries."""
    version: LibraryVersion | None = on_shelf(site).filter(page=pk).first()
    slug = slugs([pk]).get(pk)
    return None if version is None or slug is None else (version, slug)


def sites(user: Viewer) -> QuerySet[Site]:
    """Sites whose public pages the user sees to."""
    scope = scope_of(user)
    rows: QuerySet[Site] = Site.objects.order_by("name")
    return rows if scope.everything else rows.filter(pk__in=library_sites(scope))


def sees(user: Viewer) -> bool:
    return writes_library(scope_of(user))


def may_switch(user: Viewer, site: Site) -> bool:
    """Whether the user opens and closes the shelf of a site: who manages it does."""
    scope = scope_of(user)
    return scope.everything or site.pk in scope.managed_sites


def offered(user: Viewer, site: Site) -> list[tuple[LibraryVersion, bool, bool]]:
    """Pages in use of a site and of all sites, by their titles: whether each is public, and whether
    the user may say so. One query."""
    flagged = PublicPage.objects.filter(page=OuterRef("page"))
    written = LibraryPage.objects.written_by(user).filter(pk=OuterRef("page"))
    rows = (
        LibraryVersion.objects.current()
        .light()
        .defer("plain", "found_by", "written_by", "body", "why")
        .filter(Q(page__site=site) | Q(page__site=None), page__retired_at=None)
        .annotate(is_public=Exists(flagged), is_written=Exists(written))
        .select_related("page")
        .order_by("title", "pk")
    )
    return [(row, row.is_public, row.is_written) for row in rows[:MOST]]
