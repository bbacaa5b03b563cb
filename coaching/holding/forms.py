"""The forms of sessions, and of what is said in one."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Agent, Site, User
from ccm.structure.forms import Dressed, NameField, date_field
from coaching.access import agents_coached
from coaching.following.services import Step
from coaching.holding.reads import by_team, colleagues
from coaching.holding.services import Asked, Said
from coaching.models import Action, Session
from kpis.definitions import KPIS
from qa.models import CardCriterion

STEP_DUE = timedelta(days=14)
"""By when a step is offered to be done."""
_FIVE = [("", gettext_lazy("not said")), *((str(n), str(n)) for n in range(1, 6))]


def words_field(label: Any, most: int, *, required: bool = True, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=required,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": most}),
    )  # fmt: skip


class _Asking(Dressed, forms.Form):
    """A form against which something may speak that is for its sender to decide."""

    def ask_anyway(self) -> None:
        """Ask whether it is to be so all the same: where something was said against it, and by
        whoever answers that."""
        self.fields["anyway"] = forms.BooleanField(
            label=gettext_lazy("So be it all the same"), required=False
        )

    def warn(self, lines: Iterable[str]) -> bool:
        """Say what speaks against a valid form, unless it was said and is to be so all the same;
        whether something does."""
        told = [] if self.cleaned_data.get("anyway") else [*lines]
        if told:
            self.ask_anyway()
            self.add_error(None, told)
        return bool(told)


class _Moment(_Asking):
    """A day and a time by the site's clock, for how long and where."""

    day = date_field(label=gettext_lazy("Day"))
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": gettext_lazy("Write the time as HH:MM.")},
    )
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=480)
    place = NameField(label=gettext_lazy("Where"), max_length=160, required=False)
    about = NameField(label=gettext_lazy("About"), max_length=160, required=False)

    site: Site

    @property
    def starts_at(self) -> datetime:
        """When a valid form says that it begins."""
        said = self.cleaned_data
        return datetime.combine(said["day"], said["time"], tzinfo=self.site.tz)


