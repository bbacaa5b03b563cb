"""The form of when somebody can, and would like to, work."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.access import scope_of
from ccm.masking import masked
from ccm.models import Agent, User
from ccm.structure.forms import (
    WEEKDAYS,
    RowForm,
    date_field,
    offer,
)
from scheduling.models import (
    Availability,
    ShiftTemplate,
)
from scheduling.shifts.days import MINUTES
from scheduling.terms import reach
from scheduling.terms.fields import ClockField


class AvailabilityForm(RowForm):
    """What somebody says of when they can and would like to work; a planner says of whom."""

    word = forms.ChoiceField(
        label=gettext_lazy("Says"),
        choices=[("", gettext_lazy("choose")), *Availability.Word.choices],
    )
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("On"),
        required=False,
        choices=[("", gettext_lazy("every day")), *enumerate(WEEKDAYS)],
        coerce=int,
        empty_value=None,
    )
    first_on = date_field(
        label=gettext_lazy("First day"),
        required=False,
        may_be_open=True,
        help_text=gettext_lazy("Empty: it holds already."),
    )
    last_on = date_field(
        label=gettext_lazy("Last day"),
        required=False,
        may_be_open=True,
        help_text=gettext_lazy("Empty: until it is changed."),
    )
    from_minute = ClockField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("By the site's clock. Empty: the whole day."),
    )
    to_minute = ClockField(
        label=gettext_lazy("To"),
        required=False,
        help_text=gettext_lazy("Not after “From”: on the next day."),
    )

    class Meta:
        model = Availability
        fields = (
            "agent", "word", "weekday", "first_on", "last_on", "from_minute", "to_minute",
            "template", "note",
        )  # fmt: skip
        labels = {"agent": gettext_lazy("Who"), "template": gettext_lazy("Shift")}
        help_texts = {
            "template": gettext_lazy("Of what one would like, or rather not. Empty: any work."),
            "note": gettext_lazy("Planners read it. Reasons of health need not be told."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = scope_of(user)
        site = self.instance.agent.site_id if self.instance.pk else None
        people = reach.people_planned_by(user)
        if self.instance.pk:
            people = people.filter(site=site)
        if scope.agent is not None and not (scope.everything or scope.planned_sites):
            mine = Agent.objects.get(pk=scope.agent)
            self.instance.agent, site = mine, mine.site_id
            del self.fields["agent"]
        else:
            choice = self.fields["agent"]
            assert isinstance(choice, forms.ModelChoiceField)
            here = self.initial.get("site") or site
            offer(choice, people, here, _("choose"), by_team=False)
        shifts = self.fields["template"]
        assert isinstance(shifts, forms.ModelChoiceField)
        templates = ShiftTemplate.objects.visible_to(user).filter(is_active=True)
        if self.instance.template_id:
            templates |= ShiftTemplate.objects.filter(pk=self.instance.template_id)
        offer(shifts, templates, site, _("any"))
        self.dress()

    @property
    def plain(self) -> list[forms.BoundField]:
        return list(self)

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        begin, end = said.get("from_minute"), said.get("to_minute")
        if (begin is None) != (end is None) and not {"from_minute", "to_minute"} & set(self.errors):
            at = "to_minute" if end is None else "from_minute"
            self.add_error(at, _("Say from when and to when, or neither."))
        elif begin is not None and end is not None and end <= begin:
            said["to_minute"] = end + MINUTES
        if said.get("first_on") and said.get("last_on") and said["last_on"] < said["first_on"]:
            self.add_error("last_on", _("It ends before it begins."))
        template = said.get("template")
        if template is not None and said.get("word") == Availability.Word.MUST_NOT:
            words_of_it = _("What somebody cannot is told by hours: all shifts have to keep to it.")
            self.add_error("template", words_of_it)
        elif template is not None and begin is not None:
            self.add_error("template", _("Say hours, or a shift."))
        agent = said.get("agent") or self.instance.agent if self._has_agent(said) else None
        if template is not None and agent is not None and template.site_id != agent.site_id:
            message = _("%(name)s is of another site: %(site)s.")
            self.add_error("template", message % {"name": template, "site": template.site})
        self._clean_time(said)
        return said

    def _has_agent(self, said: Mapping[str, Any]) -> bool:
        return bool(said.get("agent") or self.instance.agent_id)

    def _clean_time(self, said: dict[str, Any]) -> None:
        """What somebody cannot leaves them some time."""
        times = ("weekday", "first_on", "from_minute")
        is_clear = not set(times) & set(self.errors)
        must_not = said.get("word") == Availability.Word.MUST_NOT
        if is_clear and must_not and all(said.get(name) is None for name in times):
            self.add_error("weekday", _("Say when: a weekday, days, or hours."))

    def _get_validation_exclusions(self) -> set[str]:
        """Whose it is takes part in what must never be false, also where it is not asked for."""
        return super()._get_validation_exclusions() - {"agent"}
