"""Somebody's marks beside their own past."""

from qa.after.trend import trends


def test_what_rises_beyond_chance_is_told_and_what_may_be_chance_is_not():
    found = trends(
        {
            # Never met 24 times, then always: of 32 in any order 1 in 10 million are so.
            "up": [0.0] * 24 + [1.0] * 8,
            "down": [1.0] * 24 + [0.0] * 8,
            # 18 of 24 before, 6 of 8 now: the same share.
            "same": [1.0] * 18 + [0.0] * 6 + [1.0] * 6 + [0.0] * 2,
            # Five of eight instead of six.
            "little": [1.0] * 18 + [0.0] * 6 + [1.0] * 5 + [0.0] * 3,
            "always": [1.0] * 40,
        }
    )
    assert {key: one.direction for key, one in found.items()} == {
        "up": "up", "down": "down", "same": "steady", "little": "steady", "always": "steady",
    }  # fmt: skip
    assert (found["same"].mean, found["same"].before) == (0.75, 0.75)
    assert (found["always"].n, found["always"].n_before) == (8, 24)


def test_of_few_nothing_is_compared():
    found = trends({"few": [1.0] * 10, "one": [0.5], "none": []})
    # Eight now and two before.
    assert (found["few"].direction, found["few"].before, found["few"].n) == ("", None, 8)
    assert found["one"].mean == 0.5
    assert "none" not in found


def test_of_many_criteria_that_are_steady_hardly_any_is_told_to_change():
    # Marks that come in a fixed irregular order and have no trend in them.
    marks = {
        number: [float((place * 7 + number * 5) % 11 > 4) for place in range(32)]
        for number in range(12)
    }
    assert {one.direction for one in trends(marks).values()} == {"steady"}
