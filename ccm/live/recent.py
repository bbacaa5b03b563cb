"""The newest lines of a log, by the call or the agent they tell of.

What a new line means may hang on lines before it: the number that a call dialled, the reason of a
pause, an end after an end. So new lines are folded with those that are known of the same.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable

# Of a call or an agent lines of this long before the newest are kept, as of events.
WINDOW_SECONDS = 24 * 3600
# Some 30 MB. Whoever was told of longest ago is forgotten first.
MOST_LINES = 100_000

# When a line was written, in seconds since 1970, and of whom it tells.
ToldOf = Callable[[str], tuple[int, str] | None]


class Recent:
    def __init__(self, told_of: ToldOf, most: int = MOST_LINES) -> None:
        self._told_of, self._most = told_of, most
        self._lines: OrderedDict[str, list[tuple[int, str]]] = OrderedDict()
        self._count = 0

    def beside(self, lines: Iterable[str]) -> list[str]:
        """The lines that are known of those that these tell of, in the order they came in."""
        told = [self._told_of(line) for line in lines]
        whose = dict.fromkeys(one[1] for one in told if one is not None)
        return [line for whom in whose for _at, line in self._lines.get(whom, [])]

    def add(self, lines: Iterable[str]) -> None:
        """Know these lines from now on."""
        for line in lines:
            if (told := self._told_of(line)) is None:
                continue
            at, whom = told
            known = self._lines.setdefault(whom, [])
            self._lines.move_to_end(whom)
            known.append((at, line))
            self._count += 1
            if known[0][0] < at - WINDOW_SECONDS:
                kept = [one for one in known if one[0] >= at - WINDOW_SECONDS]
                self._count -= len(known) - len(kept)
                self._lines[whom] = kept
        while self._count > self._most:
            _whom, forgotten = self._lines.popitem(last=False)
            self._count -= len(forgotten)
