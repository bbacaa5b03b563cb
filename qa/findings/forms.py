"""What is asked of a finding."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Agent, Queue, Site, User
from ccm.structure.forms import Dressed, NameField, date_field
from ccm.templatetags.figures import DASH
from qa.findings import reads
from qa.findings.services import FIELDS
from qa.models import CardCriterion, Evaluation, Finding


class _ByCard(forms.models.ModelChoiceIterator):
    """Criteria under the names of their scorecards."""

    def __iter__(self) -> Iterator[Any]:
        yield "", self.field.empty_label
        for card, some in groupby(self.queryset, key=lambda one: one.card):
            yield card.name, [self.choice(one) for one in some]


class _CriterionField(forms.ModelChoiceField):
    iterator = _ByCard

    def label_from_instance(self, obj: CardCriterion) -> str:
        return obj.name


class FindingForm(Dressed, forms.Form):
    """A finding of a site. `revision` is hidden: that of what it was drawn with."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Finding.Kind.choices)
    title = NameField(label=gettext_lazy("What"), max_length=160)
    words = forms.CharField(
        label=gettext_lazy("In words"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    criterion = _CriterionField(
        label=gettext_lazy("Criterion"), queryset=CardCriterion.objects.none(), required=False,
        empty_label=gettext_lazy("none"),
    )  # fmt: skip
    agent = forms.ModelChoiceField(
        label=gettext_lazy("Agent"),
        queryset=Agent.objects.none(),
        required=False,
        empty_label=gettext_lazy("none"),
    )
    queue = forms.ModelChoiceField(
        label=gettext_lazy("Queue"),
        queryset=Queue.objects.none(),
        required=False,
        empty_label=gettext_lazy("none"),
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False,
        empty_label=gettext_lazy("nobody yet"),
        help_text=gettext_lazy("Who sees to it: of those who may see what it is about."),
    )  # fmt: skip
    due_on = date_field(label=gettext_lazy("Due"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        site: Site,
        user: User,
        now: datetime,
        data: QueryDict | None = None,
        *,
        finding: Finding | None = None,
        review: Evaluation | None = None,
        given: dict[str, Any] | None = None,
    ) -> None:
        """`finding` is what is changed; of a new one `review` is what it was found by, and `given`
        what is filled in."""
        known: dict[str, Any] = dict(given or {})
        if finding is not None:
            known = {name: getattr(finding, name) for name in FIELDS}
            known["revision"] = finding.revision
        elif review is not None:
            known = {"agent": review.agent, "queue": review.queue} | known
        self.site, self.user, self.review, self.finding = site, user, review, finding
        super().__init__(data, initial=known)
        querysets = {
            "criterion": reads.criteria(user, site),
            "agent": reads.agents(user, site),
            "queue": reads.queues(user, site),
            "owner": reads.owners(site, now),
        }
        for name, rows in querysets.items():
            # What stands there may stay, though it could not be chosen any more.
            held = None if finding is None else getattr(finding, f"{name}_id")
            model = rows.model
            if held is not None:
                kept = model._default_manager.filter(pk=held)
                rows = model._default_manager.filter(pk__in=rows.values("pk")) | kept
                rows = rows.order_by(*_ORDER[name])
                if name == "criterion":
                    rows = rows.select_related("card")
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        had_none = finding is not None and finding.agent_id is None
        if not reads.sees_all_of(user, site.pk) and not had_none:
            # Who leads teams and sees no more makes findings of their agents alone.
            field: Any = self.fields["agent"]
            field.required, field.empty_label = True, _("choose")
            field.error_messages["required"] = _("Choose whom of your teams it is about.")
        self.dress()

    def made(self) -> Finding:
        """The finding that it says, not kept yet."""
        said = {name: self.cleaned_data[name] for name in FIELDS}
        return Finding(site=self.site, evaluation=self.review, **said)

    def differs(self) -> list[tuple[str, str]]:
        """What the finding says that is changed where it was typed otherwise, by the names of
        fields."""
        there = self.finding
        assert there is not None
        return [
            (str(self[name].label), self._words(there, name))
            for name in FIELDS
            if name in self.cleaned_data and self.cleaned_data[name] != getattr(there, name)
        ]

    def _words(self, there: Finding, name: str) -> str:
        if name == "kind":
            return str(there.get_kind_display())
        value = getattr(there, name)
        return DASH if value in (None, "") else str(value)

    @property
    def asked_revision(self) -> int:
        found = self.cleaned_data.get("revision")
        return -1 if found is None else int(found)


_ORDER = {
    "criterion": ("card__name", "card", "pk"),
    "agent": ("name",),
    "queue": ("name",),
    "owner": ("username",),
}


class NoteForm(Dressed, forms.Form):
    """What is said of a finding, and how far it is by it."""

    words = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, finding: Finding, data: QueryDict | None = None) -> None:
        known = {"state": finding.state, "revision": finding.revision}
        super().__init__(data, initial=known)
        self.fields["state"].choices = Finding.State.choices  # type: ignore[attr-defined]
        self.dress()
