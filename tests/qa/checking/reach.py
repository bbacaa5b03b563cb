"""Who reaches the pages of checks, transcripts and topics, and their numbers."""

from collections.abc import Callable

from django.urls import reverse

from ccm.models import Job, User
from qa.checking import subjects
from qa.models import CallTranscript, CheckRule, LearnedScorer
from tests.builders import NINE, a_user
from tests.qa.checking.builders import POLITE, a_check, criterion, told
from tests.reach import Row, World, to

#            nobody adm man pla sup qa  tra age
SEEN = (302, 200, 200, 404, 404, 200, 404, 404)
KEPT = (302, 200, 404, 404, 404, 200, 404, 404)
KEPT_POST = (302, 302, 404, 404, 404, 302, 404, 404)
SEEN_POST = (302, 302, 302, 404, 404, 302, 404, 404)
API_SEEN_POST = (401, 415, 415, 404, 404, 415, 404, 404)
# Of another site.
FAR_POST = (302, 302, *(404,) * 6)
# Whoever may open the call.
OF_A_CALL = (302, 200, 200, 404, 200, 200, 404, 200)
API_SEEN = (401, 200, 200, 404, 404, 200, 404, 404)
FAR_API = (401, 200, *(404,) * 6)
FAR_API_POST = (401, 415, *(404,) * 6)
API_POST = (401, 415, 404, 404, 404, 415, 404, 404)

MODEL = {
    "version": 1, "criterion": "1", "by": "anybody", "answers": ["no", "yes"],
    "intercepts": [0.1, -0.1], "temperature": 1.0, "terms": {"sorry": [1.0, -0.5, 0.5]},
    "held_out": [[1, 1, 3], [0, 0, 9]], "left_out": [],
}  # fmt: skip


def _admin(world: World) -> User:
    return world.people.get("admin") or a_user("admin")


def transcript(name: str) -> Callable[[World], str]:
    def path(world: World) -> str:
        row = CallTranscript.objects.filter(call=world.call.pk).first()
        row = row or told(world.call, *POLITE, who=_admin(world))
        return reverse(name, args=[row.pk])

    return path


def check(name: str) -> Callable[[World], str]:
    def path(world: World) -> str:
        row = CheckRule.objects.filter(site=world.site).first()
        row = row or a_check(world.site, who=_admin(world))
        return reverse(name, args=[row.pk])

    return path


def scorer(name: str) -> Callable[[World], str]:
    def path(world: World) -> str:
        row, _made = LearnedScorer.objects.get_or_create(
            site=world.site, criterion=criterion(world.site),
            defaults={"model": MODEL, "trained_on": 12, "trained_at": NINE},
        )  # fmt: skip
        return reverse(name, args=[row.pk])

    return path


def job(world: World) -> str:
    kept = {"site": world.site.pk, "first": "2026-01-01", "last": "2026-01-02"}
    row, _made = Job.objects.get_or_create(kind=subjects.KIND, payload=kept)
    return reverse("check_job", args=[row.pk])


def of_site(name: str, more: str = "") -> Callable[[World], str]:
    return lambda world: reverse(name) + f"?site={world.site.slug}{more}"


def suggested(world: World) -> str:
    return reverse("api_suggestions") + f"?site={world.site.slug}&first=2026-01-01&last=2026-01-31"


# What is asked of another site falls back to one's own.
ROWS: dict[str, list[Row]] = {
    "checks": [Row(to("checks"), SEEN, of_a_site=False), Row(of_site("checks"), SEEN)],
    "checks_csv": [Row(of_site("checks_csv"), SEEN)],
    "check_new": [
        Row(to("check_new"), KEPT, of_a_site=False),
        # Of no criterion: the choice of one.
        Row(to("check_new"), KEPT, "post", of_a_site=False),
    ],
    "check_topics": [
        Row(to("check_topics"), SEEN, of_a_site=False),
        Row(to("check_topics"), SEEN_POST, "post", of_a_site=False),
    ],
    # It says no site.
    "check_learn": [Row(to("check_learn"), (302, *(404,) * 7), "post", of_a_site=False)],
    "check_job": [Row(job, SEEN)],
    "check": [Row(check("check"), SEEN)],
    "check_csv": [Row(check("check_csv"), SEEN)],
    "check_edit": [Row(check("check_edit"), KEPT), Row(check("check_edit"), KEPT, "post")],
    "check_use": [Row(check("check_use"), KEPT_POST, "post", elsewhere=FAR_POST)],
    "check_prefill": [Row(check("check_prefill"), KEPT_POST, "post", elsewhere=FAR_POST)],
    "check_remove": [Row(check("check_remove"), KEPT)],
    "learned_check": [Row(scorer("learned_check"), SEEN)],
    "learned_prefill": [Row(scorer("learned_prefill"), KEPT_POST, "post", elsewhere=FAR_POST)],
    "learned_remove": [Row(scorer("learned_remove"), KEPT)],
    "transcripts": [
        Row(to("transcripts"), SEEN, of_a_site=False),
        # No files: what is missing, on the page.
        Row(to("transcripts"), KEPT, "post", of_a_site=False),
    ],
    "transcripts_csv": [Row(to("transcripts_csv"), SEEN, of_a_site=False)],
    "transcript": [Row(transcript("transcript"), OF_A_CALL)],
    "transcript_remove": [Row(transcript("transcript_remove"), KEPT)],
    "api_checks": [
        Row(of_site("api_checks"), API_SEEN, elsewhere=FAR_API),
        Row(to("api_checks"), API_POST, "post", of_a_site=False),
    ],
    "api_check": [Row(check("api_check"), API_SEEN, elsewhere=FAR_API)],
    "api_check_learn": [Row(to("api_check_learn"), API_POST, "post", of_a_site=False)],
    **{
        name: [Row(of(name), API_POST, "post", elsewhere=FAR_API_POST)]
        for name, of in (
            ("api_check_use", check),
            ("api_check_prefill", check),
            ("api_learned_prefill", scorer),
        )
    },
    # It is deleted: nobody posts it.
    "api_learned": [Row(scorer("api_learned"), (405,) * 8, "post", elsewhere=(405,) * 8)],
    "api_suggestions": [Row(suggested, API_SEEN, elsewhere=FAR_API)],
    "api_topics": [
        Row(
            of_site("api_topics", "&first=2026-01-01&last=2026-01-31"), API_SEEN, elsewhere=FAR_API
        ),
        Row(to("api_topics"), API_SEEN_POST, "post", of_a_site=False),
    ],
    # It is deleted: nobody posts it.
    "api_transcript": [Row(transcript("api_transcript"), (405,) * 8, "post", elsewhere=(405,) * 8)],
    "api_transcripts": [Row(to("api_transcripts"), API_POST, "post", of_a_site=False)],
}
PAGES = (
    "checks", "check_new", "check_topics", "check", "check_edit", "check_remove", "learned_check",
    "learned_remove", "transcripts", "transcript", "transcript_remove",
)  # fmt: skip
OTHERS = (
    "checks_csv", "transcripts_csv", "check_learn", "check_job", "check_csv", "check_use",
    "check_prefill", "learned_prefill", "api_checks", "api_suggestions", "api_transcripts",
    "api_check", "api_check_learn", "api_check_use", "api_check_prefill", "api_learned_prefill",
    "api_learned", "api_topics", "api_transcript",
)  # fmt: skip
