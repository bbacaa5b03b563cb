"""Words of texts as they are compared."""

import pytest

from qa.transcripts import spelled_out


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("It doesn't work", "It does not work"),
        ("I don\u2019t know, isn\u2019t it?", "I do not know, is not it?"),
        ("We can't, won't, shan't and cannot", "We can not, will not, shall not and can not"),
        ("DON'T", "DO not"),
        ("I've, she'll, you're, I'm, he'd, the agent's", "I, she, you, I, he, the agent"),
        ("the agents' calls of the 90's", "the agents' calls of the 90's"),
        # What other languages elide stays.
        ("l'agent, d'attente, aujourd'hui", "l'agent, d'attente, aujourd'hui"),
        ("Qu'est-ce qu'il s'est passé, j'ai", "Qu'est-ce qu'il s'est passé, j'ai"),
        ("dell'attesa, c'è, un po'", "dell'attesa, c'è, un po'"),
        ("Dolmetscher, want, wo nichts", "Dolmetscher, want, wo nichts"),
    ],
)
def test_english_contractions_are_spelled_out_and_nothing_else_is(said, whole):
    assert spelled_out(said) == whole
