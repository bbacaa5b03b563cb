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


class Known:
    """Rows by what they are called: as written, else whatever the case and the space in it."""

    def __init__(self, pairs: Iterable[tuple[str, int]] = ()) -> None:
        self._written: dict[str, set[int]] = defaultdict(set)
        self._folded: dict[str, set[int]] = defaultdict(set)
        for word, pk in pairs:
            self.add(word, pk)

    def add(self, word: str, pk: int) -> None:
        """Know a row by a word more; an empty one says nothing."""
        if word:
            self._written[word].add(pk)
            self._folded[folded(word)].add(pk)

    def written(self, word: str) -> set[int]:
        """The rows that are called exactly so."""
        return self._written.get(word, set())

    def alike(self, word: str) -> set[int]:
        """The rows that are called so but for case and space."""
        return self._folded.get(folded(word), set())

    def of(self, word: str) -> set[int]:
        """The rows that a word means: those so written stand before those alike."""
        return self.written(word) or self.alike(word)


class References:
    """The names there are at one site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def queue(self, words: str | None, target: str = "queue") -> int | None:
        """The queue of a name, its own or one that logs write; None for no name.

        Raises Unfit where there is none, and where it could be several.
        """
        if words is None:
            return None
        found = self.queue_there(words, target)
        if found is None:
            raise Unfit(target, "unknown", _("There is no queue of this name at the site."))
        return found

    def queue_there(self, words: str, target: str = "queue") -> int | None:
        """The queue that a name means, as written before alike, a queue's own name before a
        log's; None: there is none. Raises Unfit where it could be several."""
        own, logged = self.queues, self.queue_aliases
        found = (
            own.written(words) or logged.written(words) or own.alike(words) or logged.alike(words)
        )
        return _one(found, target, _("Queues differ from it in case alone: write it as one does."))

    def team(self, words: str | None) -> int | None:
        """The team of a name; None for no name.

        Raises Unfit where there is none, and where it could be several.
        """
        if words is None:
            return None
        found = self.team_there(words)
        if found is None:
            raise Unfit("team", "unknown", _("There is no team of this name at the site."))
        return found

    def team_there(self, words: str) -> int | None:
        """The team that a name means; None: there is none. Raises Unfit where it could be
        several."""
        message = _("Teams differ from it in case alone: write it as one does.")
        return _one(self.teams.of(words), "team", message)

    def agent(self, words: str | None) -> int | None:
        """The agent whom a word names: by employee id, login or e-mail, name in a log, or name, in
        this order; None for no word.

        Raises Unfit where it names nobody, or several alike.
        """
        if words is None:
            return None
        for known in (self.by_employee_id, self.by_login, self.by_alias, self.by_name):
            if found := known.of(words):
                if len(found) > 1:
                    message = _("Several agents are so called: name the employee id.")
                    raise Unfit("agent", "several", message)
                return next(iter(found))
        raise Unfit("agent", "unknown", _("There is no such agent at the site."))

    @cached_property
    def queues(self) -> Known:
        return Known(Queue.objects.filter(site=self.site).values_list("name", "pk"))

    @cached_property
    def queue_aliases(self) -> Known:
        named = QueueAlias.objects.filter(site=self.site)
        return Known(named.values_list("raw_name", "queue_id"))

    @cached_property
    def teams(self) -> Known:
        return Known(Team.objects.filter(site=self.site).values_list("name", "pk"))

    @cached_property
    def agents(self) -> dict[int, Agent]:
        found = Agent.objects.filter(site=self.site).select_related("user")
        return {agent.pk: agent for agent in found}

    @cached_property
    def by_employee_id(self) -> Known:
        return Known((one.employee_id, pk) for pk, one in self.agents.items())

    @cached_property
    def by_name(self) -> Known:
        return Known((one.name, pk) for pk, one in self.agents.items())

    @cached_property
    def by_login(self) -> Known:
        return Known(
            (word, pk)
            for pk, one in self.agents.items()
            if one.user is not None
            for word in (one.user.username, one.user.email)
        )

    @cached_property
    def by_alias(self) -> Known:
        """Agents by what logs call them, whole and by the extension in it. Of a name that was
        handed on the last holder's."""
        aliases = AgentAlias.objects.filter(agent__site=self.site)
        last = {
            (source, raw): agent
            for source, raw, agent in aliases.order_by(
                F("valid_from").asc(nulls_first=True), "pk"
            ).values_list("source", "raw_name", "agent_id")
        }
        return Known(
            (word, agent) for (_source, raw), agent in last.items()
            for word in (raw, extension(raw) or "")
        )  # fmt: skip

    def supervisor(self, words: str) -> int | None:
        """Somebody of the site with the role, by login, e-mail or full name, if it is one."""
        return _only(self.supervisors.of(words))

    def login(self, words: str) -> int | None:
        """The login of an agent of the site, by user name or e-mail, if it is one."""
        return _only(self.logins.of(words))

    @cached_property
    def supervisors(self) -> Known:
        return Known(
            (word, user.pk)
            for user in self._users(SUPERVISOR)
            for word in (user.username, user.email, user.get_full_name())
        )

    @cached_property
    def logins(self) -> Known:
        return Known(
            (word, user.pk) for user in self._users(AGENT) for word in (user.username, user.email)
        )

    def _users(self, role: str) -> Iterable[User]:
        return User.objects.filter(groups__name=role, sites=self.site, is_active=True)


def _one(found: set[int], target: str, several: str) -> int | None:
    """The one that was found, if any was. Raises Unfit with the words for several."""
    if len(found) > 1:
        raise Unfit(target, "several", several)
    return next(iter(found), None)


def _only(found: set[int]) -> int | None:
    return next(iter(found)) if len(found) == 1 else None
