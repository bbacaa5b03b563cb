"""Whether draws are fair, judged by how often each call came: for the suite and tests/heavy.

A plain Pearson statistic cannot fail here: in a draw without replacement counts vary less than
multinomial ones, by the factor (N - n) / (N - 1). Over that factor it has N - 1 degrees.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from scipy.special import chdtrc

CALLS = tuple(f"call-{number:03}" for number in range(100))


def p_of(counts: Sequence[int], draws: int, n: int) -> float:
    """How often fair draws of `n` differ at least that much. `counts`: how often each call came.

    X2 = (N - 1) / (N (1 - n/N)) sum (O - E)^2 / E, on N - 1 degrees.
    """
    calls = len(counts)
    expected = draws * n / calls
    off = sum((count - expected) ** 2 for count in counts) / expected
    return float(chdtrc(calls - 1, (calls - 1) / (calls * (1 - n / calls)) * off))


def fairness(
    drawn: Callable[[str], Iterable[str]], draws: int, n: int, calls: Sequence[str] = CALLS
) -> float:
    """The p of as many draws, by seeds that are as alike as seeds can be."""
    came: Counter[str] = Counter()
    for seed in range(draws):
        came.update(drawn(f"seed {seed}"))
    return p_of([came[call] for call in calls], draws, n)