class SessionForm(_Moment):
    """A new session of a site; what is put down at once (`QuickForm`) is not planned."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[(one.value, one.label) for one in Session.Kind if one not in Session.AT_ONCE],
    )
    agents = forms.ModelMultipleChoiceField(
        label=gettext_lazy("With"),
        queryset=Agent.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose whom it is with.")},
    )

    colleague = forms.ModelChoiceField(
        label=gettext_lazy("Led by, of a peer session"),
        queryset=Agent.objects.none(),
        required=False,
        empty_label=gettext_lazy("yourself"),
        help_text=gettext_lazy(
            "A colleague reads the agenda once it is shared, and nothing else of the agent."
        ),
    )

    field_order = ("kind", "agents", "colleague", "day", "time", "minutes", "place", "about")

    def __init__(
        self,
        *args: Any,
        site: Site,
        user: User,
        given: Mapping[str, Any],
        today: date,
        **more: Any,
    ) -> None:
        super().__init__(*args, **{"initial": {"minutes": 30, **given}} | more)
        self.site, self.user = site, user
        field = self.fields["agents"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = coached_at(user, site)
        leads = self.fields["colleague"]
        assert isinstance(leads, forms.ModelChoiceField)
        leads.queryset = colleagues(site).exclude(user=user)
        teams = by_team(leads.queryset, field.queryset, today)
        leads.choices = [("", leads.empty_label), *teams]
        if "anyway" in self.data:
            self.ask_anyway()
        self.dress()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        is_peer = said.get("kind") == Session.Kind.PEER
        if is_peer and not said.get("colleague"):
            self.add_error("colleague", _("Choose the colleague who leads it."))
        if said.get("colleague") and not is_peer:
            self.add_error("colleague", _("Only a peer session is led by a colleague."))
        return said

    def asked(self) -> Asked:
        """The session that a valid form asks for; its coach is who asks, or the colleague."""
        said = self.cleaned_data
        colleague = said["colleague"]
        coach = self.user if colleague is None else colleague.user
        return Asked(
            self.site, said["kind"], coach, tuple(said["agents"]), self.starts_at,
            said["minutes"], said["about"], said["place"],
        )  # fmt: skip


class QuickForm(Dressed, forms.Form):
    """A quick note about an agent, or a word with them at the desk, of just now."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[(one.value, one.label) for one in Session.AT_ONCE],
    )
    agent = forms.ModelChoiceField(
        label=gettext_lazy("Agent"), queryset=Agent.objects.none(),
        empty_label=gettext_lazy("choose"),
    )  # fmt: skip
    words = words_field(gettext_lazy("What was said"), 10_000, rows=5)
    reader = forms.ChoiceField(
        label=gettext_lazy("Who reads it"),
        choices=[
            ("shared", gettext_lazy("the agent, too")),
            ("private", gettext_lazy("you alone")),
        ],
        help_text=gettext_lazy(
            "Where you alone do, the agent reads that there was one, and nothing that you wrote."
        ),
    )
    step = NameField(
        label=gettext_lazy("A step, if you agreed on one"), max_length=300, required=False,
        help_text=gettext_lazy("The agent reads it in either case."),
    )  # fmt: skip
    due_on = date_field(label=gettext_lazy("By"), required=False)

    def __init__(
        self, *args: Any, site: Site, user: User, agent: Agent | None, today: date, **more: Any
    ) -> None:
        known = {"agent": agent, "due_on": today + STEP_DUE}
        super().__init__(*args, **{"initial": known} | more)
        whose = self.fields["agent"]
        assert isinstance(whose, forms.ModelChoiceField)
        whose.queryset = coached_at(user, site).select_related("site")
        self.dress()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("step") and not said.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Say by when."))
        return said

    def said(self) -> Said:
        """What a valid form says; a day without a step is none."""
        told = self.cleaned_data
        step = Step(told["agent"], told["step"], told["due_on"]) if told["step"] else None
        is_private = told["reader"] == "private"
        return Said(told["kind"], told["agent"], told["words"], is_private, step)


