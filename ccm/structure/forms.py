"""The forms of sites, queues, teams, agents, stays in teams and supervisors of teams. Each offers
only what its user may change."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache, partial
from itertools import groupby
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import F, Q, QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import names
from ccm.access import AGENT, SUPERVISOR, scope_of
from ccm.forms import zones
from ccm.imports.facts.money import is_code
from ccm.intervals import LATEST_BEGIN
from ccm.models import Agent, Queue, Site, Team, User
from ccm.structure import days, drawn, opening_hours
from ccm.structure import services as structure

WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
MOST_SKILLS = 50
Options = list[tuple[Any, Any]]
Words = str | Promise


class Dressed:
    """Inputs in the look of every form."""

    fields: dict[str, forms.Field]

    def dress(self) -> None:
        for name, field in self.fields.items():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
                continue
            widget.attrs["class"] = (
                "form-select" if isinstance(widget, forms.Select) else "form-control"
            )
            widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
            if name == "zone":
                widget.attrs["list"] = "zones"


class NameField(forms.CharField):
    """A name as people see it (`names.visible`); one of which they see nothing is none."""

    def to_python(self, value: Any) -> Any:
        return names.visible(super().to_python(value) or "")


def date_field(*, may_be_open: bool = False, **more: Any) -> forms.DateField:
    """A day within reach, as browsers ask for one; `may_be_open` is that of `days.reach`."""
    field = forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Write the day as YYYY-MM-DD.")},
        **more,
    )

    def in_reach(day: date) -> None:
        today = timezone.now().date()
        first, last = days.reach(today, may_be_open=may_be_open)
        if not first <= day <= last:
            raise forms.ValidationError(days.reach_words(today, may_be_open=may_be_open))

    field.validators.append(in_reach)
    return field


class SharedForm(Dressed, forms.BaseForm):
    """A form of something that others may change while it lies open.

    Its hidden field `drawn` tells what it was drawn with. What a person left alone stays as it is
    by now; where somebody else changed the same field to something else both are told, and
    nothing is kept until it is sent again.
    """

    @property
    def is_there(self) -> bool:
        """Whether it is kept already, and so somebody else may have changed it."""
        raise NotImplementedError

    @property
    def as_drawn(self) -> str:
        """What the hidden field says; nothing of what is not there yet."""
        return drawn.packed(self.written) if self.is_there else ""

    def full_clean(self) -> None:
        clashes = self._merge() if self.is_bound and self.is_there else []
        super().full_clean()
        for name in clashes:
            self.add_error(name, self.clash_words(name, self.written[name]))

    def _merge(self) -> list[str]:
        """Put what it says by now for what was left alone; the fields that clash."""
        now = self.written
        assert isinstance(self.data, MultiValueDict)
        data = MultiValueDict(self.data.lists())
        sent = {
            name: data.getlist(at) if isinstance(value, list) else data.get(at, "")
            for name, value in now.items()
            for at in [self.add_prefix(name)]
        }
        found = drawn.merged(drawn.unpacked(data.get("drawn", "")), sent, now)
        for name, value in found.written.items():
            data.setlist(self.add_prefix(name), value if isinstance(value, list) else [value])
        self.data = data
        return found.clashes

    @property
    def written(self) -> drawn.Written:
        """What it says, as a browser would send it."""
        return {
            name: _as_sent(field, self.get_initial_for_field(field, name))
            for name, field in self.fields.items()
        }

    def clash_words(self, name: str, theirs: str | list[str]) -> str:
        """That a field says something else by now, as a browser would send it, than was sent."""
        there = _in_words(self.fields[name], theirs)
        mine = _in_words(self.fields[name], self.data[self.add_prefix(name)])
        return _(
            "Somebody changed this since you opened the page: it says “%(there)s” now, you wrote "
            "“%(mine)s”. Nothing is kept yet. Save again to have yours, or write theirs."
        ) % {"there": there, "mine": mine}


class RowForm(SharedForm, forms.ModelForm):
    """A form of a row, which others may change while it lies open."""

    # What is hardly meant, in words: it is kept once the tick `sure` is sent along.
    doubts: Sequence[str] = ()
    # Fields whose clash with other rows the services tell of, by their names and with a way out.
    left_to_services: frozenset[str] = frozenset()

    @property
    def is_there(self) -> bool:
        return bool(self.instance.pk)

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | self.left_to_services

    def doubt(self, doubts: Sequence[str]) -> None:
        """Ask again before anything of this is kept; for `clean`."""
        self.doubts = doubts
        for words in () if self.data.get("sure") else doubts:
            self.add_error(None, words)


def _as_sent(field: forms.Field, value: Any) -> str | list[str]:
    """A value as the field's widget writes it, and a browser sends it; of a box "on" or nothing."""
    if isinstance(field.widget, forms.CheckboxInput):
        return "on" if value else ""
    written = field.widget.format_value(field.prepare_value(value))
    if isinstance(field.widget, forms.SelectMultiple | forms.CheckboxSelectMultiple):
        return [str(one) for one in written]
    if isinstance(written, list):
        written = written[0] if written else ""
    return "" if written is None else str(written)


