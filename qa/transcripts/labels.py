"""What sources call those who speak, and where a line begins with such a name."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from qa.transcripts.transcript import Speaker

# English, then words of German, French, Spanish, Italian, Portuguese and Dutch.
_ROLES = {
    Speaker.AGENT: (
        "agent advisor adviser representative rep csr operator employee associate consultant"
        " mitarbeiter mitarbeiterin berater beraterin conseiller conseillère agente asesor asesora"
        " operatore operatrice atendente operador operadora medewerker"
    ),
    Speaker.CALLER: (
        "caller customer client consumer member guest patient subscriber end_user"
        " kunde kundin anrufer anruferin cliente appelant appelante llamante chiamante klant beller"
    ),
    Speaker.OTHER: (
        "ivr bot custom_bot system virtual_agent voicebot supervisor interpreter translator"
        " announcement dolmetscher interprète intérprete"
    ),
}
ROLES: Mapping[str, Speaker] = {
    word: speaker for speaker, words in _ROLES.items() for word in words.split()
}
_NUMBERED = re.compile(r"[\s_#-]*\d{1,3}$")
_GENERIC = re.compile(r"(?:speaker|spk|channel|ch|sprecher|locuteur|hablante)[\s_#-]*\w{1,3}", re.I)
# A colon with a blank behind it: neither 10:30 nor https://.
_LABELLED = re.compile(r"\s*(?P<label>[^\W_][^:]{0,79}?)\s*:(?:\s+(?P<words>.*)|\s*)$", re.S)
_FIRST_WORD = re.compile(
    r"\s*([^\W\d_]+(?:[ _#]?\d{1,3}(?!\d))?)(?:\s*[-\u2013|>]+\s*|\s+)(.*)$", re.S
)
_MOST_WORDS = 4


def role(label: str) -> Speaker:
    """Who a name is, by what the field calls them: "Agent 2", "CUSTOMER"."""
    plain = label.strip().casefold().replace(" ", "_")
    return ROLES.get(plain) or ROLES.get(_NUMBERED.sub("", plain)) or Speaker.UNKNOWN


class Labels:
    """Names in front of a colon that are of those who speak: known ones, numbered ones (Speaker 1),
    and whatever begins at least two lines. "I have two options: stay or leave" is said once.

    `texts` are all lines of the source; `speakers` are the names that are known.
    """

    def __init__(self, texts: Iterable[str], speakers: Mapping[str, Speaker]) -> None:
        self._speakers = speakers
        begun = Counter(hit["label"].casefold() for text in texts if (hit := _candidate(text)))
        self._often = {label for label, many in begun.items() if many > 1}

    def split(self, text: str) -> tuple[str, str] | None:
        """The name that a text begins with, and the words behind it; None: it begins with none."""
        hit = _candidate(text)
        if hit is None or not (self.known(hit["label"]) or hit["label"].casefold() in self._often):
            return None
        return hit["label"], hit["words"] or ""

    def split_plain(self, text: str) -> tuple[str, str] | None:
        """The same without a colon, of known names alone: "Agent Good morning" behind a time."""
        hit = _FIRST_WORD.match(text + " ")
        return (hit[1], hit[2]) if hit and self.known(hit[1]) else None

    def known(self, label: str) -> bool:
        plain = label.strip()
        return plain.casefold() in self._speakers or _GENERIC.fullmatch(plain) is not None


class Roles(Mapping[str, Speaker]):
    """Speakers by name in small letters: those that whoever reads knows, then the field's words."""

    def __init__(self, speakers: Mapping[str, Speaker]) -> None:
        self._speakers = {label.strip().casefold(): one for label, one in speakers.items()}

    def __getitem__(self, label: str) -> Speaker:
        found = self._speakers.get(label) or role(label)
        if found is Speaker.UNKNOWN:
            raise KeyError(label)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._speakers)

    def __len__(self) -> int:
        return len(self._speakers)


def _candidate(text: str) -> re.Match[str] | None:
    hit = _LABELLED.match(text)
    return hit if hit and len(hit["label"].split()) <= _MOST_WORDS else None
