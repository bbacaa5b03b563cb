"""What a person says about the names that logs write: confirmed, renamed, merged, given away.

Here the names change, at once; the calls that follow them are moved by a job afterwards
(`ccm.naming.reattribution`). A log read meanwhile, or again later, goes by the new names already.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import work
from ccm.imports.facts.references import folded
from ccm.imports.storing import journal, locks
from ccm.models import (
    Agent,
    AgentAlias,
    Disposition,
    DispositionAlias,
    ImportBatch,
    Job,
    Queue,
    QueueAlias,
    Site,
    TeamMembership,
    Topic,
    TopicAlias,
    User,
)
from ccm.naming import noted
from ccm.naming.remembered import remember
from ccm.retention import closed

JOB = "names"
# So long a failed move is shown.
REMEMBERED = timedelta(days=30)


class NamingRefused(ValueError):
    """It cannot be done to this name; the words say why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of name: its rows, their aliases, and what the foreign keys to it are called."""

    slug: str
    words: Any
    model: type[models.Model]
    alias: type[models.Model]
    owner: str

    @property
    def rows(self) -> models.QuerySet[Any]:
        return self.model._default_manager.all()

    @property
    def of_a_site(self) -> bool:
        return self.model in (Agent, Queue)

    @property
    def longest(self) -> int:
        """The most characters that such a name may have."""
        return int(getattr(self.model._meta.get_field("name"), "max_length"))  # noqa: B009


AGENTS = Kind("agents", gettext_lazy("Agents"), Agent, AgentAlias, "agent")
QUEUES = Kind("queues", gettext_lazy("Queues"), Queue, QueueAlias, "queue")
TOPICS = Kind("topics", gettext_lazy("Topics"), Topic, TopicAlias, "topic")
DISPOSITIONS = Kind(
    "dispositions", gettext_lazy("Dispositions"), Disposition, DispositionAlias, "disposition"
)
KINDS = {kind.slug: kind for kind in (AGENTS, QUEUES, TOPICS, DISPOSITIONS)}


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which nobody writes records: whoever writes some later knows the new names.

    Raises NamingRefused where somebody who does is not done soon.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            locks.wait_briefly(cursor)
            locks.have_names_alone(cursor)
            yield
    except OperationalError as held:
        if not locks.waited_in_vain(held):
            raise
        words = _("Calls are being written just now: try again in a minute.")
        raise NamingRefused(words) from held


@transaction.atomic
def confirm(kind: Kind, named: Any, user: User | None = None) -> None:
    """Say that a name is right as it is; the audit log has it."""
    if kind.rows.filter(pk=named.pk, is_new=True).update(is_new=False) and user is not None:
        noted.confirmed(user, named)


@transaction.atomic
def confirm_alias(alias: AgentAlias, user: User) -> None:
    """Say that a guess is right: the name is this agent's; the audit log has it."""
    held = AgentAlias.objects.select_for_update().filter(pk=alias.pk).first()
    if held is not None and not held.confirmed:
        before = noted.values(held)
        held.confirmed = True
        held.save(update_fields=["confirmed"])
        noted.alias_changed(user, held, before, noted.values(held))


@transaction.atomic
def rename(kind: Kind, named: Any, name: str, user: User | None = None) -> None:
    """Call it `name` from now on; logs go on with their own name for it. Confirms it. The audit log
    has it where it is said who did it.

    Raises NamingRefused where another queue of the site, topic or disposition is so called but for
    the case, and where it was merged into another meanwhile.
    """
    row = kind.rows.select_for_update().filter(pk=named.pk).first()
    if row is None:
        raise NamingRefused(_("It is gone."))
    if kind is not AGENTS and name != row.name:
        scope = {"site": row.site} if kind is QUEUES else {}
        other = alike(kind.rows.filter(**scope).exclude(pk=row.pk), name)
        if other is not None:
            raise NamingRefused(
                _("There is another one named %(name)s: merge the two.") % {"name": other}
            )
        _remember(kind, row.name, row)
    try:
        with transaction.atomic():
            kind.rows.filter(pk=row.pk).update(name=name, is_new=False)
    except IntegrityError:  # somebody took it a moment ago
        raise NamingRefused(
            _("There is another one named %(name)s: merge the two.") % {"name": name}
        ) from None
    if user is not None:
        noted.renamed(user, row, name)
    if isinstance(row, Agent):
        journal.make_name_own(row)
    else:
        journal.make_own(row)


def alike(others: models.QuerySet[Any], name: str) -> str | None:
    """The name of one of these rows that differs from `name` in case and space at most, which
    nobody would tell apart and no list could. Logs may bring such all the same."""
    wanted = folded(name)
    named = others.order_by("name").values_list("name", flat=True)
    return next((one for one in named if folded(one) == wanted), None)


def _remember(kind: Kind, raw_name: str, owner: Any) -> None:
    """Have logs that write `raw_name` mean `owner`, unless they mean another already."""
    scope = {"site": owner.site} if kind is QUEUES else {}
    kind.alias._default_manager.get_or_create(
        raw_name=raw_name, **scope, defaults={kind.owner: owner}
    )


