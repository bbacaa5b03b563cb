"""Phrases are found whatever their case, accents and signs, and over lines of one speaker."""

import pytest

from qa.transcripts import Span, folded, found
from tests.qa.transcripts.talks import talk


def spans(transcript, text):
    return [one.spans for one in found(transcript, text)]


def test_a_phrase_is_found_with_its_line_and_place():
    said = talk("A: Thank you for calling", "C: I'd like to, thank YOU!")
    assert spans(said, "thank you") == [(Span(1, 0, 9),), (Span(2, 13, 22),)]
    assert found(said, "thank you")[1].line == 2


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("Écoutez-moi bien", "ecoutez moi"),
        ("e\u0301coutez", "ÉCOUTEZ"),
        ("die STRASSE", "Straße"),
        ("Smørrebrød", "smorrebrod"),
        ("Don’t do that", "don't do"),
        ("thank... you", "thank you"),
        ("お電話ありがとうございます", "ありがとう"),
        ("ΘΈΛΩ", "θελω"),
    ],
)
def test_case_accents_and_signs_between_do_not_matter(words, text):
    assert found(talk(f"A: {words}"), text)


@pytest.mark.parametrize(
    ("words", "text"),
    [("refunds", "refund"), ("thank all you", "thank you"), ("हिन्दी", "हन्दा"), ("Hello", " ?! ")],
)
def test_what_is_not_the_whole_phrase_is_not_found(words, text):
    assert not found(talk(f"A: {words}"), text)


def test_a_phrase_goes_on_over_lines_of_one_speaker_alone():
    said = talk("A: Thank you", "A: for", "A: calling us", "C: Thank you", "A: for calling")
    assert spans(said, "thank you for calling") == [(Span(1, 0, 9), Span(2, 0, 3), Span(3, 0, 7))]
    assert found(said, "thank you for calling")[0].line == 1


def test_hits_do_not_overlap():
    assert spans(talk("C: no no no no"), "no no") == [(Span(1, 0, 5),), (Span(1, 6, 11),)]


def test_words_that_fold_to_more_letters_keep_their_places():
    said = talk("C: ß ﬃ Æ end")
    assert spans(said, "end") == [(Span(1, 6, 9),)]
    assert folded("Æ") == "ae"
