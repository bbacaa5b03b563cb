"""What is asked of a rule of asking callers."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import surveys
from ccm.models import Queue, Site, SurveyResponse
from ccm.structure.forms import Dressed, NameField
from coaching.asking import reads
from coaching.asking.services import FIELDS
from coaching.models import AskingRule

MAIL = "mail"


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
    webhook = forms.ChoiceField(
        label=gettext_lazy("Handed on to"), required=False,
        help_text=gettext_lazy(
            "By mail: to the address that came with the call, kept enciphered until it was sent. "
            "Otherwise whoever sends the links knows the addresses, and none is kept here."
        ),
    )  # fmt: skip
    subject = forms.CharField(
        label=gettext_lazy("Subject of a mail"), max_length=120, required=False,
        help_text=gettext_lazy("Empty: “Your call to”, and the site's name."),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("What a mail says"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Empty: thanks for the call, and how it was. The link, and how to be asked no more, "
            "follow by themselves."
        ),
    )  # fmt: skip
    address_days = forms.IntegerField(
        label=gettext_lazy("Days that an address is kept"), min_value=3, max_value=30, initial=7,
        required=False,
        help_text=gettext_lazy("At most; it goes at once when the mail was sent."),
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
            known["webhook"] = MAIL if rule.by_mail else rule.webhook_id or ""
        super().__init__(data, initial=known)
        fields: dict[str, Any] = self.fields
        fields["queues"].queryset = reads.queues(site)
        self.hooks = {str(one.pk): one for one in reads.webhooks(site)}
        fields["webhook"].choices = [
            ("", _("a list to take along")), (MAIL, _("callers, by mail")),
            *((key, one.name) for key, one in self.hooks.items()),
        ]  # fmt: skip
        self.site = site
        self.dress()

    @property
    def said(self) -> dict[str, Any]:
        """What a rule says by it, of a valid form."""
        given = dict(self.cleaned_data)
        given["share"] = given.pop("percent") / 100
        given["by_mail"] = given["webhook"] == MAIL
        given["webhook"] = self.hooks.get(given["webhook"])
        given["address_days"] = given["address_days"] or 7
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
