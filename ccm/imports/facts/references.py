"""What the words of a list name at a site: queues, teams, agents and people who sign in.

Nothing is made and nothing guessed: a word that names nobody, or several, is refused. Read once
for a stretch of a list.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from django.db.models import F
from django.utils.translation import gettext as _

from ccm.access import AGENT, SUPERVISOR
from ccm.imports.storing.names import extension
from ccm.models import Agent, AgentAlias, Queue, QueueAlias, Site, Team, User


class Unfit(Exception):
    """A fact that cannot be kept: which of its columns is wrong, by what rule, and why in words."""

    def __init__(self, target: str, rule: str, message: str) -> None:
        super().__init__(message)
        self.target, self.rule, self.message = target, rule, message


def folded(words: str) -> str:
    """A name for comparing: whatever its case and the space in it."""
    return " ".join(words.split()).casefold()


class References:
    """The names there are at one site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def queue(self, words: str | None, target: str = "queue") -> int | None:
        """The queue of a name, its own or one that logs write; None for no name.

        Raises Unfit where there is none.
        """
        if words is None:
            return None
        found = self.queues.get(folded(words))
        if found is None:
            raise Unfit(target, "unknown", _("There is no queue of this name at the site."))
        return found

    def team(self, words: str | None) -> int | None:
        """The team of a name; None for no name. Raises Unfit where there is none."""
        if words is None:
            return None
        found = self.teams.get(folded(words))
        if found is None:
            raise Unfit("team", "unknown", _("There is no team of this name at the site."))
        return found

    def agent(self, words: str | None) -> int | None:
        """The agent whom a word names: by employee id, login or e-mail, name in a log, or name, in
        this order; None for no word.

        Raises Unfit where it names nobody, or several alike.
        """
        if words is None:
            return None
        wanted = folded(words)
        for known in (self.by_employee_id, self.by_login, self.by_alias, self.by_name):
            if found := known.get(wanted):
                if len(found) > 1:
                    message = _("Several agents are so called: name the employee id.")
                    raise Unfit("agent", "several", message)
                return next(iter(found))
        raise Unfit("agent", "unknown", _("There is no such agent at the site."))

    @cached_property
    def queues(self) -> dict[str, int]:
        aliases = QueueAlias.objects.filter(site=self.site).values_list("raw_name", "queue_id")
        named = Queue.objects.filter(site=self.site).values_list("name", "pk")
        return {folded(name): pk for name, pk in (*aliases, *named)}

    @cached_property
    def teams(self) -> dict[str, int]:
        named = Team.objects.filter(site=self.site).values_list("name", "pk")
        return {folded(name): pk for name, pk in named}

    @cached_property
    def agents(self) -> dict[int, Agent]:
        found = Agent.objects.filter(site=self.site).select_related("user")
        return {agent.pk: agent for agent in found}

    @cached_property
    def by_employee_id(self) -> dict[str, set[int]]:
        return _gathered((one.employee_id, pk) for pk, one in self.agents.items())

    @cached_property
    def by_name(self) -> dict[str, set[int]]:
        return _gathered((one.name, pk) for pk, one in self.agents.items())

    @cached_property
    def by_login(self) -> dict[str, set[int]]:
        return _gathered(
            (word, pk)
            for pk, one in self.agents.items()
            if one.user is not None
            for word in (one.user.username, one.user.email)
        )

    @cached_property
    def by_alias(self) -> dict[str, set[int]]:
        """Agents by what logs call them, whole and by the extension in it. Of a name that was
        handed on the last holder's."""
        aliases = AgentAlias.objects.filter(agent__site=self.site)
        last = {
            (source, raw): agent
            for source, raw, agent in aliases.order_by(
                F("valid_from").asc(nulls_first=True), "pk"
            ).values_list("source", "raw_name", "agent_id")
        }
        return _gathered(
            (word, agent) for (_source, raw), agent in last.items()
            for word in (raw, extension(raw) or "")
        )  # fmt: skip

    def supervisor(self, words: str) -> int | None:
        """Somebody of the site with the role, by login, e-mail or full name, if it is one."""
        return _only(self.supervisors.get(folded(words)))

    def login(self, words: str) -> int | None:
        """The login of an agent of the site, by user name or e-mail, if it is one."""
        return _only(self.logins.get(folded(words)))

    @cached_property
    def supervisors(self) -> dict[str, set[int]]:
        return _gathered(
            (word, user.pk)
            for user in self._users(SUPERVISOR)
            for word in (user.username, user.email, user.get_full_name())
        )

    @cached_property
    def logins(self) -> dict[str, set[int]]:
        return _gathered(
            (word, user.pk) for user in self._users(AGENT) for word in (user.username, user.email)
        )

    def _users(self, role: str) -> Iterable[User]:
        return User.objects.filter(groups__name=role, sites=self.site, is_active=True)


def _gathered(pairs: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    """The ids by folded word; of empty words none."""
    made: dict[str, set[int]] = defaultdict(set)
    for word, pk in pairs:
        if word:
            made[folded(word)].add(pk)
    return made


def _only(found: set[int] | None) -> int | None:
    return next(iter(found)) if found is not None and len(found) == 1 else None
