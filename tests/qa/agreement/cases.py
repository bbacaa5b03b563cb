"""Published ratings, and ratings of any kind that hypothesis draws."""

from itertools import permutations

from hypothesis import strategies as st

from qa.agreement import Metric, Rating, Ratings, Scale

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: 4 observers, 12 units,
# five values, some missing (0). Gwet 2014 has the same ratings.
KRIPPENDORFF = {
    "A": (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
    "B": (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
    "C": (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
    "D": (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
}
FIVE = (1, 2, 3, 4, 5)

# The same, sections A and B: two observers.
BINARY = ("0100000010", "1110010000")
LETTERS = ("aabbdcccedda", "babbbccceddd")

# Gwet 2014, "Handbook of Inter-Rater Reliability", 4th ed.: two abstractors of 100 pregnancies
# (ectopic, abnormal, normal), rows the first's.
ABSTRACTORS = ((13, 0, 0), (0, 20, 7), (0, 4, 56))

# Fleiss 1971, "Measuring nominal scale agreement among many raters", as Gwet 2014 has it: how many
# of six psychiatrists gave each of 15 patients each of five diagnoses.
PSYCHIATRISTS = (
    (0, 0, 0, 6, 0), (0, 3, 0, 0, 3), (0, 1, 4, 0, 1), (0, 0, 0, 0, 6), (0, 3, 0, 3, 0),
    (2, 0, 4, 0, 0), (0, 0, 4, 0, 2), (2, 0, 3, 1, 0), (2, 0, 0, 4, 0), (0, 0, 0, 0, 6),
    (1, 0, 0, 5, 0), (1, 1, 0, 4, 0), (0, 3, 3, 0, 0), (1, 0, 0, 5, 0), (0, 2, 0, 3, 1),
)  # fmt: skip


def by_rater(rows):
    """Ratings of {rater: a value a unit}; a value of 0 is missing."""
    return [
        Rating(unit, rater, value)
        for rater, values in rows.items()
        for unit, value in enumerate(values)
        if value != 0
    ]


def two_raters(one, other):
    return by_rater({"one": tuple(one), "other": tuple(other)})


def of_table(table):
    """Ratings of two raters of a contingency table, its values numbered from 1."""
    pairs = [
        (row + 1, column + 1)
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]
    return two_raters(*zip(*pairs, strict=True))


def of_counts(rows):
    """Ratings of how many gave each unit each value, numbered from 1."""
    return [
        Rating(unit, rater, value)
        for unit, counts in enumerate(rows)
        for rater, value in enumerate(
            value + 1 for value, count in enumerate(counts) for _ in range(count)
        )
    ]


def passes(both, one_fails, both_fail=0):
    """Two raters on calls that pass ("yes") or not."""
    pairs = [("yes", "yes")] * both + [("yes", "no")] * one_fails + [("no", "no")] * both_fail
    return two_raters(*zip(*pairs, strict=True))


YES_NO = Scale(Metric.NOMINAL, ("no", "yes"))


def units(ratings):
    """The values of each unit, as a list each."""
    found = {}
    for one in ratings:
        found.setdefault(one.unit, []).append(one.value)
    return list(found.values())


def naive_alpha(ratings, metric):
    """Alpha by its definition: all ordered pairs of values within units, each a unit's share of
    1 / (m - 1), over all ordered pairs of the values that can be paired."""
    several = [values for values in units(ratings) if len(values) > 1]
    pairable = [value for values in several for value in values]
    order = sorted(set(pairable))

    def squared(one, other):
        if metric is Metric.NOMINAL:
            return float(one != other)
        if metric is Metric.INTERVAL:
            return float((one - other) ** 2)
        if metric is Metric.RATIO:
            return float(((one - other) / (one + other)) ** 2) if one + other else 0.0
        low, high = sorted((one, other))
        between = sum(pairable.count(value) for value in order if low <= value <= high)
        return (between - (pairable.count(low) + pairable.count(high)) / 2) ** 2

    n = len(pairable)
    within = sum(
        squared(one, other) / (len(values) - 1)
        for values in several
        for one, other in permutations(values, 2)
    )
    overall = sum(squared(one, other) for one, other in permutations(pairable, 2))
    if not n or not overall:
        return None
    return 1 - (within / n) / (overall / (n * (n - 1)))


def naive_ac(ratings, categories, weight):
    """AC by its definition: pairs of raters within units, and how common each value is."""
    several = [values for values in units(ratings) if len(values) > 1]
    if not several or len(categories) < 2:
        return None
    agreed = 0.0
    for values in several:
        pairs = list(permutations(values, 2))
        agreed += sum(weight(one, other) for one, other in pairs) / len(pairs) / len(several)
    everything = units(ratings)
    q = len(categories)
    total = sum(weight(one, other) for one in categories for other in categories)
    chance = 0.0
    for category in categories:
        share = sum(values.count(category) / len(values) for values in everything)
        share /= len(everything)
        chance += total / (q * (q - 1)) * share * (1 - share)
    return (agreed - chance) / (1 - chance)


@st.composite
def some_ratings(draw, values=FIVE):
    """Up to ten units, each with one to four ratings of some of five raters."""
    many = draw(st.integers(1, 10))
    return [
        Rating(unit, rater, draw(st.sampled_from(values)))
        for unit in range(many)
        for rater in draw(st.sets(st.integers(0, 4), min_size=1, max_size=4))
    ]


def of(ratings, metric, categories=()):
    return Ratings.of(ratings, Scale(metric, categories))
