"""Cases of a file, each a queue with what is asked of it, and what comes of it."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from scheduling.erlang import climbing, required
from scheduling.erlang.delay import erlang_c
from scheduling.erlang.expected import Expected
from scheduling.erlang.loss import erlang_b
from scheduling.erlang.patience import erlang_a
from scheduling.erlang.positions import scheduled
from scheduling.erlang.required import Targets

COLUMNS = (
    "case_id", "model", "calls", "interval_s", "aht_s", "patience_s", "target_s", "target_sl",
    "max_occupancy", "shrinkage", "agents_given", "required_agents", "scheduled_agents", "p_wait",
    "service_level", "asa_s", "occupancy", "p_abandon", "p_block",
)  # fmt: skip
_MODELS = ("erlang_b", "erlang_c", "erlang_a")
# Formulas hold far beyond any centre; what is more is a slip of the pen.
_MOST_ERLANGS, _MOST = 1e6, 1e9


class Unsolvable(ValueError):
    """A case that is none, in words: which line, and why."""


def solved(lines: Iterable[str]) -> tuple[list[str], Iterator[dict[str, Any]]]:
    """The columns of a file, and its cases with their results filled in; what else is there stays.

    Service level is SL3 and ASA is W2. Raises Unsolvable.
    """
    rows = csv.DictReader(lines)
    columns = list(rows.fieldnames or ())
    if twice := [one for one in dict.fromkeys(columns) if columns.count(one) > 1]:
        raise Unsolvable(f"The first line names {', '.join(twice)} twice.")
    if missing := [one for one in COLUMNS if one not in columns]:
        raise Unsolvable(f"The first line does not name {', '.join(missing)}.")
    return columns, (_solved(row, rows.line_num) for row in rows)


def _solved(row: dict[str, Any], line: int) -> dict[str, Any]:
    # Too many values have no name, and too few are none.
    if None in row or None in row.values():
        raise Unsolvable(f"Line {line}: it has not as many values as the first line has names.")
    try:
        return row | _results(row)
    except ValueError as fault:
        raise Unsolvable(f"Line {line}: {fault}.") from fault


def _results(row: Mapping[str, str]) -> dict[str, Any]:
    model = row["model"]
    if model not in _MODELS:
        raise ValueError(f"{model!r} is none of {', '.join(_MODELS)}")
    calls, aht = _number(row, "calls"), _aht(row)
    seconds = _above_zero(row, "interval_s")
    load = calls * aht / seconds
    if load > _MOST_ERLANGS:
        raise ValueError(f"{load:g} erlangs are more than {_MOST_ERLANGS:.0f}")
    if model == "erlang_b":
        return {"p_block": erlang_b(load, _number(row, "agents_given"))}
    target = _number(row, "target_s")
    patience = _above_zero(row, "patience_s") if model == "erlang_a" else None

    def told(work: Any, there: Any) -> Expected:
        if patience is None:
            return erlang_c(work, there, aht, target)
        return erlang_a(work, there, aht, patience, target)

    found: dict[str, Any] = {}
    if row["agents_given"]:
        there = _number(row, "agents_given")
    else:
        occupancy = _number(row, "max_occupancy") if row["max_occupancy"] else None
        asked = Targets(_number(row, "target_sl"), "sl3", occupancy=occupancy)
        if model == "erlang_c":
            there = float(climbing.positions(load, asked, aht, target))
        else:
            there = float(required.positions(load, asked, told))
        found["required_agents"] = int(there)
        found["scheduled_agents"] = scheduled(int(there), _shrinkage(row))
    one = told(load, there)
    found |= {
        "p_wait": one.p_wait, "service_level": one.sl3, "asa_s": one.w2,
        "occupancy": one.occupancy,
    }  # fmt: skip
    return found | ({"p_abandon": one.p_abandon} if model == "erlang_a" else {})


def _aht(row: Mapping[str, str]) -> float:
    """Where no calls come it is not known how long they take, and does not matter."""
    if not _number(row, "calls") and not _number(row, "aht_s", "0"):
        return 1.0
    return _above_zero(row, "aht_s")


def _above_zero(row: Mapping[str, str], name: str) -> float:
    if not (found := _number(row, name)):
        raise ValueError(f"{name} is 0, and must be more")
    return found


def _shrinkage(row: Mapping[str, str]) -> Decimal:
    if _number(row, "shrinkage", "0") >= 1:
        raise ValueError("shrinkage is a share of 0 or more and less than 1")
    # To more places than anybody means, and to no millions of them.
    return round(Decimal(row["shrinkage"].strip() or 0), 12)


def _number(row: Mapping[str, str], name: str, without: str = "") -> float:
    """A number of 0 or more; of an empty field what stands for it."""
    text = row[name].strip() or without
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    # Decimals are told by digits alone, and so are these.
    if not 0 <= found <= _MOST or "_" in text:
        raise ValueError(f"{name} is {text!r}, which is no number of 0 to {_MOST:.0f}")
    return found
