"""Who reaches the screen of a review and what leads to it."""

from collections.abc import Callable

from django.urls import reverse

from ccm.models import Call, User
from qa.models import CardVersion, Evaluation, QualityRules
from qa.reviews import making
from tests.builders import NINE, a_call, a_user
from tests.qa.builders import a_version_of
from tests.qa.reviews.builders import a_recording
from tests.reach import Row, World, to

# Other parts of the matrix have reviews of their own, in whatever state.
_OF_MATRIX = "of the matrix"


def of_review(name: str, *, state: str = "draft") -> Callable[[World], str]:
    """An address of a review that the site's QA analyst does."""

    def path(world: World) -> str:
        own = Evaluation.objects.filter(site=world.site, reason_words=_OF_MATRIX)
        there = own.filter(state=state).first()
        return reverse(name, args=[(there or _made(world, state)).pk])

    return path


def _made(world: World, state: str) -> Evaluation:
    version: CardVersion = a_version_of(world.site)
    kept = Evaluation.objects.filter(site=world.site).count()
    reasons = [*Evaluation.Reason.values]
    reason = reasons[kept % len(reasons)]
    rules = QualityRules(site=world.site)
    made = making.unsaved(
        a_call(world.queue, agent=world.agent), version,
        _reviewer(world), NINE, rules, kind="targeted", state=state, reason=reason,
        reason_words=_OF_MATRIX,
        finished_at=NINE if state == "finished" else None,
    )  # fmt: skip
    made.save()
    return made


def _reviewer(world: World) -> User:
    return world.people.get("qa_analyst") or a_user("qa_analyst", world.site)


def recorded(world: World) -> str:
    """The recording of the world's call."""
    a_recording("reach.wav", seconds=1)
    Call.objects.filter(pk=world.call.pk).update(recording="reach.wav", consent=True)
    return reverse("recording", args=[world.call.pk])


#       nobody adm man pla sup  qa tra age
SEEN = (302, 200, 200, 404, 200, 200, 404, 404)
REVIEWERS = (302, 200, 404, 404, 200, 200, 404, 404)
ITS_REVIEWER = (302, 404, 404, 404, 404, 302, 404, 404)
SEEN_POST = (302, 302, 302, 404, 302, 302, 404, 404)
ONE_WHO_SEES_IT = (302, 302, 404, 404, 404, 404, 404, 404)
CALLS = (302, 200, 200, 404, 200, 200, 404, 200)
# Who sees it and does not do it is told so; a body that is none is refused.
SAVED = (302, 410, 410, 404, 410, 400, 404, 404)
API_SEEN = (401, 200, 200, 404, 200, 200, 404, 404)
# A form is no JSON.
API_FINISHED = (401, 409, 409, 404, 409, 415, 404, 404)

API_TAKEN = (401, 415, 415, 404, 415, 415, 404, 404)
API_NOT_THEIRS = (401, *(404,) * 7)
API_ADMIN = (401, 415, *(404,) * 6)

ROWS: dict[str, list[Row]] = {
    "review": [Row(of_review("review"), SEEN)],
    "review_save": [
        Row(of_review("review_save"), SAVED, "post", elsewhere=(302, 410, *(404,) * 6))
    ],
    "review_reopen": [
        Row(of_review("review_reopen"), ITS_REVIEWER, "post", elsewhere=(302, *(404,) * 7))
    ],
    "review_verbal": [
        Row(
            of_review("review_verbal", state="finished"), SEEN_POST, "post",
            elsewhere=ONE_WHO_SEES_IT,
        )
    ],
    "review_new": [Row(to("review_new", "call.pk"), REVIEWERS)],
    "recording": [Row(recorded, CALLS)],
    "review_answers_csv": [
        Row(to("review_answers_csv"), CALLS, of_a_site=False),
        Row(lambda w: reverse("review_answers_csv") + f"?site={w.site.slug}", CALLS),
    ],
    "api_reviews": [
        Row(to("api_reviews"), (401, 200, 200, 404, 200, 200, 404, 200), of_a_site=False),
        # A form is no JSON.
        Row(to("api_reviews"), API_TAKEN, "post", of_a_site=False),
    ],
    "api_review_reopen": [
        Row(
            of_review("api_review_reopen"), (401, *(404,) * 4, 415, 404, 404), "post",
            elsewhere=API_NOT_THEIRS,
        )
    ],
    "api_review_hand_on": [
        Row(
            of_review("api_review_hand_on"), (401, 415, 404, 404, 404, 415, 404, 404), "post",
            elsewhere=API_ADMIN,
        )
    ],
    "api_review": [
        Row(of_review("api_review"), API_SEEN, elsewhere=(401, 200, *(404,) * 6))
    ],
    "api_review_finish": [
        Row(
            of_review("api_review_finish"), API_FINISHED, "post",
            elsewhere=(401, 409, 404, 404, 404, 404, 404, 404),
        )
    ],
}  # fmt: skip
PAGES = ("review", "review_new")
OTHERS = (
    "review_save", "review_reopen", "review_verbal", "recording", "review_answers_csv",
    "api_review", "api_review_finish", "api_reviews", "api_review_reopen", "api_review_hand_on",
)  # fmt: skip