@alone()
def merge(kind: Kind, loser: Any, keeper: Any, user: User | None = None) -> Job:
    """Make two names one: the keeper's, whose name, skills, hours and dates stand.

    The job moves what there is of the loser and removes it at its end; what it was is remembered,
    so that `parting` can take the merge back. Raises NamingRefused for
    two sites, for two agents who both sign in, and while either is being moved already.
    """
    if loser.pk == keeper.pk:
        raise NamingRefused(_("These are one already."))
    if kind.of_a_site and loser.site_id != keeper.site_id:
        raise NamingRefused(_("They belong to two sites."))
    if kind.of_a_site and closed.holds(loser, loser.site):
        raise NamingRefused(
            _("%(loser)s has figures of days that retention has closed: its name stays.")
            % {"loser": loser.name}
        )
    refuse_if_moving(kind, {loser.pk, keeper.pk})
    found = kind.rows.select_for_update().order_by("pk").filter(pk__in=(loser.pk, keeper.pk))
    rows = {row.pk: row for row in found}
    if len(rows) < 2:
        raise NamingRefused(_("One of them is gone."))
    loser, keeper = rows[loser.pk], rows[keeper.pk]
    remembered = remember(kind, loser, keeper, user)
    if kind is AGENTS:
        _merge_agents(loser, keeper)
    else:
        _remember(kind, loser.name, keeper)
        kind.alias._default_manager.filter(**{kind.owner: loser}).update(**{kind.owner: keeper})
    kind.rows.filter(pk=loser.pk).update(is_new=False)
    payload = {
        "from": loser.pk, "to": keeper.pk, "ids": [loser.pk, keeper.pk], "merge": remembered.pk,
    }  # fmt: skip
    words = _("%(loser)s becomes %(keeper)s") % {"loser": loser.name, "keeper": keeper.name}
    return moving(kind, payload, words, user)


def _merge_agents(loser: Agent, keeper: Agent) -> None:
    """What is an agent's own: login, names, and the time in teams that the keeper was in none."""
    if loser.user_id and keeper.user_id:
        raise NamingRefused(
            _("Both sign in, %(loser)s and %(keeper)s: take the login from one of them first.")
            % {"loser": loser.name, "keeper": keeper.name}
        )
    if loser.user_id:
        login, loser.user = loser.user, None
        loser.save(update_fields=["user"])
        keeper.user = login
        keeper.save(update_fields=["user"])
    AgentAlias.objects.filter(agent=loser).update(agent=keeper, confirmed=True)
    for stay in TeamMembership.objects.filter(agent=loser):
        same_time = TeamMembership.objects.filter(agent=keeper).exclude(ends_on__lte=stay.starts_on)
        if stay.ends_on is not None:
            same_time = same_time.exclude(starts_on__gte=stay.ends_on)
        if not same_time.exists():
            stay.agent = keeper
            stay.save(update_fields=["agent"])


@alone()
def give(
    alias: AgentAlias,
    agent: Agent | None,
    since: date | None = None,
    name: str = "",
    user: User | None = None,
) -> Job:
    """Say whose a log's name is: another agent's, or (`agent` None) a new one's, called `name` or
    as the log writes it. With `since` from that site day on only, as for an extension that was
    handed on. What the name did follows by a job.

    Raises NamingRefused where it is that agent's already or the only name of an agent that
    would be left without one, for an agent of another site, for a new one who is called as an
    agent of the site is, and while either is being moved.
    """
    holder = alias.agent
    if agent is not None and agent.site_id != holder.site_id:
        raise NamingRefused(_("They belong to two sites."))
    refuse_if_moving(AGENTS, {holder.pk, *([agent.pk] if agent else [])})
    turns = AgentAlias.objects.filter(source=alias.source, raw_name=alias.raw_name)
    before = set(turns.values_list("agent", flat=True))
    if agent is not None and _holder_on(turns, since or alias.valid_from) == agent.pk:
        raise NamingRefused(_("It is the name of %(agent)s already.") % {"agent": agent.name})
    alone = not AgentAlias.objects.filter(agent=holder).exclude(pk=alias.pk).exists()
    if agent is None and since is None and alone:
        raise NamingRefused(
            _("It is the only name of %(agent)s: rename the agent instead.")
            % {"agent": holder.name}
        )
    if agent is None:
        name = name or alias.raw_name
        if there := alike(Agent.objects.filter(site=holder.site_id), name):
            words = _(
                "There is an agent named %(name)s at the site: choose that one under Belongs to, "
                "or give the new one another name."
            )
            raise NamingRefused(words % {"name": there})
        agent = Agent.objects.create(site=holder.site, name=name)
    changed = turns.filter(pk=alias.pk) if since is None else turns.filter(valid_from=since)
    was = next((noted.values(one) for one in changed), None)
    if since is None:
        turns.filter(pk=alias.pk).update(agent=agent, confirmed=True)
    else:
        AgentAlias.objects.update_or_create(
            source=alias.source,
            raw_name=alias.raw_name,
            valid_from=since,
            defaults={"agent": agent, "confirmed": True},
        )
    if user is not None and (now_so := changed.all().first()) is not None:
        noted.alias_changed(user, now_so, was, noted.values(now_so))
    words = _("%(name)s becomes %(agent)s's") % {"name": alias.raw_name, "agent": agent.name}
    return _settling(alias, before | {agent.pk}, words, user)


