"""What a list has said so far: of two lines that contradict each other the first stands, however
far apart they are. It is stored with every chunk, so that a restart forgets none of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from ccm.imports.facts.references import Unfit
from ccm.models import ListTold

Said = dict[str, Any]
# Among what was said of a row: by attribute the line that said it first.
_LINES = "lines"
# Whole numbers that people wrote so; others are keys.
_NUMBERS = ("planned_heads", "actual_heads", "minutes")


class Told:
    """What the lines of one import have said of rows, by attribute; null says nothing."""

    def __init__(self, batch_id: int | None) -> None:
        self.batch_id = batch_id
        self.stored: dict[tuple[str, int], Said] = {}
        # Rows by identity: one that is about to be made has no key yet.
        self.rows: dict[int, tuple[models.Model, Said]] = {}

    def recall(self, model: type[models.Model], keys: Iterable[int]) -> None:
        """Read what earlier chunks said of these rows."""
        table = model._meta.db_table
        found = ListTold.objects.filter(batch=self.batch_id, relation=table, row__in=list(keys))
        self.stored |= {(table, row): said for row, said in found.values_list("row", "said")}

    def check(
        self, row: models.Model, values: Mapping[str, Any], targets: Mapping[str, str]
    ) -> None:
        """Raises Unfit where an earlier line said otherwise of the row; `targets` names the column
        of an attribute."""
        said = self._of(row)
        for name, value in _plain(values).items():
            if said.get(name, value) != value:
                raise _conflict(said, name, targets)

    def again(
        self, row: models.Model, values: Mapping[str, Any], targets: Mapping[str, str]
    ) -> bool:
        """Whether an earlier line told of the row. Raises Unfit where it said anything else, more
        or less: of two sums for one thing neither completes the other."""
        said = self._of(row)
        plain = _plain(values)
        for name in dict.fromkeys((*plain, *said)) if said else ():
            if name != _LINES and said.get(name) != plain.get(name):
                raise _conflict(said, name, targets)
        return bool(said)

    def remember(self, row: models.Model, values: Mapping[str, Any], line: int) -> None:
        """Have it that a line says these of the row."""
        said, plain = self._of(row), _plain(values)
        lines = dict.fromkeys(plain, line) | said.get(_LINES, {})
        said |= plain | {_LINES: lines}
        self.rows[id(row)] = (row, said)

    def store(self) -> None:
        """Write what was said; the rows are there by now."""
        assert self.batch_id is not None  # nobody posts lists
        ListTold.objects.bulk_create(
            (
                ListTold(batch_id=self.batch_id, relation=row._meta.db_table, row=row.pk, said=said)
                for row, said in self.rows.values()
            ),
            batch_size=2_000,
            update_conflicts=True,
            unique_fields=["batch", "relation", "row"],
            update_fields=["said"],
        )

    def _of(self, row: models.Model) -> Said:
        if id(row) in self.rows:
            return self.rows[id(row)][1]
        return self.stored.get((row._meta.db_table, row.pk), {})


def _conflict(said: Said, name: str, targets: Mapping[str, str]) -> Unfit:
    """What is told of an attribute that an earlier line said something else of, or nothing."""
    lines, value = said[_LINES], said.get(name)
    words = {"line": lines.get(name) or min(lines.values()), "value": value}
    if isinstance(value, str) or name in _NUMBERS:
        message = _("Line %(line)d tells of the same and says %(value)s: that stands.") % words
    else:
        message = _("Line %(line)d tells of the same, with other words: that stands.") % words
    return Unfit(targets.get(name, name), "conflict", message)


def _plain(values: Mapping[str, Any]) -> Said:
    """What is told of values, as JSON keeps it."""
    return {
        name: value if isinstance(value, int | str | list | dict) else str(value)
        for name, value in values.items()
        if value is not None
    }
