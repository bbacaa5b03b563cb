"""How queues behave: what to expect of so many calls at so many positions, and how many positions
a target takes.

Pure: numbers and arrays of any shape in, the same shape out, one formula for both. Times are in
seconds, `load` is in erlangs (calls x handle time / length of the interval), positions need not be
whole. No calls, no positions, and fewer positions than the load are answers, not errors.

    loss.py       Erlang B: nobody waits
    delay.py      Erlang C: everybody waits for as long as it takes
    patience.py   Erlang A: whoever waits may leave
    retrials.py   Erlang X: and may call again
    required.py   the smallest number of positions that meets targets
    climbing.py   the same of Erlang C, of many intervals at once
    callers.py    which formula what is known of callers takes
    positions.py  shrinkage, and when to round

`docs/staffing.md` says where each formula comes from.
"""

from scheduling.erlang.callers import Callers
from scheduling.erlang.delay import erlang_c
from scheduling.erlang.expected import Expected
from scheduling.erlang.loss import erlang_b
from scheduling.erlang.patience import erlang_a
from scheduling.erlang.retrials import erlang_x

__all__ = ["Callers", "Expected", "erlang_a", "erlang_b", "erlang_c", "erlang_x"]
