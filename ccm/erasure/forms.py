"""Whom to look for, and what for."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from ccm.erasure import names
from ccm.models import Agent, AgentAlias, Erasure


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
        agent.empty_label = str(_("choose"))
        agent.queryset = _to_be_erased()


def _to_be_erased() -> QuerySet[Agent]:
    """Who left, but for those who are erased and were told of by no name since."""
    erased = Erasure.objects.filter(agent=OuterRef("pk"), state=Erasure.State.DONE)
    told = AgentAlias.objects.filter(agent=OuterRef("pk")).exclude(raw_name__startswith=names.MARK)
    left = Agent.objects.filter(left_on__isnull=False)
    return left.filter(~Exists(erased) | Exists(told)).order_by("name")
