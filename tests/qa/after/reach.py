"""Who reaches finished reviews and their disputes."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from ccm.models import Agent
from qa.after import releasing
from qa.models import Dispute, Evaluation
from tests.builders import a_call, a_user
from tests.qa.after.builders import House, answered
from tests.qa.builders import a_version_of, an_evaluation
from tests.reach import CALLS, NOT_THEIRS, ONLY_ADMIN_POST, OWN, OWN_POST, Row, World, to

# Who sees reviews of others.
QUALITY = (302, 200, 200, 404, 200, 200, 404, 404)


def _house(world: World) -> House:
    agent = Agent.objects.select_related("user").get(pk=world.agent.pk)
    if agent.user is None:
        agent.user = a_user("agent")
        agent.save()
    return House(world.queue, agent)


def finished(world: World) -> Evaluation:
    """A finished review, which is not released yet, of a call of its own: of one that is to be
    scored blind others' reviews are hidden."""
    house = _house(world)
    call = a_call(world.queue, agent=house.agent)
    review = an_evaluation(call, house.reviewer, version=a_version_of(world.site))
    return answered(review, comment="At 0:38 you ask what she has tried.")


def released(world: World) -> Evaluation:
    there = Evaluation.objects.filter(kind="targeted", state="released", agent=world.agent)
    if (found := there.first()) is not None:
        return found
    review = finished(world)
    return releasing.release(review, review.reviewer, timezone.now())


def undisputed(world: World) -> Evaluation:
    """Another one, of which nothing is disputed."""
    review = finished(world)
    return releasing.release(review, review.reviewer, timezone.now())


def disputed(world: World) -> Dispute:
    """A dispute of it that still goes on."""
    there = Dispute.objects.filter(evaluation__agent=world.agent).standing().first()
    review, house = released(world), _house(world)
    return there or house.dispute(review, now=timezone.now())


def of_review(name: str, made: Callable[[World], Evaluation]) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[made(world).pk])


def _site(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}"


def _api(world: World) -> str:
    today = timezone.now().date()
    first = today - timedelta(days=1)
    return f"{reverse('api_disputes')}?site={world.site.slug}&first={first}&last={today}"


ROWS = {
    "my_reviews": [Row(to("my_reviews"), OWN, of_a_site=False)],
    "my_reviews_csv": [Row(to("my_reviews_csv"), OWN, of_a_site=False)],
    "review_told": [
        Row(of_review("review_told", released), CALLS),
        Row(of_review("review_told", finished), QUALITY),
    ],
    # Its reviewer, and who sees all reviews of the site; who leads its agent reads it.
    "review_release": [
        Row(
            of_review("review_release", finished),
            (302, 302, 302, 404, 404, 302, 404, 404),
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    # An empty form: its errors, on the page.
    "review_comment": [
        Row(
            of_review("review_comment", released),
            (302, 200, 200, 404, 404, 200, 404, 200),
            "post",
        )
    ],
    "review_dispute": [Row(of_review("review_dispute", undisputed), OWN, elsewhere=NOT_THEIRS)],
    "review_acknowledge": [
        Row(of_review("review_acknowledge", released), OWN_POST, "post", elsewhere=NOT_THEIRS)
    ],
    "dispute": [Row(lambda world: reverse("dispute", args=[disputed(world).pk]), CALLS)],
    "dispute_act": [
        # Nobody of these is the reviewer.
        Row(
            lambda world: reverse("dispute_act", args=[disputed(world).pk, "answer"]),
            NOT_THEIRS,
            "post",
            elsewhere=NOT_THEIRS,
        ),
        # An empty form: its errors, on the page.
        Row(
            lambda world: reverse("dispute_act", args=[disputed(world).pk, "decide"]),
            (302, 200, 200, 404, 404, 200, 404, 404),
            "post",
        ),
        Row(
            lambda world: reverse("dispute_act", args=[disputed(world).pk, "withdraw"]),
            OWN_POST,
            "post",
            elsewhere=NOT_THEIRS,
        ),
    ],
    "disputes": [Row(to("disputes"), QUALITY, of_a_site=False), Row(_site("disputes"), QUALITY)],
    "disputes_csv": [Row(_site("disputes_csv"), QUALITY)],
    "api_disputes": [
        Row(
            _api,
            (401, 200, 200, 404, 200, 200, 404, 404),
            elsewhere=(401, 200, 404, 404, 404, 404, 404, 404),
        )
    ],
}
# A form is no JSON; nobody of these is the reviewer.
_SENT = {
    "api_review_release": (finished, (401, 415, 415, 404, 404, 415, 404, 404)),
    "api_review_acknowledge": (released, (401, *(404,) * 6, 415)),
    "api_review_comment": (released, (401, 415, 415, 404, 404, 415, 404, 415)),
    "api_review_verbal": (finished, (401, 415, 415, 404, 415, 415, 404, 404)),
    "api_review_dispute": (undisputed, (401, *(404,) * 6, 415)),
    "api_dispute_answer": (disputed, (401, *(404,) * 7)),
    "api_dispute_decide": (disputed, (401, 415, 415, 404, 404, 415, 404, 404)),
    "api_dispute_escalate": (disputed, (401, *(404,) * 6, 415)),
    "api_dispute_accept": (disputed, (401, *(404,) * 6, 415)),
    "api_dispute_withdraw": (disputed, (401, *(404,) * 6, 415)),
}
ROWS |= {
    "api_dispute": [
        Row(
            lambda world: reverse("api_dispute", args=[disputed(world).pk]),
            (401, 200, 200, 404, 200, 200, 404, 200),
            elsewhere=(401, 200, *(404,) * 6),
        )
    ],
    **{
        name: [Row(of_review(name, made), own, "post", elsewhere=(401, own[1], *(404,) * 6))]
        for name, (made, own) in _SENT.items()
    },
}
PAGES = ("my_reviews", "review_told", "review_dispute", "dispute", "disputes")
OTHERS = frozenset(ROWS) - frozenset(PAGES)
