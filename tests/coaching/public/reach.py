"""Rows of the matrix of access of public pages."""

from django.urls import reverse
from django.utils import timezone

from coaching.models import LibraryVersion, PublicPage, PublicShelf
from tests.coaching.library.builders import a_page
from tests.reach import EVERYBODY, INTAKE_POST, ONLY_ADMIN_POST, Row, World, to


def _open(world: World) -> None:
    PublicShelf.objects.get_or_create(
        site=world.site, defaults={"is_on": True, "changed_at": timezone.now()}
    )


def _shelf(world: World) -> str:
    _open(world)
    return reverse("public_shelf", args=[world.site.slug])


def _page(world: World) -> str:
    _open(world)
    there = PublicPage.objects.filter(page__site=world.site).first()
    one = there or PublicPage.objects.create(
        page=a_page(world.site), slug="page", at=timezone.now()
    )
    return reverse("public_page", args=[world.site.slug, one.page_id, one.slug])


def _flag(world: World) -> str:
    there = LibraryVersion.objects.current().filter(page__site=world.site).first()
    page = there.page if there is not None else a_page(world.site)
    return reverse("public_flag", args=[page.pk])


#            nobody adm man pla sup qa  tra age
WRITERS = (302, 200, 200, 404, 404, 404, 200, 404)
WRITERS_POST = (302, 302, 302, 404, 404, 404, 302, 404)

ROWS: dict[str, list[Row]] = {
    "public_shelf": [Row(_shelf, EVERYBODY, elsewhere=EVERYBODY)],
    "public_page": [Row(_page, EVERYBODY, elsewhere=EVERYBODY)],
    "public_pages": [
        Row(to("public_pages"), WRITERS, of_a_site=False),
        Row(lambda world: f"{reverse('public_pages')}?site={world.site.slug}", WRITERS),
    ],
    "public_switch": [
        Row(to("public_switch", "site.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "public_flag": [Row(_flag, WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)],
}
PAGES: tuple[str, ...] = ("public_pages",)
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
