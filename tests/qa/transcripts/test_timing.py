"""Silence, overtalk and stretches, reckoned by hand; and against counting every millisecond."""

from hypothesis import given
from hypothesis import strategies as st

from qa.transcripts import Speaker, Spell, timing
from qa.transcripts.timing import without
from tests.qa.transcripts.talks import talk


def test_silence_overtalk_and_stretches_of_a_short_talk():
    # 0    2    4    6    8    10   12   14
    # A----A         A---------A
    #           C---------C         C----C
    found = timing(talk((0, 2, "A: a"), (4, 8, "C: b"), (6, 10, "A: c"), (12, 14, "C: d")))
    assert found.talk_ms == 10_000
    assert found.silences == (Spell(2000, 2000), Spell(10_000, 2000))
    assert sum(one.ms for one in found.silences) == 4000
    assert found.overtalks == (Spell(6000, 2000),)
    assert (found.overtalk_ms, found.overtalk_share) == (2000, 0.2)
    assert found.longest == {Speaker.AGENT: Spell(6000, 4000), Speaker.CALLER: Spell(4000, 4000)}


def test_a_stretch_goes_over_pauses_until_somebody_else_begins():
    found = timing(talk((0, 1, "A: a"), (3, 5, "A: b"), (5, 6, "C: c"), (7, 8, "A: d")))
    assert found.longest[Speaker.AGENT] == Spell(0, 5000)


def test_what_one_person_says_twice_at_once_is_no_overtalk_and_two_agents_are_two():
    assert timing(talk((0, 3, "A: a"), (1, 2, "A: b"))).overtalks == ()
    assert timing(talk((0, 3, "A1: a"), (1, 2, "A2: b"))).overtalks == (Spell(1000, 1000),)


def test_three_at_once_are_one_spell():
    found = timing(talk((0, 9, "A: a"), (1, 5, "C: b"), (3, 7, "O: c")))
    assert found.overtalks == (Spell(1000, 6000),)


def test_without_times_nothing_is_told():
    assert timing(talk("A: a", (1, 2, "C: b"))) is None
    assert timing(talk((0, None, "A: a"))) is None


def test_lines_without_length_have_no_share():
    found = timing(talk((1, 1, "A: a")))
    assert (found.talk_ms, found.overtalk_share, found.silences) == (0, None, ())


def test_spells_less_others():
    left = without([Spell(0, 10), Spell(20, 5)], [Spell(4, 2), Spell(2, 3), Spell(9, 12)])
    assert left == [Spell(0, 2), Spell(6, 3), Spell(21, 4)]


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 10), st.sampled_from("ACO")),
        min_size=1,
        max_size=12,
    )
)
def test_sums_are_those_of_counting_each_millisecond(lines):
    found = timing(talk(*((s / 1000, (s + ms) / 1000, f"{who}: a") for s, ms, who in lines)))
    speaking = [
        {who for start, ms, who in lines if start <= at < start + ms} for at in range(0, 41)
    ]
    first, last = min(s for s, _, _ in lines), max(s + ms for s, ms, _ in lines)
    assert found.talk_ms == sum(map(bool, speaking))
    assert found.overtalk_ms == sum(len(one) > 1 for one in speaking)
    assert sum(one.ms for one in found.silences) == sum(not one for one in speaking[first:last])
