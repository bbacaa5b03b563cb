"""The form of a site's limits."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.names import visible
from ccm.structure.forms import RowForm
from kpis.floor.models import FloorRules

LONGEST_WORD = 40
MOST_WORDS = 20
# Minutes: no limit is longer than a day.
LONGEST = 24 * 60


class FloorRulesForm(RowForm):
    """Minutes each, 0 for no limit. Pauses by reason and the words of breaks are a line each."""

    pauses = forms.CharField(
        label=gettext_lazy("In a pause, by its reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text=gettext_lazy(
            "A line each, as “lunch 60”: a word that the reason holds, and its minutes."
        ),
    )
    breaks = forms.CharField(
        label=gettext_lazy("Words that tell a break"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text=gettext_lazy("A line each. A pause whose reason holds one of them is a break."),
    )

    class Meta:
        model = FloorRules
        fields = (
            "pause_minutes", "pauses", "wrapup_minutes", "call_minutes", "work_minutes", "breaks",
            "callback_minutes",
        )  # fmt: skip
        help_texts = {
            "pause_minutes": gettext_lazy("Minutes. Until changed 15, ours."),
            "wrapup_minutes": gettext_lazy("Minutes. Until changed 3, ours."),
            "call_minutes": gettext_lazy("Minutes. Until changed 30, ours."),
            "work_minutes": gettext_lazy(
                "Minutes. Until changed 180, half of the six hours of work after which directive "
                "2003/88/EC, article 4, has a rest break: time to send somebody."
            ),
            "callback_minutes": gettext_lazy(
                "Minutes from the request, where no time was promised. Until changed 240, ours."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = [f"{word} {minutes}" for word, minutes in self.instance.pauses.items()]
        self.initial["pauses"] = "\n".join(lines)
        self.initial["breaks"] = "\n".join(self.instance.breaks)
        for name in ("pause", "wrapup", "call", "work", "callback"):
            field = self.fields[f"{name}_minutes"]
            least = 1 if name == "callback" else 0
            field.widget.attrs |= {"min": least, "max": LONGEST}
        self.dress()

    @property
    def is_there(self) -> bool:
        return True  # a site that said none has the defaults

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for name in ("pause", "wrapup", "call", "work", "callback"):
            minutes = said.get(f"{name}_minutes")
            if minutes is not None and minutes > LONGEST:
                self.add_error(f"{name}_minutes", _("No limit is longer than a day."))
        if said.get("callback_minutes") == 0:
            self.add_error("callback_minutes", _("Whoever asks is to be called back some time."))
        return said

    def clean_pauses(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for line in _lines(self.cleaned_data["pauses"]):
            word, _space, minutes = line.rpartition(" ")
            if not word or not minutes.isdecimal() or int(minutes[:6]) > LONGEST:
                raise forms.ValidationError(
                    _("“%(line)s” is not a word and its minutes, as “lunch 60”.") % {"line": line}
                )
            found[_word(word)] = int(minutes)
        return found

    def clean_breaks(self) -> list[str]:
        return list(dict.fromkeys(map(_word, _lines(self.cleaned_data["breaks"]))))


def _lines(text: str) -> list[str]:
    """Its lines that say something. Raises ValidationError where they are too many."""
    lines = [line for line in map(visible, text.splitlines()) if line]
    if len(lines) > MOST_WORDS:
        raise forms.ValidationError(_("No more than %(n)d lines.") % {"n": MOST_WORDS})
    return lines


def _word(word: str) -> str:
    if len(word) > LONGEST_WORD:
        raise forms.ValidationError(_("“%(word)s…” is too long.") % {"word": word[:LONGEST_WORD]})
    return word
