"""Rows of the matrix of access of the library."""

from django.urls import reverse

from coaching.models import LibraryPage
from tests.coaching.library.builders import a_page, a_version
from tests.reach import ALL_IN, NOT_THEIRS, ONLY_ADMIN_POST, Row, World, to


def _of(name: str, *more: object):
    """An address of a published page of the world's site, with a draft of its next version."""

    def path(world: World) -> str:
        one = LibraryPage.objects.filter(site=world.site, is_published=True).first()
        if one is None:
            one = a_page(world.site, must_from=1, roles=("agent", "trainer"))
            a_version(one, 2, published=False)
        return reverse(name, args=[one.pk, *more])

    return path


def _draft(name: str):
    """An address of a page that was never published."""

    def path(world: World) -> str:
        one = LibraryPage.objects.filter(site=world.site, is_published=False).first()
        return reverse(name, args=[(one or a_page(world.site, published=False)).pk])

    return path


def _everywhere(name: str):
    """An address of a page of all sites."""

    def path(_world: World) -> str:
        one = LibraryPage.objects.filter(site=None).first() or a_page()
        return reverse(name, args=[one.pk])

    return path


def _site(name: str, more: str = ""):
    def path(world: World) -> str:
        return reverse(name) + f"?site={world.site.slug}{more}"

    return path


#              nobody adm man pla sup qa  tra age
WRITERS = (302, 200, 200, 404, 404, 404, 200, 404)
WRITERS_POST = (302, 302, 302, 404, 404, 404, 302, 404)
TOLD = (302, 200, 200, 404, 200, 404, 200, 404)
# A form that says nothing is shown again.
AGAIN = (302, 200, 200, 404, 404, 404, 200, 404)

ROWS: dict[str, list[Row]] = {
    "library": [
        Row(to("library"), ALL_IN, of_a_site=False),
        Row(_site("library"), ALL_IN),
        Row(_site("library", "&q=refund"), ALL_IN),
    ],
    "library_csv": [
        Row(to("library_csv"), WRITERS, of_a_site=False),
        Row(_site("library_csv"), WRITERS),
    ],
    "library_new": [
        Row(to("library_new"), WRITERS, of_a_site=False),
        Row(to("library_new"), AGAIN, "post", of_a_site=False),
    ],
    "library_page": [
        Row(_everywhere("library_page"), ALL_IN, of_a_site=False),
        Row(_draft("library_page"), WRITERS_POST, elsewhere=ONLY_ADMIN_POST),
        Row(_of("library_page"), ALL_IN),
    ],
    "library_version": [Row(_of("library_version", 1), ALL_IN)],
    "library_compare": [Row(_of("library_compare"), ALL_IN)],
    "library_readers": [Row(_of("library_readers"), TOLD)],
    "library_readers_csv": [Row(_of("library_readers_csv"), TOLD)],
    # Without the number of a version there is nothing to have read.
    "library_read": [Row(_of("library_read"), NOT_THEIRS, "post", elsewhere=NOT_THEIRS)],
    "library_answer": [Row(_of("library_answer"), NOT_THEIRS, "post", elsewhere=NOT_THEIRS)],
    "library_settings": [
        Row(_everywhere("library_settings"), (302, 200, *(404,) * 6), of_a_site=False),
        Row(_of("library_settings"), WRITERS),
        Row(_of("library_settings"), AGAIN, "post"),
    ],
    "library_draft": [Row(_of("library_draft"), WRITERS), Row(_of("library_draft"), AGAIN, "post")],
    "library_publish": [
        Row(_of("library_publish"), WRITERS),
        Row(_of("library_publish"), AGAIN, "post"),
    ],
    "library_begin": [
        Row(_of("library_begin"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    # The draft that was seen is not said: nothing is discarded.
    "library_discard": [
        Row(_of("library_discard"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    # Never published: there is nothing to withdraw.
    "library_withdraw": [
        Row(_draft("library_withdraw"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
}  # fmt: skip
PAGES: tuple[str, ...] = (
    "library", "library_new", "library_page", "library_version", "library_compare",
    "library_readers", "library_settings", "library_draft", "library_publish",
)  # fmt: skip
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