def _in_words(field: forms.Field, written: str | list[str]) -> str:
    """What was sent, as the form shows it."""
    if isinstance(field.widget, forms.Select):
        for value, words in field.widget.choices:
            if str(value) == written:
                return str(words)
    return str(written) or _("nothing")


class HoursForm(RowForm):
    """A form of something with a week of opening hours, one line a day.

    `hours_field` names the JSON field that the week is kept in.
    """

    hours_field = ""
    # What its lines are, how they are written, and what it means that all are empty.
    week_words: Words = gettext_lazy("Opening hours")
    week_hint: Words = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = getattr(self.instance, self.hours_field)
        for day, words in enumerate(WEEKDAYS):
            self.fields[f"day{day}"] = forms.CharField(
                label=words,
                required=False,
                max_length=120,
                initial=opening_hours.written(kept.get(str(day), [])),
            )

    @property
    def week(self) -> list[forms.BoundField]:
        return [self[f"day{day}"] for day in range(7)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        hours = {}
        for day in range(7):
            try:
                found = opening_hours.spells(said.get(f"day{day}") or "")
            except ValueError as wrong:
                self.add_error(
                    f"day{day}",
                    _("%(stretch)s is no stretch of a day. Write 09:00-12:30, 13:30-18:00; a night "
                      "as two days' stretches, until 24:00 and from 00:00.")
                    % {"stretch": str(wrong)},
                )  # fmt: skip
            else:
                if found:
                    hours[str(day)] = found
        setattr(self.instance, self.hours_field, hours)
        return said


class CapitalsField(forms.CharField):
    """A code in capital letters, however it was typed."""

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").upper()


class ZoneField(forms.CharField):
    """A zone's name as IANA writes it, whatever the case it was typed in."""

    def to_python(self, value: Any) -> Any:
        said = super().to_python(value) or ""
        return next((one for one in zones() if one.casefold() == said.casefold()), said)


@cache
def countries() -> frozenset[str]:
    """The countries whose holidays are known, by their codes of ISO 3166."""
    # Slow to load, and of use to this one form.
    from holidays.registry import EntityLoader

    return frozenset(EntityLoader.get_country_codes(include_aliases=False))


class SiteForm(HoursForm):
    """A site. Another zone or beginning of its days for one with calls is asked for twice: its
    days move."""

    hours_field = "opening"
    week_hint = gettext_lazy("As 09:00-12:30, 13:30-18:00. A whole week left empty: always open.")
    left_to_services = frozenset({"name"})
    zones = staticmethod(zones)
    days_move = forms.BooleanField(required=False)

    class Meta:
        model = Site
        fields = ("name", "zone", "day_begins", "country", "region", "currency")
        field_classes = {
            "name": NameField,
            "zone": ZoneField,
            "country": CapitalsField,
            "region": CapitalsField,
            "currency": CapitalsField,
        }
        help_texts = {
            "zone": gettext_lazy("An IANA name, for instance Europe/London."),
            "day_begins": gettext_lazy("At 06:00 a night shift lies in the day of its evening."),
            "country": gettext_lazy("Two letters of ISO 3166, for its holidays."),
            "region": gettext_lazy("Part of the country with holidays of its own, as BY or SCT."),
            "currency": gettext_lazy("Three letters of ISO 4217, as EUR."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days_before = self.instance.zone, self.instance.day_begins
        self.fields["day_begins"] = forms.TypedChoiceField(
            label=_("Its days begin at"),
            choices=[(hour, f"{hour:02}:00") for hour in range(LATEST_BEGIN + 1)],
            coerce=int,
            empty_value=None,
            required=False,
            help_text=self.fields["day_begins"].help_text,
        )
        for name, form, words in (
            ("country", r"[A-Z]{2}", _("Write two letters, as GB.")),
            ("region", r"[A-Z0-9]{1,8}", _("Write up to eight letters and digits.")),
            ("currency", r"[A-Z]{3}", _("Write three letters, as EUR.")),
        ):
            self.fields[name].validators.append(RegexValidator(re.compile(rf"{form}\Z"), words))
        self.fields["days_move"].label = _(
            "Have days begin elsewhere: count all days of this site anew"
        )
        self.dress()

    @property
    def asks_again(self) -> bool:
        """Whether the tick for other days is to be shown: only where something depends on them."""
        return "days_move" in self.errors

    @property
    def plain(self) -> list[forms.BoundField]:
        return [self[name] for name in self.Meta.fields]

    def clean_day_begins(self) -> int:
        hour: int | None = self.cleaned_data["day_begins"]
        return self.days_before[1] if hour is None else hour

    def clean_country(self) -> str:
        code: str = self.cleaned_data["country"]
        if code and code not in countries():
            raise forms.ValidationError(_("There is no such country. Write its code, as GB."))
        return code

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"]
        if code and not is_code(code):
            raise forms.ValidationError(_("There is no such currency. Write its code, as EUR."))
        return code

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        told = said.get("zone"), said.get("day_begins")
        other = self.instance.pk and None not in told and told != self.days_before
        if other and not said.get("days_move") and structure.has_calls(self.instance):
            self.add_error(
                "days_move",
                _("This site has calls. They stay at their moments, but its days will begin at "
                  "%(hour)s of %(zone)s: every figure by day changes. Say that you want that.")
                % {"zone": told[0], "hour": f"{told[1]:02}:00"},
            )  # fmt: skip
        return said


class OfSiteForm(RowForm):
    """A form of something at a site, which is chosen once: when it is made. Once it is chosen the
    fields `of_site`, which offer what is of the site, are drawn again, and no others: people type
    meanwhile."""

    of_site: Sequence[str] = ()
    # What else of the page is drawn again with them, by its id.
    beside_of_site: Sequence[str] = ()
    sites_of = staticmethod(lambda user: Site.objects.managed_by(user))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = self.sites_of(user)
        if self.instance.pk:
            del self.fields["site"]
        else:
            choice = self.fields["site"]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = sites
            # With several sites to choose from none is chosen for anybody.
            choice.empty_label = None if len(sites[:2]) == 1 else _("choose")
            choice.error_messages["invalid_choice"] = _("There is no such site within your reach.")
            drawn_again = [
                f"{str(self.auto_id) % self.add_prefix(name)}_field"
                for name in self.of_site
                if name in self.fields
            ]
            if drawn_again := [*drawn_again, *self.beside_of_site]:
                choice.widget.attrs |= {
                    "hx-get": "",
                    "hx-trigger": "change",
                    "hx-swap": "none",
                    "hx-sync": "this:replace",
                    # A bound field keeps the hint that it is made with, and these may get another.
                    "hx-select-oob": ",".join(f"#{one}" for one in drawn_again),
                }
        self.user = user
        self.chosen_site = self._chosen(sites)

    def _chosen(self, sites: QuerySet[Site]) -> int | None:
        """The site that what is offered is to be of: the row's, the one that is sent or asked for,
        the only one; None: not known yet."""
        if self.instance.pk:
            its: int = self.instance.site_id
            return its
        reachable: list[int | None] = list(sites.values_list("pk", flat=True))
        wanted = self.data.get("site") if self.is_bound else self.initial.get("site")
        chosen = [one for one in reachable if str(one) == str(wanted)]
        [only] = chosen or (reachable if len(reachable) == 1 else [None])
        return only

    def _get_validation_exclusions(self) -> set[str]:
        """The site of a row that is there takes part in what must never be false."""
        return super()._get_validation_exclusions() - ({"site"} if self.instance.pk else set())

    @property
    def plain(self) -> list[forms.BoundField]:
        hours = {f"day{day}" for day in range(7)}
        return [self[name] for name in self.fields if name not in hours]


def offer(
    choice: forms.ModelChoiceField,
    rows: QuerySet[Any],
    site: int | None,
    nothing: str,
    *,
    by_team: bool = True,
) -> None:
    """Offer the rows of a site; where none is chosen yet, those of every site under its name.
    Agents stand by the team that they are in today, or all of a site by their names.

    What is sent of another site is found all the same, so that the form can say what is wrong.
    """
    ordered = rows.select_related("site").order_by("site__name", "name")
    choice.queryset = ordered
    choice.choices = partial(_options, ordered, site, nothing, by_team=by_team)
    choice.error_messages["invalid_choice"] = _("There is no such one within your reach.")


def _options(rows: QuerySet[Any], site: int | None, nothing: str, *, by_team: bool) -> Options:
    blank: Options = [("", nothing)]
    here = rows if site is None else rows.filter(site=site)
    if rows.model is Agent and by_team:
        teams = F("team_name").asc(nulls_last=True)
        here = here.with_team(timezone.now()).order_by("site__name", teams, "name")  # type: ignore[attr-defined]
    every = list(here)
    has_teams = rows.model is Agent and by_team and any(one.team_name for one in every)
    if site is not None and not has_teams:
        return blank + [(one.pk, str(one)) for one in every]

    def heading(one: Any) -> str:
        team = (one.team_name or _("in no team")) if has_teams else ""
        return " · ".join(word for word in ("" if site else str(one.site), team) if word)

    grouped = groupby(every, key=heading)
    return blank + [(at, [(one.pk, str(one)) for one in its]) for at, its in grouped]


class QueueForm(OfSiteForm, HoursForm):
    hours_field = "hours"
    week_hint = gettext_lazy("As 09:00-12:30, 13:30-18:00. A whole week left empty: as its site.")
    left_to_services = frozenset({"name"})

    class Meta:
        model = Queue
        fields = ("name", "site", "channel")
        field_classes = {"name": NameField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("Logs go on with their own name for it.")
        self.dress()


class TeamForm(OfSiteForm):
    left_to_services = frozenset({"name"})

    class Meta:
        model = Team
        fields = ("name", "site")
        field_classes = {"name": NameField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()


class AgentForm(OfSiteForm):
    of_site = ("user",)
    employee_id = forms.CharField(
        label=gettext_lazy("Employee id"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("The employer's own key for the person, by which lists find them."),
    )
    skills = forms.CharField(
        label=gettext_lazy("Skills"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("With commas between them."),
    )
    hired_on = date_field(label=gettext_lazy("Hired on"), required=False)
    left_on = date_field(may_be_open=True, label=gettext_lazy("Left on"), required=False)

    class Meta:
        model = Agent
        fields = (
            "name", "site", "employee_id", "user", "skills", "contract_hours", "hired_on",
            "left_on", "left_reason",
        )  # fmt: skip
        field_classes = {"name": NameField}
        labels = {
            "user": gettext_lazy("Username"),
            "contract_hours": gettext_lazy("Hours a week"),
            "left_reason": gettext_lazy("Reason for leaving"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["skills"] = ", ".join(self.instance.skills)
        login = self.fields["user"]
        assert isinstance(login, forms.ModelChoiceField)
        _offer(login, self.user, AGENT, self.instance.user_id, self.chosen_site, agent=None)
        self.fields["user"].help_text = _("Whoever signs in with it sees this agent's own page.")
        hours = self.fields["contract_hours"]
        assert isinstance(hours, forms.DecimalField)
        hours.min_value, hours.max_value = 0, 168
        hours.widget.attrs |= {"min": 0, "max": 168}
        self.dress()

    def clean_contract_hours(self) -> Any:
        hours = self.cleaned_data["contract_hours"]
        if hours is not None and not 0 <= hours <= 168:
            raise forms.ValidationError(_("A week has 168 hours."))
        return hours

    def clean_skills(self) -> list[str]:
        told = [one.strip() for one in self.cleaned_data["skills"].split(",")]
        skills = list(dict.fromkeys(one for one in told if one))
        if len(skills) > MOST_SKILLS or any(len(one) > 60 for one in skills):
            raise forms.ValidationError(
                _("At most %(count)d skills of 60 characters.") % {"count": MOST_SKILLS}
            )
        return skills

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if days.is_backwards(said.get("hired_on"), said.get("left_on")):
            self.add_error("left_on", str(days.LEAVES_FIRST))
        if said.get("left_reason") and not said.get("left_on") and "left_on" not in self.errors:
            self.add_error("left_on", _("Say first when they left."))
        return said


def _offer(
    choice: forms.ModelChoiceField,
    user: User,
    role: str,
    current: int | None,
    site: int | None,
    **fits: Any,
) -> None:
    """Offer people of a role whom `fits` holds for, and whoever it is now: those of a site, or of
    all that the user manages where none is chosen yet."""
    people: QuerySet[User] = User.objects.filter(groups__name=role, is_active=True)
    if site is not None:
        people = people.filter(sites=site)
    scope = scope_of(user)
    if not scope.everything:
        people = people.filter(sites__in=scope.managed_sites)
    fit = User.objects.filter(pk__in=people.values("pk"), **fits).values("pk")
    choice.queryset = User.objects.filter(Q(pk__in=fit) | Q(pk=current)).order_by("username")
    choice.empty_label = _("nobody")
    choice.error_messages["invalid_choice"] = _(
        "There is no such person at this site within your reach."
    )


class _WithNone(ModelChoiceIterator):
    """The choices of an `OrNone`: nothing chosen yet, none, and the rows."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        assert isinstance(self.field, OrNone)
        rows = super().__iter__()
        yield next(rows)
        yield OrNone.NONE, self.field.none_words
        yield from rows


class OrNone(forms.ModelChoiceField):
    """A row, or none, which is chosen too: what was left alone says neither."""

    NONE = "none"
    iterator = _WithNone

    def __init__(self, none_words: Words, **kwargs: Any) -> None:
        self.none_words = none_words
        super().__init__(Team.objects.none(), empty_label=gettext_lazy("choose"), **kwargs)

    def clean(self, value: Any) -> Any:
        """The row; None where none was chosen."""
        return None if value == self.NONE else super().clean(value)


class StayForm(Dressed, forms.Form):
    """From when an agent is in which team of the site, or in none."""

    team = OrNone(
        gettext_lazy("no team"),
        label=gettext_lazy("Team"),
        error_messages={"required": gettext_lazy("Choose a team, or no team.")},
    )
    since = date_field(label=gettext_lazy("From"))

    def __init__(self, *args: Any, agent: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["team"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Team.objects.filter(site=agent.site_id)
        choice.error_messages["invalid_choice"] = _("There is no such team at this site.")
        self.dress()


class LeadForm(Dressed, forms.Form):
    """From when a team is led by whom, or by nobody."""

    supervisor = OrNone(
        gettext_lazy("nobody"),
        label=gettext_lazy("Supervisor"),
        help_text=gettext_lazy("Sees this team's people and calls."),
        error_messages={"required": gettext_lazy("Choose a supervisor, or nobody.")},
    )
    since = date_field(label=gettext_lazy("From"))

    def __init__(self, *args: Any, user: User, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["supervisor"]
        assert isinstance(choice, forms.ModelChoiceField)
        _offer(choice, user, SUPERVISOR, None, team.site_id)
        choice.empty_label = _("choose")
        self.dress()
