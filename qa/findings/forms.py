"""What is asked of a finding."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Agent, Queue, Site, User
from ccm.structure.forms import Dressed, NameField, date_field
from ccm.templatetags.figures import DASH
from qa.access import sees_all_of
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


class _OfOffered(forms.models.ModelChoiceIterator):
    """Those that are offered, of all that could be sent: who is refused is told why."""

    def __iter__(self) -> Iterator[Any]:
        field: Any = self.field
        yield "", field.empty_label
        yield from (self.choice(one) for one in field.offered)


class _OwnerField(forms.ModelChoiceField):
    iterator = _OfOffered
    offered: QuerySet[User] = User.objects.none()


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
    owner = _OwnerField(
        label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False,
        empty_label=gettext_lazy("nobody yet"),
        help_text=gettext_lazy(
            "Who sees to it, of those who may see what it is about; a trainer sees to a training "
            "gap."
        ),
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
        criteria = reads.criteria(user, site)
        if review is not None:
            criteria = criteria.filter(card=review.version.card_id)
        querysets = {
            "criterion": criteria,
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
        self._offer(known, now)
        had_none = finding is not None and finding.agent_id is None
        if not sees_all_of(user, site.pk) and not had_none:
            # Who leads teams and sees no more makes findings of their agents alone.
            field: Any = self.fields["agent"]
            field.required, field.empty_label = True, _("choose")
            field.error_messages["required"] = _("Choose whom of your teams it is about.")
        self.dress()

    def _offer(self, known: dict[str, Any], now: datetime) -> None:
        """Owners: of those who see what it is about, as far as that is known yet."""
        held = None if self.finding is None else self.finding.owner_id
        kind = known.get("kind") or Finding.Kind.TRAINING
        may = reads.owners(self.site, now, known.get("agent"), kind)
        offered = User.objects.filter(Q(pk__in=may.values("pk")) | Q(pk=held))
        field: Any = self.fields["owner"]
        field.offered = offered.order_by(*_ORDER["owner"])

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
