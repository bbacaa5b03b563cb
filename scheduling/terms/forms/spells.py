"""The forms of what somebody works by from a day on."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Agent, Queue
from ccm.structure.forms import (
    Dressed,
    OrNone,
    date_field,
)
from scheduling.models import (
    Contract,
    Rotation,
)
from scheduling.models.terms import MOST_WEEKS


class SpellForm(Dressed, forms.Form):
    """What holds for somebody from a day on."""

    since = date_field(label=gettext_lazy("From"))

    def __init__(self, *args: Any, agent: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agent = agent
        self.order_fields([*(name for name in self.fields if name != "since"), "since"])
        self.offer()
        self.dress()

    def offer(self) -> None:
        """Offer what there is at the agent's site."""

    def refuse(self, refusal: ValidationError) -> None:
        """Say why it cannot be, beside the field that it names, if it has it."""
        for name, errors in refusal.message_dict.items() if _by_field(refusal) else ():
            self.add_error(name if name in self.fields else None, errors)
        if not _by_field(refusal):
            self.add_error(None, refusal)

    def _offered(self, name: str, model: type[Contract] | type[Rotation] | type[Queue]) -> None:
        choice = self.fields[name]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = model._default_manager.filter(site=self.agent.site_id).order_by("name")
        choice.error_messages["invalid_choice"] = _("There is no such one at this site.")


def _by_field(refusal: ValidationError) -> bool:
    return hasattr(refusal, "error_dict")


class ContractSpellForm(SpellForm):
    contract = OrNone(
        gettext_lazy("no contract"),
        label=gettext_lazy("Contract"),
        error_messages={"required": gettext_lazy("Choose a contract, or none.")},
    )

    def offer(self) -> None:
        self._offered("contract", Contract)


class RotationSpellForm(SpellForm):
    rotation = OrNone(
        gettext_lazy("no rotation"),
        label=gettext_lazy("Rotation"),
        error_messages={"required": gettext_lazy("Choose a rotation, or none.")},
    )
    first_week = forms.IntegerField(
        label=gettext_lazy("Begins with week"),
        min_value=1,
        max_value=MOST_WEEKS,
        initial=1,
        help_text=gettext_lazy("The week of the first day."),
    )

    def offer(self) -> None:
        self._offered("rotation", Rotation)


class SkillSpellForm(SpellForm):
    queue = forms.ModelChoiceField(
        Queue.objects.none(), label=gettext_lazy("Queue"), empty_label=gettext_lazy("choose")
    )
    proficiency = forms.DecimalField(
        label=gettext_lazy("Proficiency"),
        required=False,
        min_value=Decimal("0.1"),
        max_value=1,
        decimal_places=2,
        initial=1,
        help_text=gettext_lazy("How much of a position they fill: 1 is all. Empty: not any more."),
    )

    def offer(self) -> None:
        self._offered("queue", Queue)
