"""What is asked of a rule of asking callers."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from ccm import surveys
from ccm.models import Queue, Site, SurveyResponse, Webhook
from ccm.structure.forms import Dressed, NameField
from coaching.asking import reads
from coaching.asking.services import FIELDS
from coaching.models import AskingRule


class RuleForm(Dressed, forms.Form):
    """A rule of a site. `revision` is hidden: that of what it was drawn with."""

    name = NameField(label=gettext_lazy("Name"), max_length=80)
    queues = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Queues"),
        queryset=Queue.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: all queues."),
    )
    questions = forms.MultipleChoiceField(
        label=gettext_lazy("Questions"),
        choices=[(kind, SurveyResponse.Kind(kind).label) for kind in surveys.QUESTIONS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose a question.")},
    )
    percent = forms.DecimalField(
        label=gettext_lazy("Of 100 calls"),
        min_value=Decimal("0.01"), max_value=Decimal(100), max_digits=5, decimal_places=2,
        help_text=gettext_lazy("So many are drawn at random, of those that an agent took."),
    )  # fmt: skip
    rest_days = forms.IntegerField(
        label=gettext_lazy("Days of rest"), min_value=1, max_value=365, initial=30,
        help_text=gettext_lazy("Nobody is asked twice within so many days, by whatever rule."),
    )  # fmt: skip
    first_hour = forms.IntegerField(
        label=gettext_lazy("Handed on from"), min_value=0, max_value=23, initial=9,
        help_text=gettext_lazy("An hour of the site's clock."),
    )  # fmt: skip
    last_hour = forms.IntegerField(
        label=gettext_lazy("Until"), min_value=1, max_value=24, initial=20
    )
    webhook = forms.ModelChoiceField(
        label=gettext_lazy("Handed on to"), queryset=Webhook.objects.none(), required=False,
        empty_label=gettext_lazy("a list to take along"),
        help_text=gettext_lazy(
            "Whoever sends the links knows the callers' addresses: none is kept here."
        ),
    )  # fmt: skip
    is_on = forms.BooleanField(label=gettext_lazy("Switched on"), required=False, initial=True)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, site: Site, data: QueryDict | None = None, *, rule: AskingRule | None = None
    ) -> None:
        known: dict[str, Any] = {"questions": [*surveys.QUESTIONS], "percent": 10}
        if rule is not None:
            known = {name: getattr(rule, name) for name in FIELDS if name != "share"}
            known |= {"queues": rule.queues.all(), "revision": rule.revision}
            known["percent"] = f"{(rule.share * 100).normalize():f}"
        super().__init__(data, initial=known)
        fields: dict[str, Any] = self.fields
        fields["queues"].queryset = reads.queues(site)
        fields["webhook"].queryset = reads.webhooks(site)
        self.site = site
        self.dress()

    @property
    def said(self) -> dict[str, Any]:
        """What a rule says by it, of a valid form."""
        given = dict(self.cleaned_data)
        given["share"] = given.pop("percent") / 100
        return {name: given[name] for name in FIELDS}

    @property
    def queues_said(self) -> list[Queue]:
        return [*self.cleaned_data["queues"]]

    def made(self) -> AskingRule:
        """The rule that it says, not kept yet."""
        return AskingRule(site=self.site, **self.said)

    @property
    def asked_revision(self) -> int:
        found = self.cleaned_data.get("revision")
        return -1 if found is None else int(found)
