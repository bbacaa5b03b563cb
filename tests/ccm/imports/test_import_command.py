"""`callcenter import`: what it prints, how it exits, and what a new site and its names become."""

import json
import os
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ccm.imports import run
from ccm.models import Agent, Call, DirtyDay, ImportBatch, Job, Queue, Site, Topic
from kpis import rollups
from tests.builders import a_site
from tests.logs import DATA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]

LOG, LIST, BANK = (str(DATA / name) for name in ("queue_log", "phonenow.csv", "technion_bank.txt"))
YORK = ("--site", "York", "--tz", "Europe/London")
BOOKS = ("read", "stored", "updated", "duplicate", "rejected", "ignored")


def said(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output, and the words of an error."""
    out = StringIO()
    try:
        call_command("import_log", *words, stdout=out, stderr=StringIO())
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), ""


def told(*words: str) -> tuple[int, dict[str, Any]]:
    code, out, _error = said(*words, "--json")
    return code, json.loads(out)


def a_broken_log(folder: Path) -> str:
    """The log with a line that is none."""
    file = folder / "queue_log"
    file.write_text(Path(LOG).read_text() + "this is no line of a queue_log\n")
    return str(file)


def test_it_waits_for_the_counts_of_its_own_calls_and_not_of_those_that_come_beside_it(
    monkeypatch: pytest.MonkeyPatch, nothing_sent: None
) -> None:
    """A worker that imports in its first turn and counts in its third, while at each a call comes:
    whenever the command looks, some day waits to be counted."""
    looked = 0
    site = a_site("York", zone="Europe/London")

    def a_turn(_seconds: float) -> None:
        nonlocal looked
        looked += 1
        assert looked < 9, "it waits on"
        if looked == 1:
            run.run(Job.objects.get().pk)
        elif looked == 3:
            rollups.recount_dirty()
        DirtyDay.objects.create(site=site, day=date(2026, 3, 2))

    monkeypatch.setattr("ccm.work.worker_is_up", lambda: True)
    monkeypatch.setattr("time.sleep", a_turn)
    assert said(LOG, *YORK)[0] == 0
    assert looked == 3
    assert DirtyDay.objects.count() == 1


def test_a_clean_log_exits_0_and_its_books_balance() -> None:
    code, books = told(LOG, *YORK)
    assert code == 0
    assert list(books) == ["batch", *BOOKS, "issues"]
    assert [books[name] for name in BOOKS] == [28, 26, 0, 0, 0, 2]
    assert books["batch"] == ImportBatch.objects.get().pk
    assert books["issues"][0] == {
        "line": 1,
        "column": "event",
        "value": "QUEUESTART",
        "rule": "housekeeping",
        "message": "About the switch and its members, not about calls.",
        "count": 1,
    }


def test_the_same_log_again_is_all_duplicates() -> None:
    said(LOG, *YORK)
    code, books = told(LOG, "--site", "York")
    assert (code, books["duplicate"], books["ignored"]) == (0, 26, 2)


def test_a_row_that_cannot_be_read_exits_3_and_the_rest_is_kept(tmp_path: Path) -> None:
    code, out, error = said(a_broken_log(tmp_path), *YORK)
    assert (code, error) == (3, "1 row was rejected")
    assert "line 29: rejected: It has fewer than five parts between bars." in out
    assert Call.objects.count() == 8


def test_a_rejected_row_is_told_with_its_column_and_value_and_where_it_is_to_be_had(
    tmp_path: Path,
) -> None:
    file = tmp_path / "calls.csv"
    rows = Path(LIST).read_text().splitlines()
    assert "04-01-2021" in rows[2]
    rows[2] = rows[2].replace("04-01-2021", "long ago")
    file.write_text("\n".join(rows) + "\n")
    code, out, _error = said(str(file), *YORK)
    batch = ImportBatch.objects.get()
    assert code == 3
    [told] = [line for line in out.splitlines() if line.startswith("line 3: rejected: ")]
    assert told.endswith('(column Date, value "long ago")')
    assert f"Import {batch.pk}: its account is the page /imports/{batch.pk}/\n" in out
    assert f": /imports/{batch.pk}/rejected/{batch.files.get().pk}/\n" in out
    assert "Zone of its times: Europe/London\n" in out
    assert "Zone of its times: Europe/London (the site's)\n" in said(LIST, "--site", "York")[1]


def test_corrected_rows_are_read_as_their_import_was_and_name_the_line_of_the_first_file(
    tmp_path: Path,
) -> None:
    said(a_broken_log(tmp_path), *YORK)
    first = ImportBatch.objects.get()
    rows = tmp_path / "rows"
    rows.write_text("#ccm line 29, Cut.\nno line either\n1543480900|c77|sales|NONE|X|\n")
    number = ("--corrects", str(first.pk))
    code, out, _error = said(str(rows), *number)
    assert code == 3
    assert "line 2 (line 29 of the first file): rejected: No line of it reads epoch|callid|" in out
    assert "line 3: rejected: It is no rejected row of the import" in out
    assert ImportBatch.objects.latest("pk").corrects == first
    code, books = told(str(rows), *number)
    assert [books[name] for name in BOOKS] == [3, 0, 0, 0, 2, 1]
    assert [(one["line"], one.get("origin")) for one in books["issues"]] == [
        (1, None), (2, 29), (3, None),
    ]  # fmt: skip
    assert said(str(rows), "--corrects", "999999")[::2] == (2, "There is no import 999999.")
    words = "Corrected rows are read as their import was: say nothing beside it."
    assert said(str(rows), *number, "--site", "York")[::2] == (2, words)


def test_a_dry_run_names_no_import_for_it_left_none(tmp_path: Path) -> None:
    out = said(a_broken_log(tmp_path), "--site", "York", "--dry-run")[1]
    assert "Zone of its times: UTC (the format's)\n" in out
    assert "/imports/" not in out


def test_a_file_of_no_known_format_is_led_to_the_page_or_a_layout(tmp_path: Path) -> None:
    (tmp_path / "diary").write_text("dear diary,\ntoday nobody called\n")
    error = said(str(tmp_path / "diary"), *YORK)[2]
    assert "with --profile, or upload it on the page /imports/ and say there" in error
    # Among several files each is looked at in its turn.
    error = said(LOG, str(tmp_path / "diary"), *YORK)[2]
    batch = ImportBatch.objects.get()
    assert f"(Import {batch.pk}: /imports/{batch.pk}/)" in error


def test_of_several_files_the_refused_one_is_named_and_what_stands_of_the_others(
    tmp_path: Path,
) -> None:
    (tmp_path / "diary").write_text("dear diary,\ntoday nobody called\n")
    diary = str(tmp_path / "diary")
    code, _out, error = said(LOG, diary, BANK, LIST, *YORK)
    assert code == 2
    assert error.startswith("diary: It is of none of the formats known here.")
    assert "Read to the end, and what they told stays: queue_log. Not read: technion_bank." in error
    # Where the first is refused nothing is begun.
    _code, _out, error = said(diary, LOG, *YORK)
    assert error.startswith("diary: It is of none of the formats known here.")
    assert ImportBatch.objects.count() == 1


def test_a_line_that_stands_for_others_says_how_many(tmp_path: Path) -> None:
    rows = Path(BANK).read_text().splitlines()
    [phantom] = [row for row in rows if "PHANTOM" in row]
    (tmp_path / "bank.txt").write_text("\n".join([*rows, phantom.replace("1005", "1099")]) + "\n")
    bank = str(tmp_path / "bank.txt")
    _code, out, _error = said(bank, "--site", "Haifa")
    assert "line 6: ignored, the first of 2 alike: PHANTOM rows are no calls" in out
    _code, books = told(bank, "--site", "Haifa")
    assert [(one["line"], one["count"]) for one in books["issues"] if one["rule"] == "phantom"] == [
        (6, 2)
    ]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((LIST, "--site", "York"), "A new site needs its time zone"),
        ((LOG, "--site", "York", "--tz", "Middle/Earth"), "is not an IANA time zone"),
        ((LOG + ".none", *YORK), "There is no file"),
        ((LIST, "--format", "asterisk_queue_log", *YORK), "No line of it reads"),
        ((__file__, *YORK), ""),
    ],
)
def test_a_file_that_is_refused_exits_2_and_says_why(words: tuple[str, ...], error: str) -> None:
    code, out, why = said(*words)
    assert (code, out) == (2, "")
    assert error in why
    assert why
    assert not Call.objects.exists()


def test_a_refused_file_has_its_books_for_a_program_too() -> None:
    code, books = told(LIST, "--format", "asterisk_queue_log", *YORK)
    assert code == 2
    assert [books[name] for name in BOOKS] == [0] * 6


def test_a_dry_run_tells_the_same_and_keeps_nothing(tmp_path: Path) -> None:
    log = a_broken_log(tmp_path)
    code, tried = told(log, *YORK, "--dry-run")
    assert code == 3
    for model in (Site, Queue, Agent, Call, ImportBatch):
        assert not model.objects.exists()
    _code, done = told(log, *YORK)
    assert [tried[name] for name in (*BOOKS, "issues")] == [
        done[name] for name in (*BOOKS, "issues")
    ]


def test_the_format_is_found_out_and_names_are_made_and_flagged() -> None:
    said(LIST, *YORK)
    assert ImportBatch.objects.get().format == "phonenow"
    # The list names no queue: it is the format's.
    assert list(Queue.objects.values_list("name", "is_new")) == [("phonenow", True)]
    assert Topic.objects.filter(is_new=True).exists()
    assert Agent.objects.filter(is_new=True).exists()


def test_a_list_without_queues_takes_the_one_that_is_said() -> None:
    said(LIST, *YORK, "--queue", "Front desk")
    assert Queue.objects.get().name == "Front desk"


@pytest.mark.parametrize(("log", "zone"), [(BANK, "Asia/Jerusalem"), (LOG, "UTC")])
def test_a_format_whose_times_have_a_zone_needs_none_said(log: str, zone: str) -> None:
    assert said(log, "--site", "Home")[0] == 0
    assert Site.objects.get().zone == zone


def test_among_several_sites_one_must_be_said() -> None:
    a_site()
    a_site()
    code, _out, error = said(LOG)
    assert (code, error) == (2, "There are several sites: say which one the log belongs to.")


@pytest.mark.parametrize(
    ("names", "slugs"),
    [
        (["London 1", "London", "London!"], ["london", "london-1", "london-2"]),
        (["x" * 100, "x" * 101], ["x" * 50, "x" * 50 + "-2"]),
    ],
)
def test_sites_of_like_names_have_addresses_of_their_own(
    names: list[str], slugs: list[str]
) -> None:
    for name in names:
        assert said(LOG, "--site", name)[0] == 0
    assert sorted(Site.objects.values_list("slug", flat=True)) == slugs


def test_a_name_that_is_no_text_or_too_long_is_refused_or_made_readable(tmp_path: Path) -> None:
    assert said(LIST, *YORK, "--queue", "q" * 121)[0] == 2
    odd = os.fsencode(tmp_path) + b"/caf\xe9"
    Path(os.fsdecode(odd)).write_bytes(Path(LOG).read_bytes())
    assert said(os.fsdecode(odd), *YORK)[0] == 0
    assert ImportBatch.objects.get().files.get().name == "caf?"


def test_a_zone_that_ids_overrule_is_not_said_to_be_the_one_that_was_used() -> None:
    """The ids of the report tell that its clock is an hour ahead of UTC."""
    report = str(DATA / "asterisk_cdr_freepbx.csv")
    clock = "UTC+01:00 (told by the times in its ids)"
    _code, out, _error = said(report, "--site", "Lerma", "--tz", "America/Mexico_City")
    assert f"Zone of its times: {clock}, not America/Mexico_City\n" in out
    # Nobody said the site's zone of this file.
    assert f"Zone of its times: {clock}\n" in said(report, "--site", "Lerma")[1]
    fits = said(report, "--site", "Lyon", "--tz", "Europe/Paris")[1]
    assert "Zone of its times: Europe/Paris\n" in fits
    out = said(report, LIST, "--site", "Lerma", "--queue", "Hotline")[1]
    assert f"Zone of its times: {clock}, and of its other files America/Mexico_City (the" in out