@alone()
def take_back(alias: AgentAlias, user: User | None = None) -> Job:
    """Forget that a name was handed on: the days from then on are whose it was before.

    Raises NamingRefused for a name that was not, and while its agents are being moved.
    """
    if alias.valid_from is None:
        raise NamingRefused(_("This name was not handed on."))
    turns = AgentAlias.objects.filter(source=alias.source, raw_name=alias.raw_name)
    agents = set(turns.values_list("agent", flat=True))
    refuse_if_moving(AGENTS, agents)
    if not turns.filter(valid_from=None).exists():
        raise NamingRefused(_("Nobody is known to have had this name before."))
    if user is not None:
        noted.alias_changed(user, alias, noted.values(alias), None)
    alias.delete()
    words = _("%(name)s was not handed on") % {"name": alias.raw_name}
    return _settling(alias, agents, words, user)


def place_days(site: Site, user: User | None = None) -> Job:
    """Have the calls of the site that tell their day alone lie where its days begin now, for that
    has changed; then `settle_site`."""
    words = _("Calls that tell only their day follow the days of %(site)s") % {"site": site.name}
    return moving(AGENTS, {"site": site.pk, "ids": []}, words, user)


@transaction.atomic
def settle_site(site: Site, user: User | None = None) -> list[Job]:
    """Have every name of the site that was handed on be its agents' by the days of now, for these
    begin at other moments than before: a job a name."""
    handed_on = AgentAlias.objects.filter(agent__site=site, valid_from__isnull=False)
    jobs = []
    for source, raw_name in sorted(set(handed_on.values_list("source", "raw_name"))):
        turns = AgentAlias.objects.filter(source=source, raw_name=raw_name)
        if not turns.filter(valid_from=None).exists():
            continue  # whose the days before were nobody has said
        words = _("%(name)s follows the days of %(zone)s") % {"name": raw_name, "zone": site.zone}
        agents = set(turns.values_list("agent", flat=True))
        jobs.append(_settling(turns[0], agents, words, user))
    return jobs


def _holder_on(turns: models.QuerySet[AgentAlias], day: date | None) -> int | None:
    """Whose a name is on a day, or (None) was before all days told."""
    held = turns.filter(valid_from=None)
    if day is not None:
        held = turns.filter(valid_from__lte=day).order_by("-valid_from") or held
    first = held[0] if held else None
    return first.agent_id if first else None


def _settling(alias: AgentAlias, agents: set[int], words: str, user: User | None) -> Job:
    payload = {"source": alias.source, "raw_name": alias.raw_name, "ids": sorted(agents)}
    return moving(AGENTS, payload, words, user)


def moving(kind: Kind, payload: dict[str, Any], words: str, user: User | None) -> Job:
    told = {"kind": kind.slug, "words": words[:200]}
    job = Job.objects.create(kind=JOB, payload=payload | told, words=words[:200], created_by=user)
    transaction.on_commit(lambda: _queue(job.pk))
    return job


@alone()
def again(job: Job) -> None:
    """Take up a move that failed. One that did not is left alone.

    Raises NamingRefused while another moves the same names, or an import is taken back.
    """
    failed = Job.objects.filter(pk=job.pk, kind=JOB, state=Job.State.FAILED)
    if failed.exists():
        refuse_if_moving(KINDS[job.payload["kind"]], set(job.payload["ids"]))
    if failed.update(
        state=Job.State.QUEUED,
        attempts=0,
        words=job.payload["words"],
        heartbeat_at=None,
        finished_at=None,
    ):
        transaction.on_commit(lambda: _queue(job.pk))


def _queue(job_id: int) -> None:
    from ccm.tasks import move_named

    work.send(move_named, job_id)


def under_way() -> models.QuerySet[Job]:
    """The moves that are not over."""
    return Job.objects.filter(kind=JOB, state__in=(Job.State.QUEUED, Job.State.RUNNING))


def failed(now: datetime) -> models.QuerySet[Job]:
    """The moves that failed lately and were not taken up again."""
    return Job.objects.filter(kind=JOB, state=Job.State.FAILED, finished_at__gt=now - REMEMBERED)


def refuse_if_moving(kind: Kind, ids: set[int]) -> None:
    """Two moves of one name at once could leave calls behind at a name that is gone; so could
    an import that puts back what it found."""
    for payload in under_way().values_list("payload", flat=True):
        if payload["kind"] == kind.slug and not ids.isdisjoint(payload["ids"]):
            raise NamingRefused(_("Its calls are being moved: try again when that is done."))
    waits = (Job.State.QUEUED, Job.State.RUNNING)
    if ImportBatch.objects.filter(undone_at=None, undo__state__in=waits).exists():
        raise NamingRefused(_("An import is being taken back: try again when that is done."))
