"""Reviews that somebody takes a call for: a complaint, a low survey, coaching. They are targeted,
have no inclusion probability, and count in no score."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ccm import audit
from ccm.access import QA_ANALYST, SUPERVISOR, scope_of
from ccm.models import Agent, Call, User
from ccm.querysets import Viewer
from qa.access import kept_sites
from qa.models import CardVersion, Evaluation, Scorecard
from qa.reviews import facts, making
from qa.reviews.services import values


class Already(ValidationError):
    """The reviewer has, or had, this call to review by this scorecard: `evaluation`."""

    def __init__(self, evaluation: Evaluation) -> None:
        super().__init__(_("You review this call by this scorecard already."))
        self.evaluation = evaluation


def may_take(user: Viewer, call: Call) -> bool:
    """Whether the user reviews calls as this one: of sites whose reviews they keep, and of agents
    that they lead; none of their own."""
    scope = scope_of(user)
    if call.agent_id is None or call.agent_id == scope.agent:
        return False
    if scope.everything or call.site_id in kept_sites(scope):
        return True
    return bool(scope.teams) and led_by(user).filter(pk=call.agent_id).exists()


def seems_takable(user: Viewer, call: Call) -> bool:
    """The same of a call that the user may open, without asking the database who leads whom: a
    supervisor opens calls of own teams."""
    scope = scope_of(user)
    if call.agent_id is None or call.agent_id == scope.agent or call.consent is False:
        return False
    leads = scope.has(SUPERVISOR) and call.site_id in scope.team_sites
    keeps = scope.has(QA_ANALYST) and call.site_id in kept_sites(scope)
    return scope.everything or keeps or leads


def led_by(user: Viewer) -> QuerySet[Agent]:
    rows: QuerySet[Agent] = Agent.objects.answered_for_by(user)
    return rows


def cards_for(user: Viewer, call: Call) -> QuerySet[Scorecard]:
    """Scorecards that a call of a site may be reviewed by."""
    rows: QuerySet[Scorecard] = (
        Scorecard.objects.visible_to(user)
        .standing()
        .of_site(call.site_id)
        .filter(versions__state="published")
        .distinct()
    )
    return rows


def existing(call: Call, card: Scorecard, reviewer: User) -> Evaluation | None:
    """The review of a call by a scorecard that somebody has or had; one of a calibration is not
    told of."""
    rows = Evaluation.objects.filter(call=call.pk, version__card=card, reviewer=reviewer)
    rows = rows.exclude(state="dropped").exclude(kind="calibration")
    found: Evaluation | None = rows.order_by("pk").first()
    return found


@transaction.atomic
def take(
    call: Call,
    card: Scorecard,
    who: User,
    now: datetime,
    *,
    reason: str,
    words: str = "",
) -> Evaluation:
    """A targeted review of a call by the newest version of a scorecard, to be done by `who`.

    Raises Already where there is one, and ValidationError where the call may not be reviewed.
    """
    if reason not in Evaluation.Reason.values:
        raise ValidationError(_("Say why this call is reviewed."))
    versions = CardVersion.objects.published().filter(card=card, card__closed_at=None)
    version: CardVersion | None = versions.order_by("-number").first()
    if version is None:
        raise ValidationError(_("This scorecard is not in use."))
    if there := existing(call, card, who):
        raise Already(there)
    made = making.unsaved(
        call, version, who, now, facts.rules_of(call.site_id),
        kind=Evaluation.Kind.TARGETED, reason=reason, reason_words=words, made_by=who,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        # Sent twice at once: the first of the two is there.
        if there := existing(call, card, who):
            raise Already(there) from None
        raise
    audit.record(who, made, before=None, after=values(made), now=now)
    return made
