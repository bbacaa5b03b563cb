"""The forms of costs, targets, headcounts, sales, absences and paid time. Each offers only what its
user may change, and asks again where what is written is hardly meant."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.access import ROLES
from ccm.imports.facts.money import is_code
from ccm.imports.storing.links import calls_called
from ccm.intervals import DAY
from ccm.masking import masked
from ccm.models import (
    Agent,
    Cost,
    Headcount,
    Leave,
    PaidTime,
    Queue,
    Sale,
    Site,
    Target,
    Team,
    User,
)
from ccm.navigation import ROLE_WORDS
from ccm.plans import aims
from ccm.plans.kinds import Kinds
from ccm.structure.forms import OfSiteForm, RowForm, date_field, offer

# Contracts are told of years ahead, but begin sooner; time is paid once it is worked, or planned.
COST_AHEAD = timedelta(days=366)
PAID_AHEAD = timedelta(days=62)

# As many kinds of absences are offered; others can be written all the same.
_MOST_KINDS = 50

_OF_A_SITE: dict[str, Any] = {"queue": Queue, "team": Team, "agent": Agent}


class PlanForm(OfSiteForm):
    """A form of something at a site, perhaps of one of its queues, teams or agents."""

    of_site = tuple(_OF_A_SITE)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        for name, model in _OF_A_SITE.items():
            if name in self.fields:
                choice = self.fields[name]
                assert isinstance(choice, forms.ModelChoiceField)
                rows = model.objects.managed_by(user)
                offer(choice, rows, self.chosen_site, _("none in particular"))
        self.dress()

    @property
    def site(self) -> Site | None:
        """The row's site: the one that is chosen, if any is yet."""
        chosen: Site | None = self.instance.site if self.instance.pk else None
        return chosen or self.cleaned_data.get("site")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        site = self.site
        for name in _OF_A_SITE:
            one = said.get(name)
            if one is not None and site is not None and one.site_id != site.pk:
                words = _("%(name)s is of another site: %(site)s.")
                self.add_error(name, words % {"name": one, "site": one.site})
        return said


def _today() -> date:
    return timezone.now().date()


def _spelled(rows: QuerySet[Any], words: str, form: forms.ModelForm) -> str:
    """A kind as the other rows spell it."""
    others = rows.exclude(pk=form.instance.pk).order_by("kind")
    return Kinds(others.values_list("kind", flat=True).distinct()).spelled(words)


class MoneyForm(PlanForm):
    """Money in a currency, the site's where none is said, perhaps with a reference."""

    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        required=False,
        max_length=3,
        help_text=gettext_lazy("Three letters of ISO 4217, as EUR. Empty: the site's."),
    )

    def clean_reference(self) -> str:
        return masked(self.cleaned_data["reference"], cards_only=True)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        site = self.site
        code = (said.get("currency") or "").upper() or (site.currency if site else "")
        if code and not is_code(code):
            self.add_error("currency", _("There is no such currency. Write three letters, as EUR."))
        elif not code and site is not None:
            self.add_error("currency", _("The site has no currency: name one."))
        said["currency"] = code
        return said


class CostForm(MoneyForm):
    first_on = date_field(label=gettext_lazy("First day"))
    last_on = date_field(label=gettext_lazy("Last day"))

    class Meta:
        model = Cost
        fields = (
            "site", "kind", "queue", "agent", "first_on", "last_on", "amount", "currency",
            "reference", "note",
        )  # fmt: skip
        help_texts = {
            "kind": gettext_lazy("As salaries, telephony, licences."),
            "amount": gettext_lazy("Of the whole period."),
            "reference": gettext_lazy("Tells apart two costs of one kind and period."),
        }

    def clean_kind(self) -> str:
        return _spelled(Cost.objects.filter(site=self.site), self.cleaned_data["kind"], self)

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        amount, begins = said.get("amount"), said.get("first_on")
        doubts = []
        if amount is not None and amount < 0 and "amount" in self.changed_data:
            doubts.append(_("An amount below 0 is money that came back: is that meant?"))
        if begins and begins > _today() + COST_AHEAD and "first_on" in self.changed_data:
            doubts.append(_("It begins in %(year)d: is that meant?") % {"year": begins.year})
        self.doubt(doubts)
        return said


class SaleForm(MoneyForm):
    sold_on = date_field(label=gettext_lazy("Day"), required=False)

    class Meta:
        model = Sale
        fields = (
            "site", "agent", "sold_on", "call_ref", "value", "pipeline_value", "currency",
            "reference",
        )  # fmt: skip
        help_texts = {
            "call_ref": gettext_lazy("As the phone system writes it. Else an agent and a day."),
            "pipeline_value": gettext_lazy("What may yet be sold."),
            "reference": gettext_lazy("Tells apart two sales of an agent on a day."),
        }

    def clean_sold_on(self) -> date | None:
        day: date | None = self.cleaned_data["sold_on"]
        # Somewhere it is tomorrow already.
        if day and day > _today() + DAY:
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        ref, site = said.get("call_ref"), self.site
        doubts = []
        if ref and site and "call_ref" in self.changed_data and not calls_called({ref}, site):
            words = _("No call %(id)s of %(site)s is on record. Kept, the sale waits for it.")
            doubts.append(words % {"id": ref, "site": site})
        self.doubt(doubts)
        return said


