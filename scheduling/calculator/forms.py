"""What the calculator asks: four numbers first, then all that may matter beside."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.structure.forms import Dressed
from kpis.choices import Choices
from kpis.definitions import KPIS
from scheduling.calculator.asked import MOST_ERLANGS, VARIANTS, Asked
from scheduling.staffing.fields import SUM, KindsField, as_one, together_field

_HUNDRED = Decimal(100)
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)", re.ASCII)
_DAY_SECONDS = 86_400
# Of a cost that is of no site with a currency.
ANY_CURRENCY = gettext_lazy("In any currency: what it comes to is in the same.")


class SecondsField(forms.FloatField):
    """A length of time in seconds, or as a clock tells it: 3:30."""

    widget = forms.TextInput

    def __init__(self, *, least: float, most: float, **more: Any) -> None:
        within = [MinValueValidator(least), MaxValueValidator(most)]
        super().__init__(validators=within, **more)

    def to_python(self, value: Any) -> Any:
        if clock := _CLOCK.fullmatch(str(value or "").strip()):
            value = int(clock[1]) * 60 + int(clock[2])
        return super().to_python(value)


def _share(*, least: str, most: str, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        min_value=Decimal(least), max_value=Decimal(most), decimal_places=2, **more
    )


class CalculatorForm(Dressed, forms.Form):
    """A queue in an interval, by the address of the page: what is absent is as it comes."""

    calls = forms.FloatField(label=gettext_lazy("Calls"), min_value=0, max_value=10_000_000)
    per = forms.TypedChoiceField(
        label=gettext_lazy("in"),
        coerce=int,
        choices=[
            (60, gettext_lazy("an hour")),
            (30, gettext_lazy("half an hour")),
            (15, gettext_lazy("a quarter of an hour")),
        ],
    )
    aht = SecondsField(
        label=gettext_lazy("Handle time"),
        least=1,
        most=_DAY_SECONDS,
        help_text=gettext_lazy("Talk, hold and wrap-up; seconds, or m:ss."),
    )
    level = _share(label=gettext_lazy("Service level, %"), least="1", most="99.99", required=False)
    within = SecondsField(label=gettext_lazy("within"), least=0, most=_DAY_SECONDS)
    variant = forms.ChoiceField(
        label=gettext_lazy("Service level as"),
        choices=[
            ("SL4", gettext_lazy("SL4: in time, of all but early leavers")),
            ("SL1", gettext_lazy("SL1: answered or gone in time, of all")),
            ("SL2", gettext_lazy("SL2: in time, of the answered")),
            ("SL3", gettext_lazy("SL3: in time, of all")),
        ],
        help_text=gettext_lazy("Where nobody leaves all four are one."),
    )
    patience = SecondsField(
        label=gettext_lazy("Patience"),
        least=1,
        most=_DAY_SECONDS,
        required=False,
        help_text=gettext_lazy(
            "How long callers would wait, on average; seconds, or m:ss. Empty: nobody leaves."
        ),
    )
    again = _share(
        label=gettext_lazy("Call again, %"),
        least="0",
        most="100",
        required=False,
        help_text=gettext_lazy("Of those who leave."),
    )
    asa = SecondsField(
        label=gettext_lazy("Mean wait at most"), least=0, most=_DAY_SECONDS, required=False
    )
    abandon = _share(
        label=gettext_lazy("Abandoned at most, %"), least="0.01", most="100", required=False
    )
    occupancy = _share(
        label=gettext_lazy("Occupancy at most, %"), least="1", most="100", required=False
    )
    shrinkage = KindsField()
    together = together_field()
    cost = forms.FloatField(
        label=gettext_lazy("Cost of a paid hour"),
        min_value=0,
        max_value=1e6,
        required=False,
        help_text=ANY_CURRENCY,
    )
    positions = forms.IntegerField(
        label=gettext_lazy("Positions there are"),
        min_value=0,
        max_value=2 * MOST_ERLANGS,
        required=False,
        help_text=gettext_lazy("To see what they would give."),
    )
    busy = _share(
        label=gettext_lazy("All lines taken for, %"),
        least="0.01",
        most="50",
        help_text=gettext_lazy("Of callers, at most: for the lines to the network."),
    )

    FIRST = ("calls", "per", "aht", "level", "within")
    CALLERS = ("patience", "again", "variant")
    LIMITS = ("asa", "abandon", "occupancy")
    PEOPLE = ("shrinkage", "together", "cost", "positions", "busy")

    def __init__(self, data: Mapping[str, Any], choices: Choices) -> None:
        variant, parameters = choices.of(KPIS["service_level"])
        self.chosen = variant.id
        """How service level is made in the house, which may be a way that no formula tells."""
        self.usual = {
            "per": 60,
            "level": _percent(parameters.target),
            "within": parameters.threshold_seconds,
            "variant": variant.id if variant.id in VARIANTS else VARIANTS[0],
            "shrinkage": 0,
            "together": SUM,
            "busy": 1,
        }
        known = {name: data[name] for name in self.base_fields if name in data}
        super().__init__({**self.usual, **known} if known else None, initial=self.usual)
        self.dress()

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("again") and told.get("patience") is None and "patience" not in self.errors:
            self.add_error("patience", _("Nobody calls again who does not leave: say how patient."))
        if told.get("abandon") is not None and told.get("patience") is None:
            self.add_error("patience", _("Nobody leaves without it."))
        told["shrinks"] = as_one(self)
        aims = ("level", "asa", "abandon", "occupancy", "positions")
        if not self.errors and all(told.get(name) is None for name in aims):
            self.add_error("level", _("Ask for something, or say how many positions there are."))
        return told

    def asked(self) -> Asked:
        """What a valid form asks."""
        told = self.cleaned_data
        return Asked(
            calls=told["calls"],
            interval_seconds=told["per"] * 60.0,
            aht_seconds=told["aht"],
            service_level=_fraction(told["level"]),
            target_seconds=told["within"],
            variant=told["variant"],
            patience_seconds=told["patience"],
            again=_fraction(told["again"]) or 0.0,
            asa_seconds=told["asa"],
            abandonment=_fraction(told["abandon"]),
            occupancy=_fraction(told["occupancy"]),
            shrinkage=told["shrinks"],
            cost_per_hour=told["cost"],
            positions=told["positions"],
            busy=float(told["busy"] / _HUNDRED),
        )

    @property
    def is_near(self) -> bool:
        """Whether another way to count stands in for that of the house."""
        return self.chosen not in VARIANTS and self["variant"].value() == VARIANTS[0]

    @property
    def has_more(self) -> bool:
        """Whether anything beyond the first four is told or to be mended."""
        beside = (*self.CALLERS, *self.LIMITS, *self.PEOPLE)
        told = {name: self[name].value() for name in beside}
        return any(
            name in self.errors or str(value or 0) != str(self.usual.get(name, 0))
            for name, value in told.items()
        )

    def of(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """What may be asked beside the first, by what it is about."""
        return [
            (_("Callers"), self.of(self.CALLERS)),
            (_("Limits"), self.of(self.LIMITS)),
            (_("People and lines"), self.of(self.PEOPLE)),
        ]

    def first(self) -> list[forms.BoundField]:
        return self.of(self.FIRST)


def _fraction(percent: Decimal | None) -> float | None:
    return None if percent is None else float(percent / _HUNDRED)


def _percent(fraction: float | None) -> str:
    """0.8 as 80, and nothing where no target is."""
    return "" if fraction is None else f"{fraction * 100:.10g}"
