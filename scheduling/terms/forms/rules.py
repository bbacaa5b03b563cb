"""The form of a site's rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.structure.forms import (
    RowForm,
)
from scheduling.models import (
    SiteRules,
)
from scheduling.shifts.days import MINUTES
from scheduling.terms import limits, words
from scheduling.terms.fields import ClockField, HoursField
from scheduling.terms.forms.grouped import Grouped


class RulesForm(Grouped, RowForm):
    """A site's rules: what a night is, what notice people have, and which rules are soft."""

    is_there = True  # where none was said the defaults hold

    mix = forms.DecimalField(
        label=gettext_lazy("Experienced people for each new one"),
        required=False,
        min_value=0,
        max_value=20,
        decimal_places=2,
        help_text=gettext_lazy("Wherever somebody new is. Empty: as it comes."),
    )
    night_from = ClockField(label=gettext_lazy("Night from"))
    night_to = ClockField(label=gettext_lazy("Night to"))
    night_minutes = HoursField(
        most=MINUTES,
        required=True,
        label=gettext_lazy("A night shift has at least"),
        help_text=gettext_lazy("Of these hours."),
    )
    late_from = ClockField(
        label=gettext_lazy("Late is what ends after"),
        help_text=gettext_lazy("And is no night."),
    )

    class Meta:
        model = SiteRules
        fields = (
            "slot_minutes", "away_percent", "notice_days", "new_weeks", "mix", "night_from",
            "night_to", "night_minutes", "late_from", "rather_not", "likes", "trades_by_supervisor",
            "trade_until_hours", "trade_short_hours", "fairness_weeks", "fairness_price",
        )  # fmt: skip
        help_texts = {
            "away_percent": gettext_lazy(
                "Ill, late or away without notice: rosters have so many more. Shrinkage tells what "
                "it was."
            ),
            "notice_days": gettext_lazy("Changes later than that have to be acknowledged."),
            "new_weeks": gettext_lazy("After being hired."),
            "trades_by_supervisor": gettext_lazy(
                "Else they are done at once where the rules allow."
            ),
            "trade_short_hours": gettext_lazy("Of those that were there before it."),
            "fairness_weeks": gettext_lazy("What was borne longer ago is forgotten."),
            "fairness_price": gettext_lazy(
                "For who bore as much as the others, where a position missing for one slot costs "
                "10; for others in proportion. 0: rosters do not even it out."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rule in limits.rules():
            self.fields[_soft(rule)] = forms.IntegerField(
                label=words.rule(rule),
                required=False,
                min_value=1,
                max_value=limits.MOST_WEIGHT,
                initial=self.instance.weights.get(rule),
                widget=forms.NumberInput(attrs={"placeholder": _("hard")}),
            )
        hint = _("Empty: it must not be broken. Else what breaking it once costs, where a position")
        self.grouped = (
            (
                _("Wishes"),
                _("What it costs to refuse one, where a position missing for one slot costs 10."),
                ("rather_not", "likes"),
            ),
            (
                _("Trades of shifts"),
                _("Swaps, cover, shifts given up and open ones."),
                ("trades_by_supervisor", "trade_until_hours", "trade_short_hours"),
            ),
            (
                _("Fairness"),
                _("What rosters do so that weekends, nights, lates, splits and holidays even out."),
                ("fairness_weeks", "fairness_price"),
            ),
            (
                _("Soft rules"),
                hint + " " + _("missing for one slot costs 10."),
                [_soft(rule) for rule in limits.rules()],
            ),
        )
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        begin, end = said.get("night_from"), said.get("night_to")
        if begin is not None and end is not None:
            said["night_to"] = end = end + MINUTES if end <= begin else end
            if (said.get("night_minutes") or 1) > end - begin:
                message = _("A night has no more minutes than lie in it.")
                self.add_error("night_minutes", message)
        if said.get("night_minutes") == 0:
            self.add_error("night_minutes", _("A night shift has some of its hours."))
        self.instance.weights = {
            rule: said[_soft(rule)] for rule in limits.rules() if said.get(_soft(rule)) is not None
        }
        return said


def _soft(rule: str) -> str:
    return f"soft_{rule}"
