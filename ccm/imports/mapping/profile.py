"""A saved mapping: how a file's rows are read, what its columns mean, and what it leaves open.

Plain data, made by the mapping page or by hand, stored as JSON. `problems` says in words what is
still to be answered before a file can be read with it: nothing that matters is assumed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from ccm.imports.cells import times
from ccm.imports.facts.columns import LISTS, TOGETHER
from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.targets import DROP, KEEP, SURVEY_KINDS, TARGETS, Cell, Rows, Target

# How it is known that a call was answered.
BY_COLUMN, BY_MOMENT, BY_TALK, BY_WAIT, BY_AGENT, ALL = (
    "column", "moment", "talk", "wait", "agent", "all",
)  # fmt: skip
# The columns that each of these needs one of.
BY = {
    BY_COLUMN: ("outcome", "answered"), BY_MOMENT: ("answered_at",), BY_TALK: ("talk",),
    BY_WAIT: ("wait",), BY_AGENT: ("agent",), ALL: (),
}  # fmt: skip
NO_QUEUE = "-"
# Several columns may mean these: together they are one name.
JOINED = ("external_id", "linked_id", *TOGETHER)


@dataclass(frozen=True, slots=True)
class Column:
    """What one column means. `label` is its name in the file, made unlike the others.

    `spelling` is of its dates (`times.DATES`, or "clock"), `unit` of its durations, `decimal` the
    sign in its numbers, `meanings` what its words stand for (lower case), `nulls` the words that
    mean nothing, `scale` of its scores, `parted` the sign between the parts of its words.
    """

    label: str
    target: str = KEEP
    spelling: str = ""
    unit: str = ""
    decimal: str = "."
    meanings: Mapping[str, str] = field(default_factory=dict)
    nulls: tuple[str, ...] = ()
    scale: tuple[int, int] | None = None
    parted: str = ""

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Column":
        """Raises ValueError for what no column can mean."""
        scale = said.get("scale")
        made = cls(
            label=str(said["label"])[:120],
            target=str(said.get("target") or KEEP),
            spelling=str(said.get("spelling") or ""),
            unit=str(said.get("unit") or ""),
            decimal="," if said.get("decimal") == "," else ".",
            meanings={str(key).lower(): str(one) for key, one in said.get("meanings", {}).items()},
            nulls=tuple(str(one) for one in said.get("nulls", ())),
            scale=(int(scale[0]), int(scale[1])) if scale else None,
            parted=str(said.get("parted") or "")[:1],
        )
        if (
            made.spelling not in ("", times.CLOCK, *times.DATES)
            or made.unit not in ("", *times.UNITS)
            or (made.scale and made.scale[0] >= made.scale[1])
        ):
            raise ValueError(_("It does not say how the column %s is read.") % made.label)
        return made


@dataclass(frozen=True, slots=True)
class Profile:
    """How the rows of one kind of file are read.

    `queue` is the queue of rows that name none (NO_QUEUE: on none), `answered_by` how an answer
    is known where no column says it, `minutes` the length of the spans of totals (1440: the
    site's day), `threshold_seconds` of their service level. `zone` is of naive times; empty: the
    site's. A queue or zone said of one import stands before both. With `no_wait_left_menu` a lost
    call without any wait never reached its queue.
    """

    dialect: Dialect
    rows: Rows
    columns: tuple[Column, ...]
    queue: str = ""
    answered_by: str = ""
    zone: str = ""
    minutes: int = 0
    threshold_seconds: int = 0
    no_wait_left_menu: bool = False

    def as_json(self) -> dict[str, Any]:
        made = asdict(self)
        made["columns"] = [
            {key: value for key, value in one.items() if value not in ("", {}, (), None)}
            for one in made["columns"]
        ]
        return made

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Profile":
        """Raises ValueError, in words, for what is no mapping."""
        try:
            return cls(
                dialect=Dialect.from_json(said["dialect"]),
                rows=Rows(said["rows"]),
                columns=tuple(Column.from_json(one) for one in said["columns"]),
                queue=str(said.get("queue") or ""),
                answered_by=str(said.get("answered_by") or ""),
                zone=str(said.get("zone") or ""),
                minutes=int(said.get("minutes") or 0),
                threshold_seconds=int(said.get("threshold_seconds") or 0),
                no_wait_left_menu=bool(said.get("no_wait_left_menu")),
            )
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as wrong:
            raise ValueError(_("It is no mapping: %s") % wrong) from wrong

    @property
    def nameless(self) -> bool:
        """Whether its records have no id of their own: rows alike are then so many of them."""
        return not self.has("external_id") and self.rows in (Rows.CALLS, Rows.ANSWERS)

    @property
    def takes_queue(self) -> bool:
        """Whether a queue can be said of all its rows."""
        return self.rows in (Rows.CALLS, Rows.ANSWERS, Rows.TOTALS) and not self.has("queue")

    def on_queue(self, said: str) -> "Profile":
        """The profile with the queue that was said of one import, where its rows name none."""
        return replace(self, queue=said) if said and self.takes_queue else self

    @property
    def targets(self) -> dict[str, Target]:
        return TARGETS[self.rows]

    def column(self, target: str) -> Column | None:
        """The column that means this, if any."""
        return next((one for one in self.columns if one.target == target), None)

    def every(self, target: str) -> list[Column]:
        """The columns that together mean this."""
        return [one for one in self.columns if one.target == target]

    def has(self, *targets: str) -> bool:
        return any(self.column(target) for target in targets)

    def with_column(self, changed: Column) -> "Profile":
        """The same with one column changed."""
        columns = tuple(changed if one.label == changed.label else one for one in self.columns)
        return replace(self, columns=columns)

    def problems(self) -> list[str]:
        """What must be said before a file is read with it, in words."""
        return list(self._problems())

    def _problems(self) -> Iterator[str]:
        seen: dict[str, str] = {}
        for one in self.columns:
            if one.target in (KEEP, DROP):
                continue
            if one.target not in self.targets:
                yield _("%s: such rows have no such meaning.") % one.label
                continue
            target = self.targets[one.target]
            if one.target in seen and one.target not in JOINED:
                yield _("%(one)s and %(other)s cannot both be: %(target)s.") % {
                    "one": seen[one.target], "other": one.label, "target": target.label,
                }  # fmt: skip
            seen[one.target] = one.label
            yield from self._of_column(one, target)
        if self.rows.is_list:
            yield from self._of_list()
            return
        yield from self._of_time()
        if self.rows == Rows.CALLS:
            yield from self._of_calls()
        elif self.rows == Rows.ANSWERS:
            yield from self._of_answers()
        elif self.rows == Rows.STATES:
            for name in ("agent", "state"):
                if not self.has(name):
                    yield _("Which column is this: %s?") % self.targets[name].label
        else:
            yield from self._of_totals()

    def _of_column(self, column: Column, target: Target) -> Iterator[str]:
        if target.cell in (Cell.MOMENT, Cell.DATE) and not column.spelling:
            yield _("%s: how are its dates written?") % column.label
        if column.target in ("moment", "date") and column.spelling == times.CLOCK:
            yield _("%s: a time of day is no date.") % column.label
        if target.cell == Cell.DURATION and not column.unit:
            yield _("%s: what is it measured in?") % column.label
        a_row = target.name == "score" and self.has("scale")
        if target.cell == Cell.SCORE and not column.scale and not a_row:
            yield _("%s: from what to what does its scale go?") % column.label
        if target.choices and (lost := set(column.meanings.values()) - set(target.choices)):
            yield _("%(label)s: nothing means “%(meaning)s”.") % {
                "label": column.label, "meaning": min(lost),
            }  # fmt: skip

    def _of_list(self) -> Iterator[str]:
        for group in LISTS[self.rows].needs:
            if not self.has(*group):
                names = _(" or ").join(str(self.targets[one].label) for one in group)
                yield _("Which column is this: %s?") % names
        if self.has("month") and self.has("first", "last"):
            yield _("A month, or days? Choose one way.")

    def _of_time(self) -> Iterator[str]:
        if self.zone and self.zone not in available_timezones():
            yield _("%s is no time zone of the IANA list, such as Europe/Paris.") % self.zone
        if not self.has("moment", "date"):
            yield _("Its rows need a date. Which column holds it? Without one they cannot be kept.")
        elif self.has("moment") and self.has("date"):
            yield _("A date and time in one column, or in two? Choose one way.")
        elif self.has("time") and not self.has("date"):
            yield _("Which column holds the date of its times?")

    def _of_calls(self) -> Iterator[str]:
        if not self.queue and not self.has("queue"):
            yield _("Which queue are these calls of? No column names one.")
        if not self.answered_by:
            yield _("How is it known that a call was answered?")
        wanted = BY.get(self.answered_by, ())
        if wanted and not self.has(*wanted):
            names = _(" or ").join(str(self.targets[one].label) for one in wanted)
            yield _("An answer is to be known by a column that is not there: %s.") % names

    def _of_answers(self) -> Iterator[str]:
        in_columns, score = self.has(*SURVEY_KINDS), self.column("score")
        if not in_columns and not score:
            yield _("Which column holds the answer?")
        elif in_columns and score:
            yield _("An answer a row, or a column for each question? Choose one way.")
        elif score and not self.has("kind"):
            words = _("What was asked? Say it as the meaning of “%s”, or which column names it.")
            yield words % score.label

    def _of_totals(self) -> Iterator[str]:
        if not self.has("offered", "answered_count", "abandoned_count"):
            yield _("Which column holds a count of calls?")
        if self.minutes <= 0:
            yield _("How long is the span that a row tells of?")
        if self.has("service_level") and not self.threshold_seconds:
            yield _("The service level: within how many seconds?")
        if self.has("wait_mean", "talk_mean", "handle_mean", "service_level") and not self.has(
            "answered_count"
        ) and not self.has("offered"):  # fmt: skip
            yield _("A mean can be weighed only by a count of calls: which column holds it?")
