"""The form of a choice."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.masking import masked
from ccm.structure.forms import Dressed, date_field
from kpis.choices import Choices
from kpis.choosing import fields
from kpis.choosing.scopes import Scope, today
from kpis.choosing.services import Draft, values
from kpis.definitions import Kpi
from kpis.models import KpiChoice
from kpis.parameters import FIELDS, placeholders, said

LONGEST_NOTE = 300


def is_a_choice(kpi: Kpi) -> bool:
    """Whether there is anything to choose about a KPI."""
    return len(kpi.variants) > 1 or any(variant.uses for variant in kpi.variants)


class ChoiceForm(Dressed, forms.Form):
    """A scope, a variant, the parameters that it reads, a first day, and why.

    `asked` is what a new form begins with, where it makes sense: the scope, the variant and what
    was typed. Drawn anew for another scope it keeps the variant and the parameters where one of
    them was altered; else they are what holds today in that scope. Of a choice that is there
    (`row`) the scope stays, and the first day of one that has begun.
    """

    where = forms.ChoiceField(label=gettext_lazy("Where"))
    valid_from = date_field(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("A day that is past changes what is shown of it, at once."),
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=gettext_lazy("Needed where days that are past change."),
    )
    variant = forms.ChoiceField(label=gettext_lazy("Definition"), required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        kpi: Kpi,
        scopes: Sequence[Scope],
        choices: Choices,
        now: datetime,
        asked: Mapping[str, str],
        row: KpiChoice | None = None,
    ) -> None:
        self.kpi, self.row = kpi, row
        # What is there stays where it is.
        self.scopes = {
            one.value: one
            for one in scopes
            if one.queue is None or kpi.of_queues or row is not None
        }
        sent = None if data is None else dict(data.items())
        self.at = self._at(sent or asked)
        self.today = today(self.at, scopes, now)
        choices = choices.at(self.today)
        self.altered = self._altered(sent or asked, choices)
        if sent is None and "drawn_for" in asked and not self.altered:
            asked = {"where": self.at.value}
        variant = self._variant(sent or asked, choices)
        super().__init__(sent)
        self.fields["where"].choices = [  # type: ignore[attr-defined]
            (value, one.words) for value, one in self.scopes.items()
        ]
        self.fields["variant"].choices = self._variants()  # type: ignore[attr-defined]
        self.initial = {
            "where": self.at.value,
            "variant": variant,
            "valid_from": self.today if row is None else row.valid_from,
        }
        self._ask_parameters(variant, choices, asked)
        if row is not None:
            self.fields["where"].disabled = True
            self.fields["valid_from"].disabled = self.has_begun
        self.dress()
        # Chosen otherwise, the rest of the form is drawn anew.
        for name in ("where", "variant"):
            self.fields[name].widget.attrs |= {
                "hx-get": "",
                "hx-include": "[name=where], #made",
                "hx-target": "#made",
                "hx-select": "#made",
                # At once, so that what is chosen next is heard.
                "hx-swap": "outerHTML settle:0ms",
            }

    @property
    def has_begun(self) -> bool:
        """Whether it is of a choice that figures were shown by already."""
        return self.row is not None and self.row.valid_from <= self.today

    @property
    def plain(self) -> list[forms.BoundField]:
        """Where, from when and why."""
        return [self[name] for name in ("where", "valid_from", "note")]

    @property
    def made(self) -> list[forms.BoundField]:
        """How it is made: the variant and the parameters that it reads."""
        apart = ("where", "valid_from", "note")
        return [field for field in self if field.name not in apart]

    def _at(self, asked: Mapping[str, str]) -> Scope:
        if self.row is not None:
            return next(
                one
                for one in self.scopes.values()
                if one.ids[1] == self.row.queue_id
                and (self.row.queue_id is not None or one.ids[0] == self.row.site_id)
            )
        return self.scopes.get(asked.get("where", ""), Scope())

    def _altered(self, asked: Mapping[str, str], choices: Choices) -> bool:
        """Whether what is asked for is not what holds in the scope that it was drawn for: somebody
        chose or typed."""
        if asked.get("altered"):
            return True
        before = self.at if self.row is not None else self.scopes.get(asked.get("drawn_for", ""))
        if before is None:
            return False
        variant = self._variant({}, choices, before)
        stands = self._stands(variant, choices, before)
        return asked.get("variant", variant) != variant or any(
            asked[name] != str(fields.written(value))
            for name, value in stands.items()
            if name in asked
        )

    def _variant(
        self, asked: Mapping[str, str], choices: Choices, scope: Scope | None = None
    ) -> str:
        """The variant that is asked for; else what stands in the scope."""
        named = asked.get("variant")
        if named is not None and (named == "" or named in {one.id for one in self.kpi.variants}):
            return named
        if self.row is not None and (self.row.variant or self.row.is_end):
            return self.row.variant
        return choices.of(self.kpi, *(scope or self.at).ids)[0].id

    def _stands(self, variant: str, choices: Choices, scope: Scope) -> dict[str, Any]:
        """The parameters that a variant reads as they stand in a scope."""
        if not variant:
            return {}
        _chosen, parameters = choices.of(self.kpi, *scope.ids)
        stands = said(parameters, self.kpi.variant(variant).uses)
        if self.row is not None:
            stands |= {name: one for name, one in self.row.parameters.items() if name in stands}
        return stands

    def _variants(self) -> list[tuple[str, str]]:
        # Their numbers are typed below: what is typed is what holds.
        named = placeholders()
        own = [
            (one.id, f"{one.id}: {str(one.words).format(**named)}")
            for one in self.kpi.variants
            if one.of_queues or self.at.queue is None or self.row is not None
        ]
        wider = _("as it comes: %(variant)s") % {"variant": self.kpi.default.id}
        if self.at.queue is not None:
            wider = _("as at %(site)s") % {"site": self.at.queue.site.name}
        elif self.at.site is not None:
            wider = _("as for all sites")
        return [("", wider), *own]

    def _ask_parameters(self, variant: str, choices: Choices, asked: Mapping[str, str]) -> None:
        """Fields for what the variant reads, as typed before they were drawn anew; one that was
        not sent is as it stands."""
        for name, value in self._stands(variant, choices, self.at).items():
            self.fields[name] = fields.field(name)
            self.initial[name] = asked.get(name, fields.written(value))
            if self.is_bound:
                self.data.setdefault(name, str(fields.written(value)))  # type: ignore[attr-defined]

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("boundary") == "<" and found.get("threshold_seconds") == 0:
            words = _("No wait is shorter than 0 s.")
            self.add_error("boundary", words)
        begins = found.get("valid_from")
        if begins is not None and begins < self.today and not found.get("note"):
            self.add_error("note", _("Say why: days that are past change."))
        return found

    @property
    def draft(self) -> Draft:
        """What a valid form says."""
        found = self.cleaned_data
        uses = self.kpi.variant(found["variant"]).uses if found["variant"] else ()
        names = [name for one in uses for name in FIELDS[one]]
        return Draft(
            kpi=self.kpi,
            scope=self.at,
            variant=found["variant"],
            parameters={name: fields.read(name, found[name]) for name in names},
            valid_from=found["valid_from"],
            note=found["note"],
            row=self.row,
        )


def seen(draft: Draft) -> str:
    """What a person who looked at a draft's preview sends along, so that nothing else is kept."""
    was = None if draft.row is None else values(draft.row)
    told = json.dumps([values(draft.choice), was], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def past_days(draft: Draft, day: date) -> int:
    """How many days before this one a draft is of."""
    return max(0, (day - draft.valid_from).days)
