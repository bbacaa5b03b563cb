"""Rows of the matrix of access of findings."""

from django.urls import reverse

from qa.models import Finding
from tests.builders import a_user
from tests.qa.findings.builders import a_finding
from tests.reach import Row, World, to


def _of(name: str):
    """An address of a finding about the world's agent."""

    def path(world: World) -> str:
        one = Finding.objects.filter(site=world.site, agent=world.agent).first()
        one = one or a_finding(world.site, agent=world.agent)
        return reverse(name, args=[one.pk])

    return path


def _trainers(name: str):
    """An address of a finding that is the trainer's to see to."""

    def path(world: World) -> str:
        owner = world.people.get("trainer") or a_user("trainer", world.site)
        one = Finding.objects.filter(owner=owner).first() or a_finding(world.site, owner=owner)
        return reverse(name, args=[one.pk])

    return path


def _site(name: str):
    def path(world: World) -> str:
        return reverse(name) + f"?site={world.site.slug}"

    return path


#           nobody adm man pla sup qa  tra age
SEEN = (302, 200, 200, 404, 200, 200, 404, 404)
# Trainers have the list, of those that are theirs.
LISTED = (302, 200, 200, 404, 200, 200, 200, 404)
# One that is about nobody, and a trainer's to see to.
TRAINERS = (302, 200, 200, 404, 404, 200, 200, 404)
LISTED_API = (401, 200, 200, 404, 200, 200, 200, 404)
SEEN_API = (401, 200, 200, 404, 200, 200, 404, 404)
FAR_API = (401, 200, *(404,) * 6)
# A form is no JSON.
POST_API = (401, 415, 415, 404, 415, 415, 404, 404)
LISTED_POST_API = (401, 415, 415, 404, 415, 415, 415, 404)
FAR_POST_API = (401, 415, *(404,) * 6)

ROWS: dict[str, list[Row]] = {
    "findings": [
        Row(to("findings"), LISTED, of_a_site=False),
        Row(_site("findings"), SEEN),
    ],
    "findings_csv": [
        Row(to("findings_csv"), LISTED, of_a_site=False),
        Row(_site("findings_csv"), SEEN),
    ],
    "finding_new": [Row(_site("finding_new"), SEEN)],
    "finding": [Row(_of("finding"), SEEN), Row(_trainers("finding"), TRAINERS)],
    "finding_edit": [Row(_of("finding_edit"), SEEN), Row(_trainers("finding_edit"), TRAINERS)],
    # Nothing is said in it: the page says so.
    "finding_note": [
        Row(_of("finding_note"), SEEN, "post"),
        Row(_trainers("finding_note"), TRAINERS, "post"),
    ],
    "api_findings": [
        Row(to("api_findings"), LISTED_API, of_a_site=False),
        Row(_site("api_findings"), SEEN_API, elsewhere=FAR_API),
        Row(to("api_findings"), LISTED_POST_API, "post", of_a_site=False),
    ],
    "api_finding": [Row(_of("api_finding"), SEEN_API, elsewhere=FAR_API)],
    "api_finding_notes": [Row(_of("api_finding_notes"), POST_API, "post", elsewhere=FAR_POST_API)],
}
PAGES: tuple[str, ...] = ("findings", "finding_new", "finding", "finding_edit")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
