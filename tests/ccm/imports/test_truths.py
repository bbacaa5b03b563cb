"""Every truth that comes with a real log is compared with what the import of that log tells.

A truth is a figure of a truths.json (`sample_data`). Each is named in a test, or stands here with
the reason why nothing of the record or of a KPI says it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent.parent
NOT_TOLD = {
    "distinct_uniqueid": "a channel's id; a call is known by its linkedid",
    "literal_NULL_cells": "of the file: NULL is an empty cell, as its other truths need",
    "blank_answer": "of the file: legs nobody took, counted by their disposition",
    "local_time_minus_uniqueid_epoch": "of the file: how its zone was found",
    "billsec_gt_duration": "of the file: none is to be rejected",
    "ambiguous_day_le_12": "of the file: why its date order has to be said",
    "in_order": "of the file",
    "physical_lines": "blank lines are none",
    "blank_lines": "blank lines are none",
    "distinct_lines": "repeated lines are found by what they say, not by their bytes",
    "did_lines": "of the file: the number dialled is no KPI",
    "answered_still_open": "said by `finished`: the fourth call's talk is unknown",
    "entered_queue_q_time_gt_0": "the bank's own count: some answered at once waited 0 s in queue",
    "answered_after_queueing": "the bank's own count, as above",
    "negative_values": "of the file, none in a column that is read",
    "ser_time_mismatch": "of the file: two of its columns differ, the duration is taken",
    "q_time_mismatch": "of the file, as above",
    "vru_mismatch": "of the file, as above",
    "ser_start_before_vru_exit_or_q_exit": "of the file, as above",
    "dup_call_id": "of the file: none",
    "dup_call_id_only": "of the file: ids start again, so a date belongs to them",
    "rows_crossing_midnight_entry_ge_22h_later_time_lt_2h": "of the file",
    "answered_with_ser_time_0": "of the file: a talk of 0 s is a talk",
    "answered_NO_SERVER_with_ser_time_gt_0": "of the file",
    "type_row": "of the file",
    "short_phones": "of the file: none",
    "wait_seconds_simple_mean": "the wrong figure that is often told",
    "missing_speed_in_answered": "of the file: none",
    "duplicate_ids": "of the file: none",
    "negative_waits": "of the file: none",
    "csat_missing": "of the file: none",
    "blank_cells": "of the file: none",
    "sentiment": "the record knows no sentiment; kept beside the call as it came",
    "response": "the file's own verdict on its service level; kept beside the call as it came",
    "meets_standard_true": "the file's own verdict, within 60 s: told by `within_60s`",
    "wait_recomputed_mismatch": "of the file",
    "service_recomputed_mismatch_gt1": "of the file",
    "first_col": "of the file",
}  # fmt: skip


def figures(truth: Any) -> Iterator[str]:
    """The names of a log's truths."""
    if isinstance(truth, dict):
        yield from truth


def test_every_truth_of_a_real_log_is_compared_or_said_to_be_none_of_ours(sample_data):
    sources = "\n".join(
        file.read_text()
        for file in TESTS.rglob("test_*.py")
        # What passkeys are made of has names of its own.
        if file != Path(__file__) and "entry" not in file.parts
    )
    compared = set(re.findall(r"""["'](\w+)["']""", sources))
    unsaid = {
        f"{file.parent.name}: {name}"
        for file in (sample_data / "calllogs").glob("*/truths.json")
        for log in json.loads(file.read_text()).values()
        for name in figures(log)
        if name not in compared and name not in NOT_TOLD
    }
    assert unsaid == set()
    assert NOT_TOLD.keys() & compared == set(), "compared by now: no longer to be excused"
