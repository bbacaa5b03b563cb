"""The forms of the page of a name: another name, a merge, and whose a log's name is."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.imports.facts.references import folded
from ccm.models import Agent, AgentAlias
from ccm.naming.services import Kind
from ccm.structure.forms import Dressed, NameField, SharedForm, date_field


class RenameForm(SharedForm, forms.Form):
    """Another name. `named` is what has one already."""

    prefix = "rename"
    is_there = True
    name = NameField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Logs go on with their own name for it and are understood."),
    )

    def __init__(self, *args: Any, kind: Kind, named: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["name"] = named.name
        self.fields["name"].validators.append(MaxLengthValidator(kind.longest))
        self.fields["name"].widget.attrs["maxlength"] = kind.longest
        self.dress()


class MergeForm(Dressed, forms.Form):
    """Which name stands for both. `others` are those of the same kind within reach."""

    prefix = "merge"
    keeper: Any = forms.ModelChoiceField(Agent.objects.none(), label=gettext_lazy("The same as"))

    def __init__(self, *args: Any, others: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keeper"].queryset = others  # type: ignore[attr-defined]
        self.fields["keeper"].empty_label = _("choose")  # type: ignore[attr-defined]
        self.fields["keeper"].help_text = _(
            "That one's name, hours, skills and dates stand. It can be taken back on its page."
        )
        self.dress()


class GiveForm(Dressed, forms.Form):
    """Whose one of an agent's names in logs is: an agent of the site, or a new one; from a day on,
    or all along."""

    prefix = "give"
    alias = forms.ModelChoiceField(
        AgentAlias.objects.none(),
        label=gettext_lazy("Name in logs"),
        empty_label=gettext_lazy("choose"),
    )
    agent = forms.ModelChoiceField(
        Agent.objects.none(),
        label=gettext_lazy("Belongs to"),
        required=False,
        empty_label=gettext_lazy("a new agent"),
    )
    name = NameField(label=gettext_lazy("Name of the new agent"), required=False, max_length=160)
    since = date_field(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("Empty: all along. Calls of days before stay with the old agent."),
    )

    def __init__(self, *args: Any, holder: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alias, agent = self.fields["alias"], self.fields["agent"]
        assert isinstance(alias, forms.ModelChoiceField)
        assert isinstance(agent, forms.ModelChoiceField)
        alias.queryset = holder.aliases.select_related("agent__site")
        agent.queryset = Agent.objects.filter(site=holder.site_id)
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        agent, name = said.get("agent"), said.get("name")
        if agent and name and folded(name) != folded(agent.name):
            self.add_error("name", _("Choose an agent, or write the name of a new one: not both."))
        return said