class ChangeForm(_Moment):
    """Another time or place of a planned session. `revision` is hidden."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, session: Session, **more: Any) -> None:
        at = session.starts_at.astimezone(session.site.tz)
        known = {
            "day": at.date(), "time": at.time(), "minutes": session.minutes,
            "place": session.place, "about": session.about, "revision": session.revision,
        }  # fmt: skip
        super().__init__(*args, **{"initial": known} | more)
        self.site = session.site
        if "anyway" in self.data:
            self.ask_anyway()
        self.dress()

    def has_moved(self) -> bool:
        """Whether a valid form says another time."""
        return bool({"day", "time", "minutes"} & {*self.changed_data})

    def said(self) -> dict[str, Any]:
        """What a valid form says of the session."""
        kept = {name: self.cleaned_data[name] for name in ("minutes", "place", "about")}
        return kept | {"starts_at": self.starts_at}


def coached_at(user: User, site: Site) -> QuerySet[Agent]:
    """Agents of a site whom the user coaches and who have not left."""
    return agents_coached(user).filter(site=site, left_on=None).order_by("name")


EARLY = timedelta(minutes=15)
"""A talk may begin so long before it is planned; what is told as held earlier than that is asked
about."""


class HoldForm(_Asking):
    """What was said, which the agents read. `revision` is hidden."""

    notes = words_field(gettext_lazy("Shared notes"), 10_000, required=False, rows=6)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, session: Session, **more: Any) -> None:
        known = {"notes": session.shared_notes, "revision": session.revision}
        super().__init__(*args, **{"initial": known} | more)
        self.session = session
        if "anyway" in self.data:
            self.ask_anyway()
        self.dress()

    def warn_early(self, now: datetime) -> bool:
        """Ask of a valid form whether a session was held that is not to begin yet; whether it is
        asked."""
        at = self.session.starts_at
        if at <= now + EARLY:
            return False
        when = date_format(at.astimezone(self.session.site.tz), "D j M Y H:i")
        words = _("It is planned for %(when)s, which is not yet: was it held before its time?")
        return self.warn([words % {"when": when}])


class PointForm(Dressed, forms.Form):
    """A point for the agenda. Of a coach's it says that it is not only for them."""

    title = NameField(label=gettext_lazy("What"), max_length=200)
    words = words_field(gettext_lazy("In words"), 3000, required=False, rows=2)

    def __init__(self, *args: Any, is_coachs: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        if is_coachs:
            self.fields["words"].help_text = READ_BY_AGENT
        self.dress()


READ_BY_AGENT = gettext_lazy(
    "The agent reads it with the agenda: what you alone are to think of is a private note."
)


class PrivateForm(Dressed, forms.Form):
    """What a coach keeps for themselves."""

    words = words_field(gettext_lazy("Only you read this"), 10_000, required=False, rows=4)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()


class OwnForm(Dressed, forms.Form):
    """What an agent says of themselves, as far as they wish to."""

    mood = forms.TypedChoiceField(
        label=gettext_lazy("Mood, 1 to 5"), choices=_FIVE, coerce=int, empty_value=None,
        required=False,
    )  # fmt: skip
    energy = forms.TypedChoiceField(
        label=gettext_lazy("Energy, 1 to 5"), choices=_FIVE, coerce=int, empty_value=None,
        required=False,
    )  # fmt: skip
    words = words_field(gettext_lazy("In your words"), 3000, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()


class WhyForm(Dressed, forms.Form):
    why = NameField(label=gettext_lazy("Why it is called off"), max_length=300)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()


class StepForm(Dressed, forms.Form):
    """A small step: by when, and what it is measured by."""

    words = NameField(label=gettext_lazy("Step"), max_length=300)
    due_on = date_field(label=gettext_lazy("By"))
    agent = forms.ModelChoiceField(
        label=gettext_lazy("Whose"), queryset=Agent.objects.none(), empty_label=None
    )
    kpi = forms.ChoiceField(label=gettext_lazy("KPI"), required=False)
    criterion = forms.ModelChoiceField(
        label=gettext_lazy("or criterion"), queryset=CardCriterion.objects.none(), required=False,
        empty_label=gettext_lazy("none"),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        agents: QuerySet[Agent],
        criteria: QuerySet[CardCriterion],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        whose, by = self.fields["agent"], self.fields["criterion"]
        assert isinstance(whose, forms.ModelChoiceField)
        assert isinstance(by, forms.ModelChoiceField)
        whose.queryset, by.queryset = agents, criteria
        # A select asks for its first choice once more.
        whose.choices = [(one.pk, one.name) for one in agents]
        kpi = self.fields["kpi"]
        assert isinstance(kpi, forms.ChoiceField)
        kpi.choices = [("", _("none")), *measures()]
        self.dress()

    def step(self) -> Step:
        """The step of a valid form."""
        said = self.cleaned_data
        return Step(said["agent"], said["words"], said["due_on"], said["kpi"], said["criterion"])


def measures() -> list[tuple[str, str]]:
    """KPIs that an agent has and whose changes can be told from noise, by their names."""
    return [
        (one.id, str(one.name))
        for one in KPIS.values()
        if one.default.interval != "none" and one.default.is_of_agents(one.parameters)
    ]


class EndForm(Dressed, forms.Form):
    """How a step ended. `revision` is hidden."""

    state = forms.ChoiceField(
        label=gettext_lazy("It is"),
        choices=[one for one in Action.State.choices if one[0] != Action.State.OPEN],
    )
    words = NameField(label=gettext_lazy("How it went"), max_length=500, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()
