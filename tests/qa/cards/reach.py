"""Who reaches which pages of scorecards, and their numbers."""

from collections.abc import Callable

from django.urls import reverse

from qa.models import CardVersion, Scorecard
from tests.qa.builders import a_card, a_version
from tests.reach import Row, World, to

#          nobody adm man pla sup qa  tra age
READ = (302, 200, 200, 404, 200, 200, 200, 404)
KEPT = (302, 200, 404, 404, 404, 200, 404, 404)
KEPT_POST = (302, 302, 404, 404, 404, 302, 404, 404)
API_READ = (401, 200, 200, 404, 200, 200, 200, 404)
API_KEPT = (401, 200, 404, 404, 404, 200, 404, 404)
# Of what is posted here nothing is JSON.
API_POST = (401, 415, 404, 404, 404, 415, 404, 404)
NOBODYS = (302, *(404,) * 7)
# Of another site.
FAR_POST = (302, 302, *(404,) * 6)
FAR_API = (401, 200, *(404,) * 6)
FAR_API_POST = (401, 415, *(404,) * 6)


def with_draft(world: World) -> Scorecard:
    """The site's scorecard, with a version in use and a draft."""
    found = Scorecard.objects.filter(site=world.site, name="Support").first()
    card = found or a_card(world.site)
    if not card.versions.filter(state="draft").exists():
        a_version(card, published=False)
    return card


def published(world: World) -> Scorecard:
    """One that has no draft."""
    found = Scorecard.objects.filter(site=world.site, name="Sales").first()
    card = found or a_card(world.site, "Sales")
    CardVersion.objects.filter(card=card, state="draft").delete()
    return card


def of(
    name: str, *more: object, card: Callable[[World], Scorecard] = with_draft, query: str = ""
) -> Callable[[World], str]:
    """An address of a scorecard of the world's site."""

    def path(world: World) -> str:
        return reverse(name, args=[card(world).pk, *more]) + query

    return path


ROWS: dict[str, list[Row]] = {
    "scorecards": [
        Row(to("scorecards"), READ, of_a_site=False),
        Row(lambda w: reverse("scorecards") + f"?site={w.site.slug}", READ),
    ],
    "scorecards_csv": [Row(to("scorecards_csv"), READ, of_a_site=False)],
    "scorecard_new": [
        Row(to("scorecard_new"), KEPT, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("scorecard_new"), KEPT, "post", of_a_site=False),
    ],
    "scorecard": [Row(of("scorecard"), READ)],
    "scorecard_version": [
        Row(of("scorecard_version", 1), READ),
        # The draft is for who keeps it.
        Row(of("scorecard_version", 2), KEPT),
    ],
    "scorecard_try": [Row(of("scorecard_try", 1), READ, "post")],
    "scorecard_compare": [Row(of("scorecard_compare"), KEPT)],
    "scorecard_file": [
        Row(of("scorecard_file", 1, "yaml"), READ),
        Row(of("scorecard_file", 1, "csv"), NOBODYS, elsewhere=NOBODYS),
    ],
    "scorecard_name": [Row(of("scorecard_name"), KEPT), Row(of("scorecard_name"), KEPT, "post")],
    "scorecard_begin": [Row(of("scorecard_begin"), KEPT_POST, "post", elsewhere=FAR_POST)],
    "scorecard_close": [
        Row(of("scorecard_close", card=published), KEPT_POST, "post", elsewhere=FAR_POST)
    ],
    "scorecard_remove": [Row(of("scorecard_remove"), KEPT)],
    "scorecard_draft": [
        Row(of("scorecard_draft"), KEPT),
        # A change that there is none of.
        Row(of("scorecard_draft"), NOBODYS, "post", elsewhere=NOBODYS),
    ],
    "scorecard_criterion": [
        Row(of("scorecard_criterion", "greeting"), KEPT),
        # Nothing is typed: what is missing, on the page.
        Row(of("scorecard_criterion", "greeting"), KEPT, "post"),
    ],
    "scorecard_preview": [Row(of("scorecard_preview", "greeting"), KEPT, "post")],
    "scorecard_publish": [
        Row(of("scorecard_publish"), KEPT),
        Row(of("scorecard_publish"), KEPT, "post"),
    ],
    "scorecard_discard": [Row(of("scorecard_discard"), KEPT)],
    "scorecard_read": [Row(of("scorecard_read"), KEPT), Row(of("scorecard_read"), KEPT, "post")],
    "api_scorecards": [
        Row(to("api_scorecards"), API_READ, of_a_site=False),
        Row(to("api_scorecards"), API_POST, "post", of_a_site=False),
    ],
    # It is changed: nobody posts it.
    "api_scorecard": [Row(of("api_scorecard"), (405,) * 8, "post", elsewhere=(405,) * 8)],
    "api_scorecard_close": [
        Row(of("api_scorecard_close"), API_POST, "post", elsewhere=FAR_API_POST)
    ],
    "api_scorecard_version": [Row(of("api_scorecard_version", 1), API_READ, elsewhere=FAR_API)],
    "api_scorecard_draft": [Row(of("api_scorecard_draft"), API_KEPT, elsewhere=FAR_API)],
    "api_scorecard_publish": [
        Row(of("api_scorecard_publish"), API_POST, "post", elsewhere=FAR_API_POST)
    ],
}
PAGES = (
    "scorecards", "scorecard_new", "scorecard", "scorecard_version", "scorecard_compare",
    "scorecard_name", "scorecard_remove", "scorecard_draft", "scorecard_criterion",
    "scorecard_publish", "scorecard_discard", "scorecard_read",
)  # fmt: skip
OTHERS = (
    "scorecards_csv", "scorecard_try", "scorecard_file", "scorecard_begin", "scorecard_close",
    "scorecard_preview", "api_scorecards", "api_scorecard_version", "api_scorecard_draft",
    "api_scorecard_publish", "api_scorecard", "api_scorecard_close",
)  # fmt: skip
