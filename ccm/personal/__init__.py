"""What the record holds of a person, kind by kind.

Each app says of every model of its own either how its rows are about people (`Held`), that they are
about nobody, or that nobody is shown them and why. *My data* and its file are made of that, so that
a model of which nothing is said is missed by a test and not by a person.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Model, Q, TextChoices
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent

Words = str | Promise
About = Callable[[Agent], Q]


def of_agent(*lookups: str) -> About:
    """Rows that lead to the agent by one of these."""
    return lambda agent: _any(lookups, agent.pk)


def of_user(*lookups: str) -> About:
    """Rows that lead to the agent's account by one of these; none where there is no account."""
    return lambda agent: _any(lookups, agent.user_id) if agent.user_id else Q(pk__in=[])


def _any(lookups: Collection[str], number: int) -> Q:
    found = Q()
    for lookup in lookups:
        found |= Q(**{lookup: number})
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of a model that are about a person: those of `about`, told as `title`, and `why` they
    are there. `at` is the field that says of when they are ("": of no time).

    `shown` are those of them that the person reads now, and `later` says when, or why not, the
    others; `without` are fields that are secrets, or of the machine alone, and `in_file` those that
    only the file has, for they tell a person nothing that its other fields do not.
    """

    model: type[Model]
    title: Words
    why: Words
    about: About
    at: str = ""
    shown: Q | None = None
    later: Words = ""
    without: Collection[str] = ()
    in_file: Collection[str] = ()

    @property
    def name(self) -> str:
        """Its name: "ccm.call"."""
        return self.model._meta.label_lower

    @property
    def url(self) -> str:
        """Where its rows are read."""
        meta = self.model._meta
        return reverse("my_data_kind", args=[meta.app_label, meta.model_name])


class Lasts(TextChoices):
    """How long the rows of a table are kept."""

    CALLS = "calls", _("As calls: until retention removes them")
    STATES = "states", _("As what agents did when: until retention removes it")
    TRANSCRIPTS = "transcripts", _("As transcripts: until retention removes them")
    COUNTS = "counts", _("Counts: kept when what was counted is gone")
    PEOPLE = "people", _("Until somebody removes it, or erases the person")
    AUDIT = "audit", _("Kept: retention does not reach the log of changes")
    SHORT = "short", _("For a while, and then it goes by itself")
    RULES = "rules", _("Until somebody changes or removes it")


@dataclass(frozen=True, slots=True)
class Kept:
    """Of a table: how long its rows last, and the names of its columns of text, binaries and
    values with parts (by blanks): those that may tell of `callers`, of `staff` (whoever works
    here), and `plain` ones, which tell of nobody. One may be of both."""

    lasts: Lasts
    callers: str = ""
    staff: str = ""
    plain: str = ""


@dataclass(slots=True)
class Told:
    """What an app says of its models, by their labels ("ccm.call"), under a title."""

    title: Words
    held: list[Held]
    of_nobody: Collection[str] = ()
    kept_back: Mapping[str, Words] = field(default_factory=dict)
    """Of people, and shown to nobody but who wrote it: each with the reason."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """The name of the page of a row, by the label of its model."""
    kept: Mapping[str, Kept] = field(default_factory=dict)
    """How long each is kept, and of whom its columns tell, by the label of its model."""


_told: list[Told] = []


def register(told: Told) -> None:
    """Add what an app says, when a process begins."""
    if told not in _told:
        _told.append(told)


def everything() -> Iterator[tuple[Words, Held]]:
    """Each kind with the title that it stands under, app by app."""
    return ((told.title, held) for told in _told for held in told.held)


def kept_back() -> list[Words]:
    """What nobody is shown, in words."""
    return [words for told in _told for words in told.kept_back.values()]


def page_of(label: str) -> str:
    """The name of the page of a model's rows; "": they have none."""
    return next((told.pages[label] for told in _told if label in told.pages), "")


def labels() -> list[str]:
    """The models that something is said of, by label, each as often as it is."""
    return [
        label
        for told in _told
        for label in (*{held.name for held in told.held}, *told.of_nobody, *told.kept_back)
    ]


def told() -> Iterator[Told]:
    """What each app says."""
    return iter(_told)


def kept(label: str) -> Kept:
    """How long the rows of a model last, and of whom its columns tell. Raises KeyError for one of
    which nothing is said."""
    for one in _told:
        if label in one.kept:
            return one.kept[label]
    raise KeyError(label)
