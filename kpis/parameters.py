"""What an admin may set about a KPI's formula, and how a passport says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpis.sums.histogram import Boundary
from kpis.sums.repeats import LONGEST, SCOPES, Scope

Parameter = Literal[
    "threshold", "lost", "short", "clock", "entry", "hours", "callbacks", "ring", "effort",
    "conversation", "window", "matter", "kinds", "productive",
]  # fmt: skip
"""Parameters by the name under which a variant says that it reads them."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The settings of a formula. A variant reads some of them: see `Variant.uses`."""

    threshold_seconds: int = 20
    boundary: Boundary = "<="
    """Whether a wait of exactly the threshold is within it."""
    short_abandon_seconds: int = 5
    """An abandon of at most this wait is short; 0 = none is."""
    lost: bool = True
    """Time-outs and other exits without service count like abandons (SL1 to SL5)."""
    clock_start_seconds: int = 0
    """The clock starts this long after entry: waits shrink by it, down to 0, and who left
    unserved before it is counted apart."""
    transfers_in: bool = True
    """Visits that were transferred into the queue count."""
    business_hours: bool = False
    """Only quarter hours that begin within the opening hours of the queue, else of the site."""
    callbacks: Literal["request", "success", "return"] = "request"
    """A request for a call back ends the wait and is neither success nor failure, or is as good
    as an answer at that moment; or the wait goes on until an agent has the caller on the line
    again, and who was not called back yet is left out."""
    ring: bool = True
    """The time a phone rings at an agent is handling; else it is idle."""
    effort: Literal["easy", "hard"] = "easy"
    """What a high effort score says: that it was easy, or that it was hard."""
    conversation_seconds: int = 30
    """An outbound call of so much talk is a conversation."""
    window_days: int = 7
    """A contact of the same caller within so many days, 1 to 30, is a repeat."""
    matter: Scope = "queue"
    """Which contacts of a caller are of one matter: those on a queue, at the site, on a topic."""
    cost_kinds: str = ""
    """Only costs of these kinds count, with commas between, as of salaries for wages alone; empty:
    all of them, the loaded cost."""
    productive_pauses: str = ""
    """Reasons of pauses that are productive, with commas between, as training; empty: none is."""
    target: float | None = None

    @property
    def kinds(self) -> list[str]:
        """The kinds of cost that count; none: all."""
        return _listed(self.cost_kinds)

    @property
    def productive(self) -> list[str]:
        """The reasons of pauses that are productive."""
        return _listed(self.productive_pauses)

    def __post_init__(self) -> None:
        seconds = (
            self.threshold_seconds,
            self.short_abandon_seconds,
            self.clock_start_seconds,
            self.conversation_seconds,
        )
        if min(seconds) < 0:
            raise ValueError("thresholds in seconds cannot be negative")
        if self.boundary not in ("<=", "<"):
            raise ValueError(f"a boundary is <= or <, not {self.boundary!r}")
        if self.boundary == "<" and self.threshold_seconds == 0:
            raise ValueError("no wait is shorter than 0 s: use <= with a threshold of 0")
        if self.callbacks not in ("request", "success", "return"):
            raise ValueError(f"callbacks are request, success or return, not {self.callbacks!r}")
        if not 1 <= self.window_days <= LONGEST:
            raise ValueError(f"a window has 1 to {LONGEST} days, not {self.window_days}")
        if self.matter not in SCOPES:
            raise ValueError(f"a matter is one of {', '.join(SCOPES)}, not {self.matter!r}")

    def placeholders(self) -> dict[str, str]:
        """Words for the placeholders of a formula in words: {within}, {after}, {talk}, {window}."""
        if self.boundary == "<=":
            within, after = _("within {seconds} s"), _("after more than {seconds} s")
        else:
            within, after = _("in less than {seconds} s"), _("after {seconds} s or more")
        return {
            "within": within.format(seconds=self.threshold_seconds),
            "after": after.format(seconds=self.threshold_seconds),
            "talk": _("{seconds} s").format(seconds=self.conversation_seconds),
            "window": ngettext("%(count)d day", "%(count)d days", self.window_days)
            % {"count": self.window_days},
        }

    def remarks(self, uses: tuple[Parameter, ...]) -> list[str]:
        """What a passport adds to the formula in words, for the parameters it `uses`.

        Settings that change nothing are silent, but for short abandons and lost visits:
        their rule cannot be guessed from the formula.
        """
        said = []
        if "short" in uses:
            said.append(
                _("a short abandon gave up within {seconds} s").format(
                    seconds=self.short_abandon_seconds
                )
                if self.short_abandon_seconds
                else _("no abandon counts as short")
            )
        if "lost" in uses:
            said.append(
                _("time-outs and other exits count as lost")
                if self.lost
                else _("time-outs and other exits are left out")
            )
        if "clock" in uses and self.clock_start_seconds:
            said.append(
                _("the clock starts {seconds} s after entry").format(
                    seconds=self.clock_start_seconds
                )
            )
        if "entry" in uses and not self.transfers_in:
            said.append(_("visits transferred in are left out"))
        if "hours" in uses and self.business_hours:
            said.append(_("only quarter hours that begin within opening hours"))
        if "callbacks" in uses and self.callbacks == "success":
            said.append(_("a request for a call back counts as an answer"))
        if "callbacks" in uses and self.callbacks == "return":
            said.append(
                _("who asked for a call back waits until an agent has them on the line again")
            )
        if "effort" in uses and self.effort == "hard":
            said.append(_("a high score says that it was hard: scores are turned round"))
        if "kinds" in uses and self.kinds:
            said.append(_("only costs of these kinds: {kinds}").format(kinds=", ".join(self.kinds)))
        if "productive" in uses:
            said.append(
                _("productive pauses: {reasons}").format(reasons=", ".join(self.productive))
                if self.productive
                else _("no pause is productive")
            )
        if "ring" in uses:
            said.append(
                _("ringing is handling") if self.ring else _("ringing is no handling, but idle")
            )
        if "matter" in uses:
            matters = {
                "queue": _("the same matter is the same queue"),
                "any": _("every contact with the site is the same matter"),
                "topic": _("the same matter is the same topic"),
            }
            said.append(matters[self.matter])
        return said


