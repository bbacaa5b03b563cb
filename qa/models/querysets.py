"""Reads of quality reviews: `visible_to(user)` is the only door to their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from ccm.access import Scope, scope_of
from ccm.contact.reads import must_agree
from ccm.models import Agent, Call
from ccm.querysets import Viewer
from ccm.rights.reach import scope_for
from qa.access import card_sites, kept_sites, reviewed_sites

# States of a review: still to be done, and done.
OPEN = ("todo", "draft")
DONE = ("finished", "released")


class OfSitesQuerySet(models.QuerySet[Any]):
    """Rows of a site, read by who sees its reviews and changed by who keeps its scorecards."""

    site = "site"

    def visible_to(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self._of(reviewed_sites(scope))

    def kept_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self._of(kept_sites(scope))

    managed_by = kept_by

    def _of(self, sites: frozenset[int]) -> Self:
        return self.filter(**{f"{self.site}__in": sites})


class ScorecardQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of the user's sites, and those of all sites."""
        scope = scope_of(user)
        if scope.everything:
            return self
        sites = card_sites(scope)
        return self.filter(Q(site__in=sites) | Q(site=None)) if sites else self.none()

    def kept_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=kept_sites(scope))

    managed_by = kept_by

    def standing(self) -> Self:
        """Those that calls are still reviewed by."""
        return self.filter(closed_at=None)

    def of_site(self, site: int) -> Self:
        return self.filter(Q(site=site) | Q(site=None))


class VersionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        from qa.models import Scorecard

        scope = scope_of(user)
        if scope.everything:
            return self
        cards = Scorecard.objects.visible_to(user).values("pk")
        kept = Scorecard.objects.kept_by(user).values("pk")
        return self.filter(Q(card__in=cards, state="published") | Q(card__in=kept))

    def published(self) -> Self:
        return self.filter(state="published")


class EvaluationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """What the user may read: of those `counted_by` them none by others of a call that they
        are still to score, until they have, and no calibration until it is discussed."""
        seen = self.counted_by(user)
        return seen.exclude(_blind_to(user)) if user.pk else seen.none()

    def counted_by(self, user: Viewer) -> Self:
        """Reviews of own sites and teams, what the user reviews themselves, and their own once it
        is released: with those that are blind to them, to say how many there are, and no more."""
        scope = scope_of(user)
        if scope.everything:
            return self
        rows = self.filter(Q(reviewer=user.pk) | _of_others(scope, user))
        return rows.exclude(_unreleased_of(scope))

    def marked_for(self, user: Viewer) -> Self:
        """With `is_hidden`: what is blind to the user, and what nobody reads of their own calls
        yet, wherever it stands: of a session that is open, too."""
        scope = scope_of(user)
        hidden = _blind_to(user)
        if not scope.everything:
            hidden |= _unreleased_of(scope)
        return self.annotate(is_hidden=ExpressionWrapper(hidden, BooleanField()))

    def reviewed_by(self, user: Viewer) -> Self:
        """Those that the user is to do or has done; of sites and teams that they still see."""
        scope = scope_of(user)
        rows = self.filter(reviewer=user.pk)
        if scope.everything:
            return rows
        sites = Q(site__in=reviewed_sites(scope))
        return rows.filter(sites | Q(agent__in=_led(user))).exclude(agent=scope.agent or 0)

    def told_to(self, user: Viewer) -> Self:
        """With `is_told`: whether the user reads what was answered. What is done is; what is not
        done yet is its reviewer's alone, and what was dropped nobody's."""
        from qa.models import Evaluation

        own = Evaluation.objects.reviewed_by(user).open().order_by().values("pk")
        told = Q(state__in=DONE) | Q(pk__in=own)
        return self.annotate(is_told=ExpressionWrapper(told, BooleanField()))

    def handed_on_by(self, user: Viewer) -> Self:
        """Those whose reviewer the user may change: of sites that they keep, but for their own
        calls. Nothing is told of what was answered, so those too that are blind to them."""
        scope = scope_of(user)
        rows = self.exclude(kind="calibration").exclude(agent=scope.agent or 0)
        return rows if scope.everything else rows.filter(site__in=kept_sites(scope))

    def with_swap(self) -> Self:
        """With `may_be_swapped`: whether the call was drawn and may be swapped for another."""
        from qa.models import DrawnCall

        drawn = DrawnCall.objects.swappable().filter(pk=OuterRef("drawn"))
        return self.annotate(may_be_swapped=Exists(drawn))

    def of_agent(self, agent: int) -> Self:
        """What an agent reads of their own calls."""
        return self.for_agents().filter(agent=agent, state="released")

    def for_agents(self) -> Self:
        """Those that are their agent's to read once they are released (as `measures_reviewers`)."""
        return self.exclude(kind="calibration").filter(rank=0)

    def unreleased(self) -> Self:
        """Those that somebody is to release by hand."""
        return self.for_agents().filter(state="finished", release_at=None)

    def released_by(self, user: Viewer) -> Self:
        """Those of which the user may say so: who reviewed them, and who sees all reviews of the
        site; nobody those of their own calls (as `reach.releases` of one)."""
        scope = scope_of(user)
        rows = self.exclude(agent__user=user.pk, agent__user__isnull=False)
        if scope.everything:
            return rows
        return rows.filter(Q(reviewer=user.pk) | Q(site__in=reviewed_sites(scope)))

    def with_release(self, user: Viewer) -> Self:
        """With `may_be_released`: whether it waits for somebody's word, and theirs will do."""
        from qa.models import Evaluation

        theirs = Evaluation.objects.unreleased().released_by(user).filter(pk=OuterRef("pk"))
        return self.annotate(may_be_released=Exists(theirs))

    def still_blind(self) -> Self:
        """Those of a call that somebody else is still to score, and of a session that is not opened
        yet: nobody but their reviewer reads their answers."""
        from qa.models import Evaluation

        others = Evaluation.objects.open().filter(call=OuterRef("call"))
        waits = Exists(others.exclude(reviewer=OuterRef("reviewer")))
        return self.filter(waits | Q(kind="calibration", session_call__session__state="blind"))

    def open(self) -> Self:
        """Those that are still to be done."""
        return self.filter(state__in=OPEN)

    def done(self) -> Self:
        return self.filter(state__in=DONE)

    def told_of(self, *, released: bool) -> Self:
        """What figures are made of: what is done, and for agents of their own what is `released`
        alone."""
        return self.filter(state="released") if released else self.done()

    def scored(self) -> Self:
        """Those that an agent's score is made of: first reviews of drawn calls that have a score,
        and no others; `Evaluation.counts` says it of one."""
        rows = self.done().filter(kind="drawn", rank=0, share__isnull=False)
        return rows.filter(drawn__state="standing")

    def overdue(self, now: datetime) -> Self:
        return self.open().filter(due_at__lt=now)


