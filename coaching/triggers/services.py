"""Writes rules and what they propose. Rules, and what became of a proposal, are in the audit log;
what was found of somebody is not."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import DAY, day_of, site_day
from ccm.models import Agent, Leave, Site, TeamLead, User
from coaching.holding import logged
from coaching.models import (
    AgendaItem,
    Participant,
    Proposal,
    Session,
    TriggerLimits,
    TriggerRule,
    TriggerRun,
)
from coaching.preparing import services as preparing
from coaching.rhythm.reads import COUNTED
from coaching.triggers import looking, words
from coaching.triggers.looking import Found

log = logging.getLogger(__name__)
State, Kind = Proposal.State, TriggerRule.Kind
UNSAID = ("id", "made_by", "made_at", "revision")
UNSAID_OF_PROPOSALS = ("id", "facts", "surprise", "why", "made_at", "decided_by", "decided_at")
PLANNED = Session.State.PLANNED
KEPT = timedelta(days=28)
"""So long a proposal stands that nobody decides."""
STARTERS: tuple[Mapping[str, Any], ...] = (
    {"kind": Kind.KPI, "kpi": "fcr"},
    {"kind": Kind.CRITERION, "times": 3, "of": 5, "days": 90},
    {"kind": Kind.AUTOFAIL, "times": 2, "of": 5, "days": 90},
    {"kind": Kind.SURVEY, "survey": "csat", "times": 3, "of": 10, "below": 0.25, "days": 60},
    {"kind": Kind.ADHERENCE, "times": 4, "of": 10, "below": 0.85},
)


def start(site: Site, who: User, now: datetime) -> list[TriggerRule]:
    """Give a site that has no rule those to begin with, all of them off; else none."""
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        if TriggerRule.objects.filter(site=site).exists():
            return []
        return [keep(TriggerRule(site=site, **said), who, now) for said in STARTERS]


@transaction.atomic
def keep(rule: TriggerRule, who: User, now: datetime, revision: int | None = None) -> TriggerRule:
    """Keep a rule, new or changed. Raises ValidationError where somebody changed it meanwhile."""
    before = None
    if rule.pk is None:
        rule.made_by, rule.made_at = who, now
        same = TriggerRule.objects.filter(
            made_by=who, made_at__gt=now - timedelta(minutes=2), **_said(rule)
        ).first()
        if same is not None:
            there: TriggerRule = same
            return there
    else:
        locked = TriggerRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        if revision is not None and locked.revision != revision:
            raise ValidationError(_("Somebody has changed it meanwhile: look again."))
        before = values(locked)
        rule.revision = locked.revision + 1
    rule.save()
    if before != values(rule):
        audit.record(who, rule, before=before, after=values(rule), now=now)
    return rule


def _said(rule: TriggerRule) -> dict[str, Any]:
    names = ("site", "kind", "is_on", "days", "kpi", "worse", "criterion", "survey",
             "times", "of", "below")  # fmt: skip
    return {name: getattr(rule, name) for name in names}


def limits_of(site: Site) -> TriggerLimits:
    found: TriggerLimits | None = TriggerLimits.objects.filter(site=site).first()
    return found or TriggerLimits(site=site)


@transaction.atomic
def limit(site: Site, per_week: int, quiet_days: int, who: User, now: datetime) -> TriggerLimits:
    """Say how much rules of a site propose."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    there = limits_of(site)
    before = audit.values_of(there, ("id",)) if there.pk is not None else None
    there.per_week, there.quiet_days = per_week, quiet_days
    there.save()
    after = audit.values_of(there, ("id",))
    if before != after:
        audit.record(who, there, before=before, after=after, now=now)
    return there


def look(site: Site, now: datetime) -> TriggerRun | None:
    """Look what the rules of a site find up to yesterday, and propose what there is room for: the
    most serious first. None: no rule is on.

    Done twice, it proposes once. A rule that fails holds up none of the others.
    """
    today = day_of(now, site.calendar)
    rules = TriggerRule.objects.filter(site=site, is_on=True)
    chosen = list(rules.select_related("site", "criterion").order_by("pk"))
    if not chosen:
        return None
    people = _people(site, today)
    found: list[Found] = []
    for rule in chosen:
        try:
            found += looking.found(rule, people, today)
        except Exception:
            log.exception("rule %d of proposals failed", rule.pk)
    return _propose(site, found, people, today, now)


