"""The forms of mailings: when, to whom, with what. They offer people who may see what is mailed;
what each is told is decided anew each time it goes out."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import periods
from ccm.access import ADMIN, scope_of
from ccm.forms import zones
from ccm.models import Agent, User
from ccm.structure.forms import WEEKDAYS, RowForm, ZoneField
from kpis.mailings.models import Mailing
from kpis.models import SavedReport
from kpis.reports import services

_HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


class MailingForm(RowForm):
    """When a saved report or a recap goes out, and to whom."""

    zones = staticmethod(zones)
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Weekday"),
        coerce=int,
        choices=[*enumerate(WEEKDAYS)],
        help_text=gettext_lazy("Of what goes out each week."),
    )
    hour = forms.TypedChoiceField(label=gettext_lazy("At"), coerce=int, choices=_HOURS)
    told = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("Mailed to"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Each is told what they may see themselves."),
        error_messages={"required": gettext_lazy("Choose somebody.")},
    )

    class Meta:
        model = Mailing
        fields = ("every", "weekday", "hour", "zone", "attached", "told", "is_on")
        field_classes = {"zone": ZoneField}
        labels = {
            "every": gettext_lazy("Goes out"),
            "zone": gettext_lazy("By the clock of"),
            "attached": gettext_lazy("Attached"),
            "is_on": gettext_lazy("Switched on"),
        }
        help_texts = {"zone": gettext_lazy("An IANA name, for instance Europe/London.")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = self.fields["told"]
        assert isinstance(told, forms.ModelMultipleChoiceField)
        told.queryset = self._people(user)
        if self.instance.site_id is not None:
            every = self.fields["every"]
            assert isinstance(every, forms.ChoiceField)
            every.choices = [
                (Mailing.Every.DAY.value, _("Each day, of the day before")),
                (Mailing.Every.WEEK.value, _("Each week, of the week before")),
            ]
            del self.fields["attached"]
        self.dress()

    @property
    def plain(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in ("told", "is_on")]

    def _people(self, user: User) -> QuerySet[User]:
        """Those with an address who may see it, as far as the user knows them; and who is told
        already."""
        report = self.instance.report
        roles = services.SHARED_WITH if report is None else report.roles
        by_role = Q(groups__name__in=roles)
        if ADMIN in roles:
            by_role |= Q(is_superuser=True)
        if self.instance.site_id is not None:
            by_role &= _at([self.instance.site_id])
        scope = scope_of(user)
        if not scope.everything:
            by_role &= _at(scope.figure_sites) & ~Q(pk__in=_unmet(user))
        own = Q(pk=user.pk) | Q(pk=report.owner_id if report else None)
        known = Q(mailings=self.instance.pk) if self.instance.pk else Q(pk=None)
        there = User.objects.filter(is_active=True).exclude(email="")
        found = there.filter(by_role | own) | there.filter(known)
        return User.objects.filter(pk__in=found.values("pk")).order_by("username")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        report: SavedReport | None = self.instance.report
        if report is not None and services.question_of(report).period == periods.CUSTOM:
            words = _("This report is of fixed days, so that each mail would say the same. Give it "
                      "a period as “Last week” first.")  # fmt: skip
            self.add_error(None, words)
        return said


class AddressForm(forms.ModelForm):
    """Where somebody's own mails go to."""

    class Meta:
        model = User
        fields = ("email",)


def _unmet(user: User) -> Any:
    """The accounts of agents whom the user does not see, as those of another team."""
    seen = Agent.objects.visible_to(user)
    return Agent.objects.exclude(user=None).exclude(pk__in=seen.values("pk")).values("user")


def _at(sites: Any) -> Q:
    """People of some sites, who lead a team there, or are of all sites."""
    return (
        Q(sites__in=sites)
        | Q(leads__team__site__in=sites)
        | Q(is_superuser=True)
        | Q(groups__name=ADMIN)
    )
