"""Whom to look for, and what for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent


class CustomerForm(forms.Form):
    number = forms.CharField(
        label=_("Telephone number"), max_length=40,
        help_text=_("As the phone system writes it. Kept enciphered, for three days at most."),
    )  # fmt: skip
    why = forms.CharField(
        label=_("Why"), max_length=200,
        help_text=_("As the number of their request. It is in the audit log: no names."),
    )  # fmt: skip


class AgentForm(forms.Form):
    agent = forms.ModelChoiceField(Agent.objects.none(), label=_("Agent who left"))
    why = forms.CharField(label=_("Why"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agent = self.fields["agent"]
        assert isinstance(agent, forms.ModelChoiceField)
        agent.queryset = Agent.objects.filter(left_on__isnull=False).order_by("name")