@transaction.atomic
def _propose(
    site: Site, found: Iterable[Found], leads: Mapping[int, int | None], today: date, now: datetime
) -> TriggerRun:
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    limits = limits_of(site)
    _lapse(site, now)
    told = sorted(found, key=lambda one: (-one.surprise, one.agent, one.cause))
    agents = {one.agent for one in told}
    quiet = _quiet(site, limits, today)
    known, before = _known(agents, limits, now), _before(agents)
    week = today - today.weekday() * DAY
    had, rest = _had(site, week), defaultdict[int | None, set[int]](set)
    made: list[Proposal] = []
    for one in told:
        key = one.agent, one.cause
        if (
            one.agent in quiet
            or key in known
            or not looking.has_news(one.facts, before.get(key, {}))
        ):
            continue
        known.add(key)
        lead = leads.get(one.agent)
        # Of somebody who is proposed a session already another reason asks for none more.
        if one.agent not in had[lead] and len(had[lead]) >= limits.per_week:
            rest[lead].add(one.agent)
            continue
        had[lead].add(one.agent)
        made.append(
            Proposal(
                rule=one.rule, site=site, agent_id=one.agent, lead_id=lead, cause=one.cause,
                surprise=one.surprise, facts=dict(one.facts), week=week, made_at=now,
            )
        )  # fmt: skip
    Proposal.objects.bulk_create(made)
    run, is_first = TriggerRun.objects.get_or_create(
        site=site, day=today, defaults={"made_at": now}
    )
    run.found = len(told)
    run.made = len(made) if is_first else run.made + len(made)
    run.rest = {str(lead or ""): len(agents) for lead, agents in rest.items()}
    run.made_at = now
    run.save()
    return run


def _had(site: Site, week: date) -> dict[int | None, set[int]]:
    """With which people of each supervisor sessions were proposed in a week."""
    found: dict[int | None, set[int]] = defaultdict(set)
    rows = Proposal.objects.filter(site=site, week=week).order_by()
    for lead, agent in rows.values_list("lead", "agent").distinct():
        found[lead].add(agent)
    return found


def _people(site: Site, today: date) -> dict[int, int | None]:
    """Who of a site may be proposed a session with, and who leads them today: nobody who has left
    or is absent."""
    absent = Leave.objects.filter(
        Q(last_on=None) | Q(last_on__gte=today), agent__site=site, first_on__lte=today
    )
    rows: Any = Agent.objects.filter(Q(left_on=None) | Q(left_on__gt=today), site=site)
    rows = rows.exclude(pk__in=absent.values("agent")).with_team_on(today)
    leads = TeamLead.objects.filter(
        Q(starts_on=None) | Q(starts_on__lte=today), Q(ends_on=None) | Q(ends_on__gt=today),
        team__site=site,
    )  # fmt: skip
    of_team = dict(leads.values_list("team", "supervisor"))
    return {pk: of_team.get(team) for pk, team in rows.values_list("pk", "team_id")}


def _lapse(site: Site, now: datetime) -> None:
    """Have what nobody decided lapse; of what was put off since the day that it came again, of what
    a session was called off for since that."""
    old = now - KEPT
    first = Q(Q(decided_at=None) | Q(decided_at__lt=old), state=State.OPEN, made_at__lt=old)
    again = Q(state=State.PUT_OFF, until__lt=day_of(old, site.calendar), made_at__lt=old)
    Proposal.objects.filter(first | again, site=site).update(
        state=State.LAPSED, until=None, decided_at=now
    )


def _quiet(site: Site, limits: TriggerLimits, today: date) -> set[int]:
    """With whom a session was held lately."""
    since = site_day(today - limits.quiet_days * DAY, site.calendar).start
    rows = Participant.objects.filter(
        session__site=site, session__state=Session.State.HELD, session__held_at__gte=since,
        session__kind__in=COUNTED,
    )  # fmt: skip
    return set(rows.order_by().values_list("agent", flat=True))


def _known(agents: Collection[int], limits: TriggerLimits, now: datetime) -> set[tuple[int, str]]:
    """What is proposed already, planned and not held yet, or was declined lately."""
    lately = Q(state=State.DECLINED, decided_at__gt=now - limits.quiet_days * DAY)
    planned = Q(state=State.PLANNED, session__state=Session.State.PLANNED)
    standing = Q(state__in=(State.OPEN, State.PUT_OFF))
    rows = Proposal.objects.filter(standing | planned | lately, agent__in=agents)
    return set(rows.order_by().values_list("agent", "cause"))


