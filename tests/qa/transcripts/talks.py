"""Transcripts in few words."""

from qa.transcripts import Line, Speaker, Transcript

_WHO = {
    "A": Speaker.AGENT,
    "C": Speaker.CALLER,
    "O": Speaker.OTHER,
    "U": Speaker.UNKNOWN,
}


def talk(*lines, language=None):
    """Of "A: words" each, or of (start s, end s, "A: words")."""

    def line(one):
        start, end, said = one if isinstance(one, tuple) else (None, None, one)
        who, words = said.split(": ", 1)
        times = (None if each is None else round(each * 1000) for each in (start, end))
        return Line(words, _WHO[who[0]], who, *times)

    return Transcript(tuple(map(line, lines)), language)
