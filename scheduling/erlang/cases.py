"""Cases of a file, each a queue with what is asked of it, and what comes of it."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
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


class Unsolvable(ValueError):
    """A case that is none, in words: which line, and why."""


def solved(lines: Iterable[str]) -> tuple[list[str], Iterator[dict[str, Any]]]:
    """The columns of a file, and its cases with their results filled in; what else is there stays.

    Service level is SL3 and ASA is W2. Raises Unsolvable.
    """
    rows = csv.DictReader(lines)
    columns = list(rows.fieldnames or ())
    if missing := [one for one in COLUMNS if one not in columns]:
        raise Unsolvable(f"The first line does not name {', '.join(missing)}.")
    return columns, (_solved(row, rows.line_num) for row in rows)


def _solved(row: dict[str, Any], line: int) -> dict[str, Any]:
    try:
        return row | _results(row)
    except (ValueError, InvalidOperation, ZeroDivisionError) as fault:
        raise Unsolvable(f"Line {line}: {fault or 'a number is missing or is none'}.") from fault


def _results(row: Mapping[str, str]) -> dict[str, Any]:
    model = row["model"]
    if model not in _MODELS:
        raise ValueError(f"{model!r} is none of {', '.join(_MODELS)}")
    load = _number(row, "calls") * _number(row, "aht_s") / _number(row, "interval_s")
    if model == "erlang_b":
        return {"p_block": erlang_b(load, _number(row, "agents_given"))}
    aht, target = _number(row, "aht_s"), _number(row, "target_s")

    def told(work: Any, there: Any) -> Expected:
        if model == "erlang_c":
            return erlang_c(work, there, aht, target)
        return erlang_a(work, there, aht, _number(row, "patience_s"), target)

    found: dict[str, Any] = {}
    if row["agents_given"]:
        there = _number(row, "agents_given")
    else:
        occupancy = float(row["max_occupancy"]) if row["max_occupancy"] else None
        asked = Targets(_number(row, "target_sl"), "sl3", occupancy=occupancy)
        if model == "erlang_c":
            there = float(climbing.positions(load, asked, aht, target))
        else:
            there = float(required.positions(load, asked, told))
        shrinkage = Decimal(row["shrinkage"] or 0)
        found["required_agents"] = int(there)
        found["scheduled_agents"] = scheduled(int(there), shrinkage)
    one = told(load, there)
    found |= {
        "p_wait": one.p_wait, "service_level": one.sl3, "asa_s": one.w2,
        "occupancy": one.occupancy,
    }  # fmt: skip
    return found | ({"p_abandon": one.p_abandon} if model == "erlang_a" else {})


def _number(row: Mapping[str, str], name: str) -> float:
    try:
        return float(row[name])
    except ValueError:
        raise ValueError(f"{name} is {row[name]!r}, which is no number") from None
