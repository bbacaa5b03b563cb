"""What binds somebody's shifts: their contract and the law that it names, the stricter of both."""

from dataclasses import fields, replace
from decimal import Decimal
from functools import cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from scheduling.models import Contract
from scheduling.models.terms import REST_MINUTES
from scheduling.shifts import Limits
from scheduling.terms import law

# Rules that may be soft beside the fields of limits (`scheduling.shifts.Weights`).
OTHER_RULES = ("mix", "pairing", "rotation")
MOST_WEIGHT = 10_000


@cache
def columns() -> tuple[str, ...]:
    """The fields of limits that a contract has a column for."""
    own = {one.name for one in Contract._meta.concrete_fields}
    return tuple(one.name for one in fields(Limits) if one.name in own)


def is_minutes(name: str) -> bool:
    """Whether a limit is of hours, kept in minutes; else it is of days."""
    return name.endswith("_minutes") or name == "longest_without_pause"


def rules() -> tuple[str, ...]:
    """The rules that may be soft."""
    return (*columns(), *OTHER_RULES)


def of_contract(contract: Contract) -> Limits:
    """What a contract says, and the law beside it."""
    own = replace(Limits(), **{name: getattr(contract, name) for name in columns()})
    return own.strictest(law.limits(contract.law))


def without_contract(week_hours: Decimal | None) -> Limits:
    """What holds for somebody whose contract nobody has told: the rest between shifts, and no more
    than the hours a week that lists tell of them."""
    most = None if week_hours is None else int(week_hours * 60)
    return Limits(rest_minutes=REST_MINUTES, most_week_minutes=most)


def check_weights(said: object) -> None:
    """Raises ValidationError for weights of rules that there are none of, and for no weights."""
    if not isinstance(said, dict):
        raise ValidationError(_("Weights are told by rule."))
    for rule, weight in said.items():
        if rule not in rules():
            raise ValidationError(_("There is no rule %(rule)s.") % {"rule": rule})
        if type(weight) is not int or not 1 <= weight <= MOST_WEIGHT:
            words = _("A weight is a whole number from 1 to %(most)s.")
            raise ValidationError(words % {"most": MOST_WEIGHT})
