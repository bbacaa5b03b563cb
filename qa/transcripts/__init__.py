"""What was said in a call: read from what turned it into text, searched, made safe to keep, timed.

Pure. `read` takes JSON, WebVTT or plain text with speakers and makes a `Transcript`, or raises
`Misread`. `redacted` hides numbers and addresses, `found` finds phrases, `timing` tells silence,
overtalk and long stretches. docs/quality-transcripts.md says what each means.
"""

from qa.transcripts.kept import as_json, from_json
from qa.transcripts.reading import Form, form_of, language_tag, read
from qa.transcripts.redaction import ALL, POSTCODES, TELLING, Kind, Redacted, redacted
from qa.transcripts.search import Hit, found
from qa.transcripts.timing import Spell, Timing, timing
from qa.transcripts.transcript import Expected, Line, Misread, Speaker, Transcript, named
from qa.transcripts.words import Span, Turn, Word, folded, spelled_out, turns, words

__all__ = [
    "ALL",
    "POSTCODES",
    "TELLING",
    "Expected",
    "Form",
    "Hit",
    "Kind",
    "Line",
    "Misread",
    "Redacted",
    "Span",
    "Speaker",
    "Spell",
    "Timing",
    "Transcript",
    "Turn",
    "Word",
    "as_json",
    "folded",
    "form_of",
    "found",
    "from_json",
    "language_tag",
    "named",
    "read",
    "redacted",
    "spelled_out",
    "timing",
    "turns",
    "words",
]