def _listed(words: str) -> list[str]:
    return [" ".join(one.split()) for one in words.split(",") if one.strip()]


DEFAULTS = Parameters()


def placeholders() -> dict[str, str]:
    """Words for the placeholders of a formula in words, as `Parameters.placeholders`, of whichever
    parameters: without their numbers."""
    return {
        "within": _("within the threshold"),
        "after": _("after it"),
        "talk": _("so many seconds"),
        "window": _("window"),
    }


FIELDS: Mapping[Parameter, tuple[str, ...]] = {
    "threshold": ("threshold_seconds", "boundary"),
    "lost": ("lost",),
    "short": ("short_abandon_seconds",),
    "clock": ("clock_start_seconds",),
    "entry": ("transfers_in",),
    "hours": ("business_hours",),
    "callbacks": ("callbacks",),
    "ring": ("ring",),
    "effort": ("effort",),
    "conversation": ("conversation_seconds",),
    "window": ("window_days",),
    "matter": ("matter",),
    "kinds": ("cost_kinds",),
    "productive": ("productive_pauses",),
}
"""The fields of `Parameters` that a variant reads with each of its parameters."""

MOST_SECONDS = 3600
BOUNDS: Mapping[str, tuple[int, int]] = {
    "threshold_seconds": (0, MOST_SECONDS),
    "short_abandon_seconds": (0, 600),
    "clock_start_seconds": (0, MOST_SECONDS),
    "conversation_seconds": (0, MOST_SECONDS),
    "window_days": (1, LONGEST),
}
"""The least and the most that makes sense of what is a number."""
NUMBERS: Mapping[Parameter, str] = {
    "threshold": "threshold_seconds",
    "window": "window_days",
    "conversation": "conversation_seconds",
    "short": "short_abandon_seconds",
}
"""The numbers that a definition is asked for with, as SL4@30: of what a variant reads the first."""


def said(parameters: Parameters, uses: Iterable[Parameter]) -> dict[str, Any]:
    """The values of the fields that are read with these parameters."""
    return {name: getattr(parameters, name) for one in uses for name in FIELDS[one]}
