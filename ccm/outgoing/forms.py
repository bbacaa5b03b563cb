"""The form of a webhook."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.models import User, Webhook
from ccm.outgoing import services, webhooks
from ccm.structure.forms import NameField, OfSiteForm


class WebhookForm(OfSiteForm):
    name = NameField(label=gettext_lazy("Name"), max_length=80)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy(
            "Begins with https://. Messages are posted to it as JSON, signed. One of the own "
            "network is posted to only where CCM_WEBHOOK_HOSTS names it."
        ),
    )

    class Meta:
        model = Webhook
        fields = ("site", "name", "url")
        labels = {"site": gettext_lazy("Site")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.dress()

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            webhooks.checked(url)
        except webhooks.Refused as refusal:
            words = str(refusal)
            raise forms.ValidationError(f"{words[:1].upper()}{words[1:]}.") from refusal
        return url


class SecretForm(forms.Form):
    """How long the old secret of a webhook stays good beside its new one."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("The old one stays good"),
        coerce=int,
        initial=services.USUAL_DAYS,
        choices=lambda: [(days, _days_words(days)) for days in services.OLD_DAYS],
        widget=forms.Select(attrs={"class": "form-select"}),
    )


def _days_words(days: int) -> str:
    if not days:
        return _("not at all: it is known to others")
    return ngettext("for %(days)d day", "for %(days)d days", days) % {"days": days}
