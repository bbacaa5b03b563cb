"""Words for why somebody left, in the languages of `labels`: of their own will, or not. Pure.

Words that can be both, as the end of a contract or a retirement, are neither: the reason then stays
unknown.
"""

from ccm.imports.facts.references import folded
from ccm.models import LeftReason

_WORDS = {
    LeftReason.VOLUNTARY: (
        "voluntary|of their own will|own will|resigned|resignation|quit|freiwillig|eigenkündigung|"
        "kündigung durch arbeitnehmer|arbeitnehmerkündigung|volontaire|démission|demission|"
        "voluntario|voluntaria|renuncia|baja voluntaria|dimissioni|volontario|volontaria|"
        "voluntário|vrijwillig|eigen ontslag"
    ),
    LeftReason.INVOLUNTARY: (
        "involuntary|not of their own will|dismissed|dismissal|terminated|laid off|layoff|"
        "redundancy|redundant|unfreiwillig|entlassen|entlassung|kündigung durch arbeitgeber|"
        "arbeitgeberkündigung|involontaire|licenciement|licencié|involuntario|involuntaria|"
        "despido|licenziamento|involontario|involontaria|despedimento|onvrijwillig|ontslagen"
    ),
}
_KNOWN = {word: reason for reason, words in _WORDS.items() for word in words.split("|")}


def reason_of(words: str) -> str | None:
    """The reason that a cell tells; None: it tells neither."""
    return _KNOWN.get(folded(words))
