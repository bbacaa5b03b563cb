"""The forms of the terms of work. Each offers only what its user may say."""

from scheduling.terms.forms.availability import AvailabilityForm
from scheduling.terms.forms.contracts import ContractForm
from scheduling.terms.forms.pairings import PairingForm
from scheduling.terms.forms.rotations import RotationForm
from scheduling.terms.forms.rules import RulesForm
from scheduling.terms.forms.sessions import SessionForm
from scheduling.terms.forms.shifts import TemplateForm
from scheduling.terms.forms.spells import (
    ContractSpellForm,
    RotationSpellForm,
    SkillSpellForm,
    SpellForm,
)

__all__ = [
    "AvailabilityForm",
    "ContractForm",
    "ContractSpellForm",
    "PairingForm",
    "RotationForm",
    "RotationSpellForm",
    "RulesForm",
    "SessionForm",
    "SkillSpellForm",
    "SpellForm",
    "TemplateForm",
]