def _led(user: Viewer) -> models.QuerySet[Any]:
    return Agent.objects.answered_for_by(user).order_by().values("pk")


def _of_others(scope: Scope, user: Viewer) -> Q:
    found = Q(site__in=reviewed_sites(scope))
    if scope.teams:
        found |= Q(agent__in=_led(user)) & ~Q(kind="calibration")
    if scope.agent is not None:
        found |= Q(agent=scope.agent, state="released", rank=0) & ~Q(kind="calibration")
    return found


def _unreleased_of(scope: Scope) -> Q:
    """Of one's own calls nobody reads more than an agent would."""
    if scope.agent is None:
        return Q(pk__in=[])
    measures = Q(kind="calibration") | Q(rank__gt=0)
    return Q(agent=scope.agent) & (~Q(state="released") | measures)


def _blind_to(user: Viewer) -> Q:
    """Reviews by others of calls that the user has not scored yet, and of a session that is still
    blind all but the user's own."""
    from qa.models import Evaluation

    own = Evaluation.objects.filter(call=OuterRef("call"), reviewer=user.pk, state__in=OPEN)
    blind = Q(kind="calibration", session_call__session__state="blind")
    return (Q(Exists(own)) | blind) & ~Q(reviewer=user.pk)


def _hidden_from(user: Viewer) -> models.QuerySet[Any]:
    """Of the review that a row outside is of: it, where it is blind to the user."""
    from qa.models import Evaluation

    return Evaluation.objects.filter(_blind_to(user), pk=OuterRef("evaluation"))


class DrawnCallQuerySet(models.QuerySet[Any]):
    def swappable(self) -> Self:
        """Those that may be swapped for another: still drawn, and no review of them finished, of
        whomever, since what was heard is no reason."""
        return self.with_swap().filter(may_be_swapped=True)

    def with_swap(self) -> Self:
        """With `may_be_swapped`: whether they are such."""
        from qa.models import Evaluation

        done = Evaluation.objects.done().filter(drawn=OuterRef("pk"))
        return self.annotate(
            may_be_swapped=ExpressionWrapper(Q(state="standing") & ~Q(Exists(done)), BooleanField())
        )


class DisputeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of sites and teams whose reviews the user sees, of reviews they did, and own ones."""
        scope = scope_of(user)
        if scope.everything:
            return self
        found = Q(evaluation__site__in=reviewed_sites(scope))
        found |= Q(evaluation__reviewer=user.pk)
        if scope.teams:
            found |= Q(evaluation__agent__in=_led(user))
        if scope.agent is not None:
            found |= Q(evaluation__agent=scope.agent)
        return self.filter(found)

    def standing(self) -> Self:
        """Those that still wait for somebody."""
        return self.filter(state__in=self.model.STANDING)

    def answered_by(self, user: Viewer) -> Self:
        """Those that wait for the user as the reviewer."""
        return self.filter(state="open", evaluation__reviewer=user.pk)

    def decided_by(self, user: Viewer) -> Self:
        """Escalated ones that the user may decide: none of their own reviews or calls."""
        scope = scope_for(user, "disputes")
        rows = self.filter(state="escalated").exclude(evaluation__reviewer=user.pk)
        if scope.agent is not None:
            rows = rows.exclude(evaluation__agent=scope.agent)
        if scope.everything:
            return rows
        return rows.filter(evaluation__site__in=reviewed_sites(scope))


class SessionQuerySet(OfSitesQuerySet):
    def visible_to(self, user: Viewer) -> Self:
        """Of sites whose reviews the user sees, and those that they take part in."""
        scope = scope_of(user)
        if scope.everything:
            return self
        mine = Q(raters__user=user.pk) | Q(expert=user.pk)
        return self.filter(Q(site__in=reviewed_sites(scope)) | mine).distinct()


class TranscriptQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of calls that the user may open: of own sites, own teams, and their own."""
        scope = scope_for(user, "transcripts")
        if scope.everything:
            return self
        found = Q(site__in=scope.own_call_sites) | Q(agent=scope.agent, agent__isnull=False)
        if scope.teams:
            found |= Q(agent__in=_led(user))
        return self.filter(found)

    def heard(self) -> Self:
        """Of calls that may be heard and read now (as `qa.transcribed.services.why_not` of one):
        the caller did not refuse to be recorded, and agreed where the site's rules of review or
        its region ask for it. Of a call that is gone nothing is known that it did not say when
        the transcript was kept."""
        from qa.models import QualityRules

        its = Call.objects.filter(pk=OuterRef("call"))
        asks = Exists(QualityRules.objects.filter(site=OuterRef("site"), needs_consent=True))
        refused = Exists(its.filter(consent=False))
        unsaid = Exists(its.filter(consent=None)) & (asks | Q(must_agree=True))
        agreed = must_agree("site__country", "site__region")
        return self.alias(must_agree=agreed).exclude(refused | unsaid)


class SuggestionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of transcripts of sites whose reviews the user sees: they quote them."""
        scope = scope_for(user, "transcripts")
        if scope.everything:
            return self
        return self.filter(transcript__site__in=reviewed_sites(scope))

    def heard(self) -> Self:
        """Those of calls that may be heard: they quote what was said."""
        from qa.models import CallTranscript

        there = CallTranscript.objects.filter(pk=OuterRef("transcript"))
        return self.filter(Exists(there.heard()))

    def not_held_back(self) -> Self:
        """Those that people may read beside no review: not those of a call that is held back,
        before a review of it by their scorecard is done."""
        from qa.models import Evaluation

        by_its_card = Evaluation.objects.done().filter(
            call=OuterRef("transcript__call"), version__card=OuterRef("card")
        )
        return self.filter(Q(held_back=False) | Exists(by_its_card))

    def shown_in(self, evaluation: Any) -> Self:
        """Those that whoever does this review sees: answers by its scorecard, none of a call that
        is held back, none by a check that people surely disagree with, and none in a calibration,
        where each rater is to score for themselves."""
        if evaluation.kind == "calibration":
            return self.none()
        rows = self.filter(transcript__call=evaluation.call_id, card=evaluation.version.card_id)
        return rows.undoubted().filter(held_back=False).exclude(value="", skipped=False)

    def undoubted(self) -> Self:
        """Those by checks that do not surely agree too little with people to be shown."""
        return self.exclude(rule__is_doubtful=True).exclude(scorer__is_doubtful=True)


class FindingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of sites whose reviews the user sees, of agents led, and those that they own; none about
        oneself but praise, and none of a review that is blind to them."""
        seen = self._of_reach(user)
        return seen.exclude(Exists(_hidden_from(user))) if user.pk else seen.none()

    def _of_reach(self, user: Viewer) -> Self:
        scope = scope_of(user)
        if scope.everything:
            return self
        found = Q(site__in=reviewed_sites(scope)) | Q(owner=user.pk) | Q(made_by=user.pk)
        if scope.teams:
            found |= Q(agent__in=_led(user))
        if scope.agent is not None:
            found |= Q(agent=scope.agent, kind="praise")
        rows = self.filter(found)
        if scope.agent is not None:
            rows = rows.exclude(Q(agent=scope.agent) & ~Q(kind="praise"))
        return rows

    def standing(self) -> Self:
        return self.filter(state__in=("open", "doing"))