def _before(agents: Collection[int]) -> dict[tuple[int, str], Mapping[str, Any]]:
    """What the last proposal of each agent and cause was found by."""
    rows = Proposal.objects.filter(agent__in=agents).order_by("agent", "cause", "-made_at", "-pk")
    last = rows.distinct("agent", "cause").values_list("agent", "cause", "facts")
    return {(agent, cause): facts for agent, cause, facts in last}


@transaction.atomic
def put_off(proposal: Proposal, until: date, who: User, now: datetime) -> Proposal:
    """Have a proposal come again on a day. Raises ValidationError for a day that is not to come,
    and where it is decided."""
    there = _locked(proposal)
    if until <= day_of(now, there.site.calendar):
        raise ValidationError({"until": _("Choose a day that is to come.")})
    return _decided(there, who, now, state=State.PUT_OFF, until=until)


@transaction.atomic
def decline(proposal: Proposal, why: str, who: User, now: datetime) -> Proposal:
    """Decline a proposal. Raises ValidationError without a why, and where it is decided already."""
    if not why:
        raise ValidationError({"why": _("Say why: so rules are judged.")})
    there = _locked(proposal)
    if there.state == State.DECLINED and there.why == why:
        return there
    return _decided(there, who, now, state=State.DECLINED, why=why, until=None)


@transaction.atomic
def planned(proposal: Proposal, session: Session, who: User, now: datetime) -> Proposal:
    """Have a session be what came of a proposal, with what was found as a point of its agenda, and
    what its preparation found about the same beneath. A session with others leaves it as it is;
    said twice, it is said once. Raises ValidationError where the session is over."""
    there = _locked(proposal)
    if there.session_id == session.pk or not there.is_standing:
        return there
    locked = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if locked.state != PLANNED:
        raise ValidationError(_("The session is over: its agenda stays."))
    if not session.participants.filter(agent=there.agent_id).exists():
        return there
    kind, facts = there.rule.kind, there.facts
    calls = facts.get("calls") or [None]
    point = AgendaItem.objects.create(
        session=session, agent=there.agent, source=words.SOURCES[kind],
        title=words.title(kind, facts)[:200], words="\n".join(words.lines(kind, facts)),
        facts=facts | {"proposal": there.pk}, call_id=calls[0], by=who, made_at=now,
    )  # fmt: skip
    logged.put_on(point, who, now)
    preparing.join(locked)
    return _decided(there, who, now, state=State.PLANNED, session=session, until=None)


@transaction.atomic
def come_back(session: Session, who: User, now: datetime) -> None:
    """Have what a session was planned for, which is called off, be to decide again, from now on for
    as long as what is new. It stays planned where the same is proposed anew already."""
    rows = Proposal.objects.filter(session=session, state=State.PLANNED)
    if not rows.exists():
        return
    # No night proposes the same meanwhile.
    Site.objects.select_for_update(no_key=True).get(pk=session.site_id)
    rows = rows.select_for_update(of=("self",)).order_by("pk")
    agents = {one.agent_id for one in rows}
    standing = Proposal.objects.standing().filter(agent__in=agents).order_by()
    told = set(standing.values_list("agent", "cause"))
    for one in rows:
        if (one.agent_id, one.cause) not in told:
            told.add((one.agent_id, one.cause))
            _say(one, who, now, state=State.OPEN)


def _locked(proposal: Proposal) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("site", "rule", "agent")
    there: Proposal = rows.get(pk=proposal.pk)
    return there


def _decided(there: Proposal, who: User, now: datetime, **said: Any) -> Proposal:
    if not there.is_standing:
        raise ValidationError(_("It is decided already: look again."))
    return _say(there, who, now, **said)


def _say(there: Proposal, who: User, now: datetime, **said: Any) -> Proposal:
    before = audit.values_of(there, UNSAID_OF_PROPOSALS)
    for name, value in (said | {"decided_by": who, "decided_at": now}).items():
        setattr(there, name, value)
    there.save()
    after = audit.values_of(there, UNSAID_OF_PROPOSALS)
    if before != after:
        audit.record(who, there, before=before, after=after, now=now)
    return there


def values(rule: TriggerRule) -> dict[str, Any]:
    return audit.values_of(rule, UNSAID)
