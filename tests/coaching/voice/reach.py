"""Rows of the matrix of access of the voice of the customer."""

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone

from ccm.models import Job, SurveyResponse
from coaching.models import Complaint, VoiceTag
from coaching.voice import matters
from tests.coaching.voice.builders import a_comment, a_tag
from tests.qa.findings.builders import a_finding
from tests.reach import CALLS, ONLY_ADMIN_POST, Row, World, to


def _site(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}"


def _mark(world: World) -> str:
    """Of a comment on the world's agent."""
    one = SurveyResponse.objects.filter(site=world.site, agent=world.agent).first()
    one = one or a_comment(world.site, "It came late", timezone.now(), world.agent)
    return reverse("voice_mark", args=[one.pk])


def _a_tag(world: World) -> VoiceTag:
    found = VoiceTag.objects.standing().filter(site=world.site).first()
    return found or a_tag(world.site)


def _tag(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[_a_tag(world).pk])


def _item(world: World) -> str:
    there = Complaint.objects.filter(finding__site=world.site).first()
    today = timezone.now().date()
    one = there or Complaint.objects.create(
        finding=a_finding(world.site, kind="product"), tag=_a_tag(world), first=today, last=today,
        comments=1, many=2,
    )  # fmt: skip
    return reverse("voice_item", args=[one.pk])


def _job(world: World) -> str:
    asked = {"site": world.site.pk, "first": "2026-03-01", "last": "2026-03-02"}
    made = Job.objects.create(kind=matters.KIND, state="done", payload=asked)
    return reverse("voice_job", args=[made.pk])


#         nobody adm man pla sup qa  tra age
SEEN = (302, 200, 200, 404, 200, 200, 404, 404)
# Who reads all comments of the site.
KEPT = (302, 200, 200, 404, 404, 200, 404, 404)
KEPT_POST = (302, 302, 302, 404, 404, 302, 404, 404)
# No tag is said, so there is none.
NONE_SAID = (302, *(404,) * 7)

ROWS: dict[str, list[Row]] = {
    "voice": [Row(to("voice"), SEEN, of_a_site=False), Row(_site("voice"), SEEN)],
    "voice_csv": [Row(_site("voice_csv"), SEEN)],
    "voice_comments": [
        Row(to("voice_comments"), SEEN, of_a_site=False),
        Row(_site("voice_comments"), SEEN),
    ],
    "voice_comments_csv": [Row(_site("voice_comments_csv"), SEEN)],
    "voice_mark": [Row(_mark, NONE_SAID, "post", elsewhere=NONE_SAID)],
    "voice_tags": [
        Row(to("voice_tags"), SEEN, of_a_site=False),
        Row(_site("voice_tags"), SEEN),
        # An empty form: its errors, on the page.
        Row(_site("voice_tags"), KEPT, "post"),
    ],
    "voice_matters": [
        Row(to("voice_matters"), SEEN, of_a_site=False),
        Row(_site("voice_matters"), SEEN),
        Row(_site("voice_matters"), KEPT_POST, "post", elsewhere=ONLY_ADMIN_POST),
    ],
    "voice_job": [Row(_job, SEEN)],
    "voice_tags_csv": [Row(_site("voice_tags_csv"), SEEN)],
    "voice_tag": [
        Row(_tag("voice_tag"), KEPT),
        Row(_tag("voice_tag"), KEPT, "post"),
    ],
    "voice_tag_retire": [
        Row(_tag("voice_tag_retire"), KEPT_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "voice_item_new": [
        Row(_tag("voice_item_new"), KEPT),
        Row(_tag("voice_item_new"), KEPT, "post"),
    ],
    "voice_caller": [Row(to("voice_caller", "call.pk"), CALLS)],
    # Of a finding about nobody, as findings have it.
    "voice_item": [Row(_item, KEPT)],
}
PAGES: tuple[str, ...] = (
    "voice", "voice_comments", "voice_matters", "voice_tags", "voice_tag",
    "voice_item_new", "voice_item", "voice_caller",
)  # fmt: skip
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