def _agents(user: User, row: Leave | PaidTime) -> QuerySet[Any]:
    """Whose a row may be: one that is there stays at its site."""
    every: Any = Agent.objects
    kept = every.absences_kept_by if isinstance(row, Leave) else every.managed_by
    rows: QuerySet[Any] = kept(user)
    return rows.filter(site=row.agent.site_id) if row.pk else rows


class OfAgentForm(RowForm):
    """A form of something of an agent."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["agent"]
        assert isinstance(choice, forms.ModelChoiceField)
        site = self.instance.agent.site_id if self.instance.pk else self.initial.get("site")
        offer(choice, _agents(user, self.instance), site, _("choose"))
        self.dress()

    @property
    def plain(self) -> list[forms.BoundField]:
        return list(self)


class LeaveForm(OfAgentForm):
    first_on = date_field(label=gettext_lazy("First day"))
    last_on = date_field(
        may_be_open=True,
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Empty: not known yet."),
    )

    class Meta:
        model = Leave
        fields = ("agent", "kind", "first_on", "last_on")
        labels = {"agent": gettext_lazy("Agent")}
        help_texts = {
            "kind": gettext_lazy("One of those that were used before, or another one: illness.")
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["kind"].widget.attrs["list"] = "kinds"
        kept = Leave.objects.managed_by(user).order_by("kind")
        self.kinds = list(kept.values_list("kind", flat=True).distinct()[:_MOST_KINDS])

    def clean_kind(self) -> str:
        agent = self.cleaned_data.get("agent")
        there = Leave.objects.filter(agent__site=agent.site_id if agent else None)
        return _spelled(there, self.cleaned_data["kind"], self)


class PaidForm(OfAgentForm):
    day = date_field(label=gettext_lazy("Day"))

    class Meta:
        model = PaidTime
        fields = ("agent", "day", "minutes")
        labels = {"agent": gettext_lazy("Agent")}
        help_texts = {"minutes": gettext_lazy("Worked or not: 450 are seven and a half hours.")}
        error_messages = {
            "minutes": {
                "min_value": gettext_lazy("Nobody is paid for less than 0 minutes."),
                "max_value": gettext_lazy("No day has so many minutes."),
            }
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        day = said.get("day")
        doubts = []
        if day and day > _today() + PAID_AHEAD and "day" in self.changed_data:
            words = _("%(day)s is more than two months ahead: is that meant?")
            doubts.append(words % {"day": date_format(day, "j M Y")})
        self.doubt(doubts)
        return said


class TargetForm(PlanForm):
    kpi = forms.ChoiceField(label=gettext_lazy("KPI"))
    value = forms.CharField(
        label=gettext_lazy("Target"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Shares as 80%, times in seconds or as m:ss. Empty: none any more."),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), required=False)
    valid_from = date_field(label=gettext_lazy("From"))

    class Meta:
        model = Target
        fields = ("site", "kpi", "value", "valid_from", "queue", "team", "agent", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = aims.known()
        kpi, role = self.fields["kpi"], self.fields["role"]
        assert isinstance(kpi, forms.ChoiceField)
        assert isinstance(role, forms.ChoiceField)
        kpi.choices = [("", _("choose")), *((one.id, str(one.name)) for one in known.values())]
        role.choices = [("", _("any role")), *((one, ROLE_WORDS[one]) for one in ROLES)]
        if self.instance.value is not None:
            aim = known.get(self.instance.kpi)
            self.initial["value"] = aims.written(aim, self.instance.value)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        aim, words = aims.known().get(said.get("kpi", "")), said.pop("value", "").strip()
        said["value"] = None
        if not words or aim is None:
            return said
        try:
            aims.check_whose(aim, said.get("team"), said.get("agent"), said.get("role", ""))
        except aims.Misfit as misfit:
            self.add_error("kpi", misfit.message)
        try:
            said["value"] = aims.typed(aim, words)
        except aims.Misfit as misfit:
            self.add_error("value", misfit.message)
        return said


class HeadcountForm(PlanForm):
    starts_on = date_field(label=gettext_lazy("Day, or first of the month"))

    class Meta:
        model = Headcount
        fields = (
            "site", "team", "period", "starts_on", "planned_fte", "actual_fte", "planned_heads",
            "actual_heads",
        )  # fmt: skip
