"""The forms of bids: a new round, and what somebody chooses."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.masking import masked
from ccm.models import Queue, Site, Team
from ccm.structure.forms import Dressed
from scheduling.models import BidRound, Contract, KeptRoster

_WRITTEN = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
_MOST_DIGITS = 4


def _moment(said: str, site: Site) -> datetime:
    """By the site's clock. What that shows twice is the first time."""
    for form in _WRITTEN:
        try:
            return datetime.strptime(said, form).replace(tzinfo=site.tz)
        except ValueError:
            continue
    raise ValidationError(_("Write the moment as YYYY-MM-DDTHH:MM."))


class ClosesForm(Dressed, forms.Form):
    """Another moment at which an open round closes; `seen` is the one it has."""

    closes = forms.CharField(
        label=gettext_lazy("Closes"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_WRITTEN[0]),
    )
    seen = forms.DateTimeField(widget=forms.HiddenInput)

    def __init__(self, sent: Mapping[str, Any] | None = None, *, held: BidRound) -> None:
        self.site = held.roster.site
        now = {
            "closes": held.closes_at.astimezone(self.site.tz).strftime(_WRITTEN[0]),
            "seen": held.closes_at.isoformat(),
        }
        super().__init__(sent, initial=now)
        self.dress()

    def clean_closes(self) -> datetime:
        return _moment(self.cleaned_data["closes"], self.site)


class RoundForm(Dressed, forms.ModelForm):
    """A round on a draft: whom it is for, who chooses before whom, and until when."""

    closes = forms.CharField(
        label=gettext_lazy("Closes"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_WRITTEN[0]),
    )
    first = forms.ChoiceField(
        label=gettext_lazy("Who chooses first"), choices=BidRound.Criterion.choices
    )
    then = forms.ChoiceField(
        label=gettext_lazy("Among equals"),
        choices=BidRound.Criterion.choices,
        initial=BidRound.Criterion.DRAW,
        help_text=gettext_lazy("Whom this does not tell apart are drawn."),
    )

    class Meta:
        model = BidRound
        fields = ("team", "contract", "queue", "note")
        labels = {"note": gettext_lazy("Note")}
        help_texts = {
            "queue": gettext_lazy("Those who take its contacts."),
            "note": gettext_lazy("Those who take part read it."),
        }

    field_order = ("closes", "first", "then", "team", "contract", "queue", "note")

    def __init__(self, *args: Any, roster: KeptRoster, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roster = roster
        rows: Mapping[str, Any] = {
            "team": Team.objects.filter(site=roster.site_id).order_by("name"),
            "contract": Contract.objects.filter(site=roster.site_id).order_by("name"),
            "queue": Queue.objects.filter(site=roster.site_id).order_by("name"),
        }
        empty = {
            "team": _("every team"), "contract": _("every contract"), "queue": _("every queue"),
        }  # fmt: skip
        for name, found in rows.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset, field.empty_label = found, empty[name]
        self.fields["closes"].help_text = _("By the clock of the site: %(zone)s.") % {
            "zone": roster.site.zone
        }
        self.dress()

    def clean_closes(self) -> datetime:
        return _moment(self.cleaned_data["closes"], self.roster.site)

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])

    def made(self) -> BidRound:
        """The round that a valid form says, not saved."""
        held: BidRound = self.save(commit=False)
        held.roster = self.roster
        held.closes_at = self.cleaned_data["closes"]
        stated = (self.cleaned_data["first"], self.cleaned_data["then"])
        held.criteria = [*dict.fromkeys(stated)]
        return held

    def refuse(self, refusal: ValidationError) -> None:
        """Say why it cannot be, beside the closing moment where it is about that."""
        for one in getattr(refusal, "error_dict", {}).get("closes_at", ()):
            self.add_error("closes", one)
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)


def ranking(said: Mapping[str, str], numbers: Collection[int]) -> tuple[list[int], list[str]]:
    """The lines that somebody chose, the best first, and what is wrong with what they typed: a
    number from 1 on beside each line that they want, each once. Gaps are closed."""
    chosen: dict[int, int] = {}
    wrong = []
    for line in numbers:
        typed = said.get(f"choice-{line}", "").strip()
        if not typed:
            continue
        if not (typed.isascii() and typed.isdecimal() and len(typed) <= _MOST_DIGITS) or not int(
            typed
        ):
            wrong.append(_("Line %(line)s: write a whole number from 1 on.") % {"line": line})
        elif int(typed) in chosen:
            told = {"choice": int(typed), "one": chosen[int(typed)], "other": line}
            wrong.append(_("Choice %(choice)s is of two lines: %(one)s and %(other)s.") % told)
        else:
            chosen[int(typed)] = line
    return [chosen[one] for one in sorted(chosen)], wrong


def moved(ranked: Sequence[int], how: str, numbers: Collection[int]) -> list[int]:
    """A ranking after one step: `up:4`, `down:4`, `add:4` (to its end), `drop:4`; as it is where
    there is no such step."""
    step, _colon, typed = how.partition(":")
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= _MOST_DIGITS):
        return [*ranked]
    line, found = int(typed), [*ranked]
    if step == "add" and line in numbers and line not in found:
        return [*found, line]
    if line not in found:
        return found
    at = found.index(line)
    if step == "drop":
        del found[at]
    elif step in ("up", "down"):
        to = at - 1 if step == "up" else at + 1
        if 0 <= to < len(found):
            found[at], found[to] = found[to], found[at]
    return found


def at(how: str, numbers: Collection[int]) -> str:
    """Where on the page the line of a step is, for who goes on from it; empty: no such line."""
    return next((f"#choice-{one}" for one in numbers if how.endswith(f":{one}")), "")


def typed_of(said: Mapping[str, str], numbers: Iterable[int]) -> dict[int, str]:
    """What was typed beside each line, to show it again."""
    return {line: said.get(f"choice-{line}", "")[: 2 * _MOST_DIGITS] for line in numbers}
