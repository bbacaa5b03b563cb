"""Parts names that are one: takes a merge back, and gives a name in logs a row of its own.

As in `services` the names change at once, and what was recorded follows by a job.
"""

from typing import Any

from django.core import serializers
from django.db import IntegrityError, models
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, Job, NameMerge, Queue, Team, TeamMembership, User
from ccm.naming.remembered import values
from ccm.naming.services import (
    AGENTS,
    KINDS,
    QUEUES,
    Kind,
    NamingRefused,
    alone,
    moving,
    refuse_if_moving,
)


@alone()
def take_merge_back(merge: NameMerge, user: User | None = None) -> Job:
    """Make two of what a merge made one: the loser is again what it was, with its names in logs,
    its records and those that came in under its names since. Words tell no calls apart that came
    in since: these stay.

    Raises NamingRefused where it was taken back already or did not end, where its name is
    another's by now, and while either is being moved.
    """
    kind = KINDS[merge.kind]
    merge = NameMerge.objects.select_for_update().get(pk=merge.pk)
    if merge.taken_back_at is not None:
        raise NamingRefused(_("It was taken back already."))
    refuse_if_moving(kind, {merge.loser, merge.keeper})
    if kind.rows.filter(pk=merge.loser).exists():
        raise NamingRefused(_("The merge did not come to its end: take it up again first."))
    keeper = kind.rows.select_for_update().get(pk=merge.keeper)
    if kind is not AGENTS and _named(kind, merge.name, keeper).exists():
        raise NamingRefused(
            _("There is another one named %(name)s by now: rename that first.")
            % {"name": merge.name}
        )
    _restore(kind, merge, keeper)
    names = _give_aliases_back(kind, merge)
    NameMerge.objects.filter(pk__in=merge.was["merges"], taken_back_at=None).update(
        keeper=merge.loser
    )
    merge.taken_back_at = timezone.now()
    merge.save(update_fields=["taken_back_at"])
    audit.record(user, merge, before=values(merge), after=None, now=merge.taken_back_at)
    words = _("%(loser)s is no longer %(keeper)s") % {"loser": merge.name, "keeper": keeper.name}
    return _parting(kind, merge.loser, keeper.pk, names, words, user, merge.pk)


def part(kind: Kind, alias: models.Model, user: User | None = None) -> Job | None:
    """Give one name in logs, of several of a queue or word, a row of its own.

    A queue's calls follow by the job returned: each call's id tells under which name it came in.
    Of words the record does not keep that, so only what comes in from now on is the new one's:
    None. Raises NamingRefused for an only name, for one that is the queue's or word's own or
    another's, for a word that came with a merge, and while it is being moved.
    """
    try:
        return _part(kind, alias, user)
    except IntegrityError:  # somebody was a moment faster
        raise NamingRefused(_("It was parted already.")) from None


@alone()
def _part(kind: Kind, alias: Any, user: User | None) -> Job | None:
    alias = kind.alias._default_manager.select_for_update().filter(pk=alias.pk).first()
    if alias is None:
        raise NamingRefused(_("It is gone."))
    holder, name = getattr(alias, kind.owner), alias.raw_name
    refuse_if_moving(kind, {holder.pk})
    if not holder.aliases.exclude(pk=alias.pk).exists():
        words = _("It is the only name of %(name)s: rename it instead.")
        raise NamingRefused(words % {"name": holder.name})
    if name == holder.name:
        raise NamingRefused(_("It is called so itself: part the others, or rename it first."))
    if _named(kind, name, holder).exists():
        words = _("There is another one named %(name)s: rename that first.")
        raise NamingRefused(words % {"name": name})
    if kind is not QUEUES:
        merges = NameMerge.objects.filter(kind=kind.slug, keeper=holder.pk, taken_back_at=None)
        for merge in merges:
            if merge.name == name or alias.pk in dict(merge.was["aliases"]):
                words = _("It came with %(name)s: take that merge back.")
                raise NamingRefused(words % {"name": merge.name})
    own = {"site": holder.site, "channel": holder.channel} if isinstance(holder, Queue) else {}
    parted = kind.rows.create(name=name, **own)
    setattr(alias, kind.owner, parted)
    alias.save(update_fields=[kind.owner])
    if user is not None:
        said = audit.values_of(parted, ())
        audit.record(user, parted, before=None, after=said, now=timezone.now())
    if kind is not QUEUES:
        return None
    words = _("%(name)s is no longer %(holder)s") % {"name": name, "holder": holder.name}
    return _parting(kind, parted.pk, holder.pk, [name], words, user, None)


def _named(kind: Kind, name: str, beside: Any) -> models.QuerySet[Any]:
    scope = {"site": beside.site} if kind is QUEUES else {}
    return kind.rows.filter(name=name, **scope)


def _restore(kind: Kind, merge: NameMerge, keeper: Any) -> None:
    """Make the loser's row again, with its key; an agent's login, number and teams return."""
    [row] = serializers.deserialize("python", [merge.was["row"]])
    loser: Any = row.object
    if isinstance(loser, Agent):
        loser.user_id = None
        if loser.employee_id and loser.employee_id == keeper.employee_id:
            # The keeper had none of its own.
            keeper.employee_id = ""
        if (login := merge.was["login"]) and keeper.user_id == login:
            keeper.user_id, loser.user_id = None, login
        keeper.save(update_fields=["employee_id", "user"])
    loser.is_new = False
    loser.save(force_insert=True)
    if kind is AGENTS:
        _return_to_teams(merge)


def _return_to_teams(merge: NameMerge) -> None:
    """The stays that the keeper took over are the loser's, and those that went with it are made
    again."""
    teams = set(Team.objects.values_list("pk", flat=True))
    for stay in merge.was["stays"]:
        taken_over = TeamMembership.objects.filter(pk=stay["pk"], agent=merge.keeper)
        if not taken_over.update(agent=merge.loser) and stay["team_id"] in teams:
            TeamMembership.objects.create(
                agent_id=merge.loser,
                team_id=stay["team_id"],
                starts_on=stay["starts_on"],
                ends_on=stay["ends_on"],
            )


def _give_aliases_back(kind: Kind, merge: NameMerge) -> list[Any]:
    """Have logs mean the loser by its names: raw names, or of agents pairs of source and name."""
    rows = kind.alias._default_manager.filter(**{kind.owner: merge.keeper})
    guessed = [pk for pk, sure in merge.was["aliases"] if not sure]
    told = models.Q(pk__in=[pk for pk, _sure in merge.was["aliases"]])
    if kind is not AGENTS:
        told |= models.Q(raw_name=merge.name)
    returned = list(rows.filter(told).values_list("pk", flat=True))
    rows = kind.alias._default_manager.filter(pk__in=returned)
    rows.update(**{kind.owner: merge.loser})
    if kind is AGENTS:
        rows.filter(pk__in=guessed).update(confirmed=False)
        return sorted(set(rows.values_list("source", "raw_name")))
    return list(rows.values_list("raw_name", flat=True))


def _parting(
    kind: Kind,
    parted: int,
    holder: int,
    names: list[Any],
    words: str,
    user: User | None,
    merge: int | None,
) -> Job:
    payload = {
        "parted": parted, "holder": holder, "names": names, "merge": merge,
        "ids": [parted, holder],
    }  # fmt: skip
    return moving(kind, payload, words, user)
