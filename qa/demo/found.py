"""What the reviews of the demo found: training, words, rules and praise, each with an owner."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site, User
from qa.findings import services
from qa.models import Answer, Evaluation, Finding

Kind, State = Finding.Kind, Finding.State


@dataclass(frozen=True, slots=True)
class Found:
    """Of the criterion `key`: made so many days ago, due so many days from then, and what became of
    it, with the words of its note. `owner` is of "lead", "manager" and "analyst"; what is about
    an `agent` is of one whom the supervisor leads."""

    kind: str
    key: str
    title: str | Promise
    words: str | Promise
    owner: str
    ago: int
    due: int
    agent: bool = False
    state: str = ""
    note: str | Promise = ""


FOUND = (
    Found(
        Kind.TRAINING, "cause", _("Tries remedies before asking for the cause"),
        _("Three reviews in a row: the first remedy comes before the first question."),
        "lead", 6, 14, agent=True,
    ),
    Found(
        Kind.SCRIPT, "reason", _("The opening asks for the number before the matter"),
        _("The guide has the customer number first; callers say their matter twice."),
        "manager", 12, 21, state=State.DOING, note=_("The new wording is tried in one team."),
    ),
    Found(
        Kind.PROCESS, "hold", _("Holds go on because the second line is not reached"),
        _("Agents announce the hold and come back late: they wait themselves."),
        "analyst", 9, 10,
    ),
    Found(
        Kind.PRODUCT, "facts", _("The price list shows last month's tariff"),
        _("What was said was wrong because the page was."),
        "manager", 24, 7, state=State.DONE, note=_("The page has the new tariff since Monday."),
    ),
    Found(
        Kind.PRAISE, "manner", _("Calms a caller who wanted to cancel"),
        _("Worth hearing in the team."), "lead", 3, 7, agent=True,
    ),
)  # fmt: skip


def write(supervisor: User, manager: User, analyst: User, now: datetime) -> None:
    """Findings of the first site, each of a review and a criterion of it. Safe to run twice."""
    site = Site.objects.get(slug="leeds")
    owners = {"lead": supervisor, "manager": manager, "analyst": analyst}
    led = Agent.objects.answered_for_by(supervisor).exclude(user=supervisor.pk)
    titles = set(Finding.objects.filter(site=site).values_list("title", flat=True))
    for one in FOUND:
        if str(one.title) in titles:
            continue
        at = now - one.ago * DAY
        answer = _answer(one, site, at, {"evaluation__agent__in": led} if one.agent else {})
        if answer is None:
            continue
        _keep(one, answer, owners[one.owner], analyst, at, now)


def _answer(one: Found, site: Site, at: datetime, more: dict[str, Any]) -> Answer | None:
    """The last answer before it in which points were lost on it, or of praise none were."""
    rows = Answer.objects.filter(
        evaluation__in=Evaluation.objects.scored().filter(site=site, finished_at__lt=at),
        criterion__key=one.key,
        share__isnull=False,
        **more,
    )
    rows = rows.filter(share=1) if one.kind == Kind.PRAISE else rows.filter(lost__gt=0)
    found: Answer | None = (
        rows.select_related("criterion", "evaluation__agent", "evaluation__queue")
        .order_by("-evaluation__finished_at", "pk")
        .first()
    )
    return found


def _keep(
    one: Found, answer: Answer, owner: User, analyst: User, at: datetime, now: datetime
) -> None:
    review = answer.evaluation
    finding = Finding(
        site=review.site,
        kind=one.kind,
        title=str(one.title),
        words=str(one.words),
        evaluation=review,
        criterion=answer.criterion,
        agent=review.agent if one.agent else None,
        queue=review.queue,
        owner=owner,
        due_on=day_of(at, review.site.calendar) + one.due * DAY,
    )
    made = services.make(finding, analyst, at)
    if one.state:
        later = min(now, at + 4 * DAY)
        services.note(made.pk, str(one.note), owner, later, state=one.state, revision=made.revision)
