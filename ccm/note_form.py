"""The form of an after-call note: what is known is filled in, and what is changed is said."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.contact import reads as contact
from ccm.intervals import FIRST_YEAR, LAST_YEAR
from ccm.models import Call, CallNote
from ccm.notes import COLUMNS, PLANNED, WORDS_LIMIT, gone_words

_KNOWN = (
    ("", gettext_lazy("not known")),
    ("yes", gettext_lazy("yes")),
    ("no", gettext_lazy("no")),
)
_TRUTH = {"": None, "yes": True, "no": False}


class NoteForm(forms.Form):
    """A note on one call. The callback's time is that of the clock at the call's site."""

    disposition = forms.CharField(
        label=gettext_lazy("Closed as"), max_length=120, required=False, strip=True
    )
    topic = forms.CharField(label=gettext_lazy("Topic"), max_length=120, required=False)
    resolved = forms.ChoiceField(label=gettext_lazy("Resolved"), choices=_KNOWN, required=False)
    resolvable = forms.ChoiceField(
        label=gettext_lazy("Could it be resolved"), choices=_KNOWN, required=False
    )
    escalation = forms.CharField(label=gettext_lazy("Escalated to"), max_length=160, required=False)
    callback_due_at = forms.CharField(
        label=gettext_lazy("Call back at"), max_length=19, required=False
    )
    words = forms.CharField(
        label=gettext_lazy("Note"), max_length=WORDS_LIMIT, required=False, widget=forms.Textarea
    )

    def __init__(
        self, call: Call, standing: CallNote | None, now: datetime, data: QueryDict | None = None
    ) -> None:
        """`standing` is the call's note so far, or None."""
        self.call, self.now = call, now
        # Whether the clocks show the callback's time twice, of which the first is meant.
        self.is_first_of_two = False
        truth = {value: word for word, value in _TRUTH.items()}
        known: dict[str, Any] = {
            "disposition": call.disposition.name if call.disposition else "",
            "topic": call.topic.name if call.topic else "",
            "resolved": truth[call.resolved],
            "resolvable": truth[call.resolvable],
        }
        if standing is not None:
            known |= {"escalation": standing.escalation, "words": standing.words}
            if standing.callback_due_at and not standing.callback_done_at:
                known["callback_due_at"] = self._wall(standing.callback_due_at)
        super().__init__(data, initial=known)

    def _wall(self, moment: datetime) -> str:
        return moment.astimezone(self.call.site.tz).strftime("%Y-%m-%dT%H:%M")

    def clean_callback_due_at(self) -> datetime | None:
        """The moment that the site's clock shows it. Of an hour told twice, the first."""
        said = self.cleaned_data["callback_due_at"]
        if not said or "callback_due_at" not in self.changed_data:
            return None
        try:
            wall = datetime.fromisoformat(said)
        except ValueError:
            wall = None
        if wall is None or wall.tzinfo is not None:
            raise forms.ValidationError(_("Write it as 2026-05-04 09:30."))
        zone = self.call.site.tz
        if not FIRST_YEAR <= wall.year <= LAST_YEAR:
            raise forms.ValidationError(_("This is more than a year away."))
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != wall:
            raise forms.ValidationError(_("The clocks skip this time."))
        if moment > self.now + PLANNED:
            raise forms.ValidationError(_("This is more than a year away."))
        if words := gone_words(moment, self.now):
            raise forms.ValidationError(words)
        if words := contact.why_not_promised(self.call, moment, self.now):
            raise forms.ValidationError(words)
        self.is_first_of_two = moment != wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        return moment

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors and not self.changed_data:
            raise forms.ValidationError(_("The note says nothing new."))
        return said

    @property
    def said(self) -> dict[str, Any]:
        """What the author says, as `ccm.notes.write` takes it: of the call's own fields those that
        were changed, and those that a person had said before. A promise that was left alone
        stays."""
        given = self.cleaned_data
        values = {
            "disposition": given["disposition"] or None,
            "topic": given["topic"] or None,
            "resolved": _TRUTH[given["resolved"]],
            "resolvable": _TRUTH[given["resolvable"]],
        }
        before = self.call.noted or ()
        said = {
            name: value
            for name, value in values.items()
            if name in self.changed_data or COLUMNS[name] in before
        }
        rest = {"escalation", "words"} | {"callback_due_at"} & set(self.changed_data)
        return said | {name: given[name] for name in rest}
