"""The form of a rule."""

from collections.abc import Mapping, Sequence
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.access import AGENT
from ccm.models import Queue, Site, User, Webhook
from ccm.plans import aims
from ccm.structure.forms import NameField, OfSiteForm, offer
from kpis.alerts.models import AlertRule
from kpis.alerts.watchable import can_be_watched

HINT = gettext_lazy("Shares as 80%, times in seconds or as m:ss.")


def _time_field(label: Any, hint: Any = "") -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, required=False, widget=widget, help_text=hint)


def _of_sites(one: User | Webhook, its: Sequence[int], sites: Mapping[int, str]) -> str:
    """ "Room" or, of sites that are named, "Room (Leeds, York)"."""
    named = ", ".join(sites[at] for at in its)
    return f"{one} ({named})" if named else str(one)


def _with_link(words: str, page: str, name: str) -> SafeString:
    """Words in which %(page)s is a link to a page."""
    link = format_html('<a class="link" href="{}">{}</a>', reverse(page), name)
    return SafeString(conditional_escape(words) % {"page": link})


class AlertRuleForm(OfSiteForm):
    of_site = ("queue", "told", "webhooks")

    name = NameField(label=gettext_lazy("Name"), max_length=80)
    kpi = forms.ChoiceField(label=gettext_lazy("KPI"))
    raises_at = forms.CharField(label=gettext_lazy("Bound"), max_length=20, help_text=HINT)
    clears_at = forms.CharField(
        label=gettext_lazy("Over again at"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("How far the figure must come back. Empty: to the bound."),
    )
    least_n = forms.IntegerField(
        label=gettext_lazy("Of at least"),
        min_value=1,
        max_value=1_000_000,
        initial=10,
        help_text=gettext_lazy("Calls, offers or answers; a figure of fewer says nothing."),
    )
    quiet_from = _time_field(gettext_lazy("Quiet from"), gettext_lazy("Nobody is told then."))
    quiet_until = _time_field(gettext_lazy("Quiet until"))
    told = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("Mail to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Those of the site who have a mail address."),
    )
    webhooks = forms.ModelMultipleChoiceField(
        Webhook.objects.none(),
        label=gettext_lazy("Tell webhooks"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = AlertRule
        fields = (
            "site", "name", "kpi", "queue", "side", "raises_at", "clears_at", "window", "least_n",
            "level", "quiet_from", "quiet_until", "is_on", "told", "webhooks",
        )  # fmt: skip
        labels = {
            "site": gettext_lazy("Site"),
            "queue": gettext_lazy("Queue"),
            "side": gettext_lazy("Alert when it"),
            "window": gettext_lazy("Over the last"),
            "level": gettext_lazy("Level"),
            "is_on": gettext_lazy("Watched"),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        known = {name: one for name, one in aims.known().items() if can_be_watched(name)}
        kpi, queue = self.fields["kpi"], self.fields["queue"]
        assert isinstance(kpi, forms.ChoiceField)
        assert isinstance(queue, forms.ModelChoiceField)
        kpi.error_messages["required"] = _("Choose a KPI.")
        kpi.choices = [("", _("choose")), *((one.id, str(one.name)) for one in known.values())]
        side = self.fields["side"]
        assert isinstance(side, forms.ChoiceField)
        side.choices = [("", _("choose")), *AlertRule.Side.choices]
        offer(queue, Queue.objects.managed_by(user), self.chosen_site, _("the whole site"))
        self._offer_told(user)
        aim = known.get(self.instance.kpi)
        for name in ("raises_at", "clears_at"):
            if (value := getattr(self.instance, name)) is not None:
                self.initial[name] = aims.written(aim, value)
        self.dress()

    def _offer_told(self, user: User) -> None:
        """Those of the site with an address, the one who makes the rule, and whom it tells already;
        and its webhooks. Where no site is chosen yet those of every site, each with its own.

        As of queues, what is sent of another site is found, so that the form can say what is wrong.
        """
        told, hooks = self.fields["told"], self.fields["webhooks"]
        assert isinstance(told, forms.ModelMultipleChoiceField)
        assert isinstance(hooks, forms.ModelMultipleChoiceField)
        sites = {one.pk: one.name for one in Site.objects.managed_by(user)}
        people = User.objects.filter(is_active=True).exclude(email="").exclude(groups__name=AGENT)
        near = people.filter(Q(sites__in=sites) | Q(pk=user.pk)).values("pk")
        already = self.instance.told.values_list("pk", flat=True) if self.instance.pk else ()
        self._anyway = {user.pk, *already}
        told.queryset = (
            User.objects.filter(Q(pk__in=near) | Q(pk__in=already))
            .order_by("username")
            .prefetch_related("sites")
        )
        hooks.queryset = Webhook.objects.managed_by(user).order_by("name")
        site = self.chosen_site
        told.choices = [
            (one.pk, _of_sites(one, [] if site else [at for at in its if at in sites], sites))
            for one in told.queryset
            for its in [[at.pk for at in one.sites.all()]]
            if site is None or site in its or one.pk in self._anyway
        ]
        hooks.choices = [
            (one.pk, _of_sites(one, [] if site else [one.site_id], sites))
            for one in hooks.queryset
            if site in (None, one.site_id)
        ]
        if not told.choices:
            words = _("Nobody of the site has a mail address. Everybody gives one under %(page)s.")
            told.help_text = _with_link(words, "mailings", _("By mail"))
        if not hooks.choices:
            words = _("The site has no webhook yet.") + " %(page)s"
            hooks.help_text = _with_link(words, "webhook_new", _("New webhook"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        site = self.instance.site if self.instance.pk else said.get("site")
        queue = said.get("queue")
        if queue is not None and site is not None and queue.site_id != site.pk:
            words = _("%(name)s is of another site: %(site)s.")
            self.add_error("queue", words % {"name": queue, "site": queue.site})
        if site is not None:
            self._clean_told(said, site)
        aim = aims.known().get(said.get("kpi", ""))
        raises = self._bound(said, "raises_at", aim)
        clears = self._bound(said, "clears_at", aim) if said.get("clears_at") else raises
        said["raises_at"], said["clears_at"] = raises, clears
        if raises is not None and clears is not None and said.get("side"):
            gap = clears - raises
            if gap < 0 if said["side"] == AlertRule.Side.BELOW else gap > 0:
                self.add_error(
                    "clears_at", _("This lies beyond the bound: it could never be over.")
                )
        self._clean_quiet(said)
        return said

    def _get_validation_exclusions(self) -> set[str]:
        """And a bound that could not be read: what is wrong was said where it is."""
        bounds = ("raises_at", "clears_at")
        unread = {name for name in bounds if self.cleaned_data.get(name) is None}
        return super()._get_validation_exclusions() | unread

    def _clean_told(self, said: dict[str, Any], site: Site) -> None:
        for one in said.get("webhooks") or ():
            if one.site_id != site.pk:
                words = _("%(name)s is of another site: %(site)s.")
                self.add_error("webhooks", words % {"name": one, "site": one.site})
        for one in said.get("told") or ():
            if one.pk not in self._anyway and site not in one.sites.all():
                words = _("%(name)s is not of this site: %(site)s.")
                self.add_error("told", words % {"name": one, "site": site})

    def _bound(self, said: dict[str, Any], name: str, aim: aims.Aim | None) -> Decimal | None:
        words = (said.get(name) or "").strip()
        if not words or aim is None:
            return None
        try:
            return aims.typed(aim, words)
        except aims.Misfit as misfit:
            self.add_error(name, misfit.message)
        return None

    def _clean_quiet(self, said: dict[str, Any]) -> None:
        begins, ends = said.get("quiet_from"), said.get("quiet_until")
        if isinstance(begins, time) != isinstance(ends, time):
            missing = "quiet_until" if isinstance(begins, time) else "quiet_from"
            self.add_error(missing, _("Quiet hours have a beginning and an end."))
