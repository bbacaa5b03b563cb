"""Real logs of three systems: the figures found independently of this program, to the last call.

The files are other people's and not in this repository (`sample_data`). What is expected comes
from the truths.json beside each file and from the raw calls by plain SQL (`tests.oracle`).
Service level over offered is SL3, abandon rate over offered A2, ASA over answered W1.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from ccm.imports.records import Reading
from ccm.models import Site
from tests.logs import chunks_of
from tests.oracle.oracle import Figure, Key, Oracle, disagreements, report, rows_of

pytestmark = pytest.mark.django_db

WAYS = ("total", "day", "interval", "queue", "agent")
NOT_COMPARED = dict.fromkeys(WAYS, ("aht:H4",)) | {"interval": ("aht:H4", "calls_per_agent")}
FATES = ("stored", "updated", "duplicate", "rejected", "ignored")
SITE = "Real"


@dataclass(frozen=True)
class Log:
    """A real file, the zone of its site, and the days it tells of."""

    path: str
    form: str
    zone: str
    first: date
    last: date


QUEUE_LOG = Log(
    "calllogs/asterisk_queue_log/queue_log_2018-11-29_to_12-03.derived.log",
    "asterisk_queue_log",
    "America/Bogota",
    date(2018, 11, 28),
    date(2018, 12, 4),
)
DIRTY = Log(
    "calllogs/asterisk_queue_log/queue_log_dirty_2018-12-28.log",
    "asterisk_queue_log",
    "America/Bogota",
    date(2018, 12, 27),
    date(2018, 12, 29),
)
BANK = Log(
    "calllogs/bank_call_center/bank_1999-02-01_to_14.txt.gz",
    "technion_bank",
    "Asia/Jerusalem",
    date(1999, 2, 1),
    date(1999, 2, 15),
)
XLSX = Log(
    "calllogs/phonenow_pwc/pwc_call_center_dataset.xlsx",
    "phonenow",
    "Europe/London",
    date(2021, 1, 1),
    date(2021, 3, 31),
)
CSV = Log(
    "calllogs/phonenow_pwc/Call-Center_dmy_dash.csv", "phonenow", XLSX.zone, XLSX.first, XLSX.last
)
LOGS = {"queue_log": QUEUE_LOG, "dirty": DIRTY, "bank": BANK, "xlsx": XLSX, "csv": CSV}


@dataclass(frozen=True)
class Told:
    """What imports left behind: each one's books, the reports as printed, and the oracle's nos."""

    books: list[dict[str, int]]
    reports: dict[str, str]
    wrong: list[str]

    def rows(self, by: str) -> dict[Key, dict[str, Figure]]:
        return rows_of(self.reports[by])

    def figure(self, kpi: str) -> float | None:
        return self.rows("total")[""][kpi][0]

    def n(self, kpi: str) -> int:
        return self.rows("total")[""][kpi][1]


def imported(log: Log, *files: Path, ways: tuple[str, ...] = WAYS, ask: bool = False) -> Told:
    """Import files one after the other at a site of their own and report; nothing of it stays."""
    with taken_back():
        books = [_import(log, file) for file in files]
        site = Site.objects.get(name=SITE)
        reports = {way: report(site, log.first, log.last, way) for way in ways}
        oracle = Oracle(site, log.first, log.last)
        wrong = [
            no
            for way in (ways if ask else ())
            for no in disagreements(oracle, way, reports[way], NOT_COMPARED[way])
        ]
    return Told(books, reports, wrong)


def _import(log: Log, file: Path) -> dict[str, int]:
    out = StringIO()
    words = [str(file), "--format", log.form, "--site", SITE, "--tz", log.zone]
    call_command("import_log", *words, "--json", stdout=out)
    books: dict[str, int] = json.loads(out.getvalue())
    assert books["read"] == sum(books[fate] for fate in FATES)
    return books


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def plainly() -> dict[str, Told]:
    """What each log told when it was imported once, whole; imported by the first who asks."""
    return {}


@pytest.fixture
def told(plainly: dict[str, Told], sample_data: Path) -> Callable[[str], Told]:
    def of(name: str) -> Told:
        if name not in plainly:
            log = LOGS[name]
            plainly[name] = imported(log, sample_data / log.path, ask=True)
        return plainly[name]

    return of


def truths(sample_data: Path, log: Log) -> dict[str, Any]:
    file = sample_data / log.path
    words: dict[str, Any] = json.loads((file.parent / "truths.json").read_text())[file.name]
    return words


def lines_of(sample_data: Path, log: Log) -> list[bytes]:
    data = (sample_data / log.path).read_bytes()
    return (gzip.decompress(data) if log.path.endswith(".gz") else data).splitlines(keepends=True)


def written(folder: Path, name: str, lines: list[bytes]) -> Path:
    file = folder / name
    # The last line of a file may lack its end and stand anywhere after a shuffle.
    file.write_bytes(b"".join(line.rstrip(b"\r\n") + b"\n" for line in lines))
    return file


@pytest.mark.parametrize("name", LOGS)
def test_every_kpi_of_every_row_is_what_sql_over_the_raw_calls_says(
    name: str, told: Callable[[str], Told]
) -> None:
    assert told(name).wrong == []


def test_a_queue_log_is_right_to_the_last_ring(
    told: Callable[[str], Told], sample_data: Path
) -> None:
    log, true = told("queue_log"), truths(sample_data, QUEUE_LOG)
    assert log.books[0]["read"] == true["lines"] == 755
    assert log.figure("offered") == true["calls_offered"] == 74
    assert log.figure("answered") == true["answered"] == 66
    assert log.figure("abandoned") == true["abandoned"] == 7
    assert log.figure("timed_out") == true["exit_with_timeout"] == 1
    assert log.figure("in_progress") == 0
    assert log.figure("asa:W1") == pytest.approx(2910 / 66) == pytest.approx(44.0909, abs=5e-5)
    assert log.figure("talk") == pytest.approx(16397 / 66) == pytest.approx(248.4394, abs=5e-5)
    assert log.figure("aht:H1") == pytest.approx(16397 / 66)
    assert log.figure("longest_wait:answered") == true["max_wait_answered"]
    assert log.figure("mean_time_to_abandon") == pytest.approx(
        true["avg_abandon_wait_seconds"], abs=5e-5
    )
    assert log.figure("service_level:SL2") == pytest.approx(true["answered_within_20s"] / 66)
    # The call that timed out counts as lost.
    assert log.figure("service_level:SL3") == pytest.approx(27 / 74)
    assert log.figure("abandon_rate:A2") == pytest.approx(7 / 74)
    assert log.figure("transfer_rate") == pytest.approx(1 / 66)
    assert log.figure("ring_no_answer") == true["ring_no_answer_total"] == 283


def test_a_queue_log_is_right_per_agent(told: Callable[[str], Told], sample_data: Path) -> None:
    agents, true = told("queue_log").rows("agent"), truths(sample_data, QUEUE_LOG)

    def each(kpi: str) -> dict[Key, int]:
        return {name: int(row[kpi][0] or 0) for name, row in agents.items() if row[kpi][0]}

    assert each("answered") == true["answered_by_agent"]
    assert each("ring_no_answer") == true["ring_no_answer_by_agent"]
    talked = {name: row["talk"] for name, row in agents.items() if row["talk"][1]}
    assert {name: mean * n for name, (mean, n) in talked.items()} == pytest.approx(
        true["talk_seconds_by_agent"]
    )


def test_a_dirty_queue_log_is_four_calls(told: Callable[[str], Told], sample_data: Path) -> None:
    log, true = told("dirty"), truths(sample_data, DIRTY)
    assert log.books[0]["read"] == true["non_blank_lines"] == 21
    assert log.figure("offered") == log.figure("answered") == true["queue_calls"] == 4
    assert log.figure("abandoned") == 0
    # One is still talking: its talk is not known yet.
    assert log.n("talk") == true["finished"] == 3
    assert log.figure("talk") == 756 / 3
    assert log.figure("ring_no_answer") == log.figure("unreachable") == true["ring_no_answer"] == 3


def test_a_bank_is_right_to_the_last_call(told: Callable[[str], Told], sample_data: Path) -> None:
    log, true = told("bank"), truths(sample_data, BANK)
    assert log.books[0]["read"] == true["rows"] == 17_456
    assert log.books[0]["ignored"] == true["outcomes"]["PHANTOM"] == 143
    assert log.books[0]["rejected"] == 0
    assert log.figure("offered") == true["offered_to_agents"] == 16_273
    assert log.figure("answered") == true["answered"] == 14_405
    assert log.figure("abandoned") == true["hang_with_q_time_gt_0"] == 1868
    assert log.figure("left_ivr") == true["hang_in_vru_q_time_0"] == 1040
    assert log.figure("asa:W1") == pytest.approx(495_609 / 14_405)
    assert log.figure("asa:W1") == pytest.approx(34.4053, abs=5e-5)
    assert log.figure("aht:H1") == log.figure("talk") == pytest.approx(2_403_563 / 14_405)
    assert log.figure("aht:H1") == pytest.approx(166.8562, abs=5e-5)
    assert log.figure("service_level:SL3") == pytest.approx(true["answered_within_20s"] / 16_273)
    assert log.figure("service_level:SL2") == pytest.approx(9163 / 14_405)
    assert log.figure("abandon_rate:A2") == pytest.approx(1868 / 16_273)
    assert log.figure("abandon_rate:A2") == pytest.approx(0.114791, abs=5e-7)
    assert log.figure("mean_time_to_abandon") == pytest.approx(
        true["avg_abandon_wait_seconds"], abs=5e-5
    )


def test_a_bank_is_right_per_queue_and_server(
    told: Callable[[str], Told], sample_data: Path
) -> None:
    log, true = told("bank"), truths(sample_data, BANK)
    # Counted again from the file: the truths count its types before any row is left out.
    rows = [line.decode().split("\t") for line in lines_of(sample_data, BANK)]
    head = rows[0].index("type") if "type" in rows[0] else 4
    entered: dict[Key, int] = {}
    for row in rows:
        if row[12] == "AGENT" or (row[12] == "HANG" and int(row[11]) > 0):
            entered[row[head]] = entered.get(row[head], 0) + 1
    assert {queue: row["offered"][0] for queue, row in log.rows("queue").items()} == entered
    agents = {name: row["answered"][0] for name, row in log.rows("agent").items()}
    assert len(agents) == true["distinct_servers_excluding_NO_SERVER"]
    assert true["answered_top5_servers"].items() <= agents.items()
    assert sum(agents.values()) == 14_405 - true["answered_without_server_name"]


@pytest.mark.parametrize("name", ["xlsx", "csv"])
def test_phonenow_is_right_to_the_last_call(
    name: str, told: Callable[[str], Told], sample_data: Path
) -> None:
    log, true = told(name), truths(sample_data, LOGS[name])
    offered = {"xlsx": 5000, "csv": 4999}[name]
    assert log.books[0]["read"] == log.books[0]["stored"] == true["rows"] == offered
    assert log.figure("offered") == offered
    assert log.figure("answered") == true["answered"] == 4054
    assert log.figure("abandoned") == true["abandoned"] == offered - 4054
    assert log.figure("asa:W1") == pytest.approx(273_729 / 4054)
    assert log.figure("asa:W1") == pytest.approx(67.5207, abs=5e-5)
    assert log.figure("talk") == pytest.approx(911_837 / 4054)
    assert log.figure("talk") == pytest.approx(224.9228, abs=5e-5)
    assert log.figure("service_level:SL3") == pytest.approx(true["answered_within_20s"] / offered)
    assert (log.figure("csat:C2"), log.n("csat:C2")) == (pytest.approx(13_798 / 4054), 4054)
    assert log.figure("csat:C1") == pytest.approx(true["csat_4_5_share"], abs=5e-7)
    good, bad = (sum(true["rating_distribution"][one] for one in few) for few in ("45", "12"))
    assert log.figure("csat:C3") == pytest.approx((good - bad) / 4054)
    assert (log.figure("resolved_rate"), log.n("resolved_rate")) == (3646 / 4054, 4054)
    agents = {name: row["answered"][0] for name, row in log.rows("agent").items()}
    assert agents == true["answered_by_agent"]
    months: dict[str, float] = {}
    for day, row in log.rows("day").items():
        month = str(day)[:7]
        months[month] = months.get(month, 0) + (row["offered"][0] or 0)
    assert months == true["rows_by_month"]


@pytest.mark.parametrize("name", LOGS)
def test_a_log_imported_twice_tells_the_same(
    name: str, told: Callable[[str], Told], sample_data: Path
) -> None:
    once, log = told(name), LOGS[name]
    twice = imported(log, *[sample_data / log.path] * 2)
    assert twice.reports == once.reports
    assert twice.books[1]["stored"] == twice.books[1]["updated"] == 0
    assert twice.books[1]["read"] == once.books[0]["read"]


def test_the_csv_adds_nothing_to_the_xlsx_of_the_same_calls(
    told: Callable[[str], Told], sample_data: Path
) -> None:
    both = imported(XLSX, sample_data / XLSX.path, sample_data / CSV.path)
    assert both.reports == told("xlsx").reports
    assert both.books[1]["duplicate"] == both.books[1]["read"] == 4999


@pytest.mark.parametrize("first_half_first", [True, False], ids=["in order", "backwards"])
@pytest.mark.parametrize(
    ("name", "cut"),
    [
        *(("queue_log", line) for line in (101, 378, 600)),
        *(("dirty", line) for line in (5, 11, 16)),
        ("bank", 9001),
        ("csv", 2500),
    ],
)
def test_a_log_in_two_pieces_tells_the_same(
    name: str,
    cut: int,
    first_half_first: bool,
    told: Callable[[str], Told],
    sample_data: Path,
    tmp_path: Path,
) -> None:
    log = LOGS[name]
    lines = lines_of(sample_data, log)
    head = lines[:1] if name in ("csv", "bank") else []
    body = lines[len(head) :]
    pieces = [
        written(tmp_path, "one", head + body[:cut]),
        written(tmp_path, "other", head + body[cut:]),
    ]
    cut_up = imported(log, *(pieces if first_half_first else reversed(pieces)))
    assert cut_up.reports == told(name).reports


@pytest.mark.parametrize("name", ["queue_log", "dirty", "bank", "csv"])
def test_a_log_with_every_line_twice_and_in_any_order_tells_the_same(
    name: str, told: Callable[[str], Told], sample_data: Path, tmp_path: Path
) -> None:
    log = LOGS[name]
    lines = lines_of(sample_data, log)
    head = lines[:1] if name in ("csv", "bank") else []
    body = lines[len(head) :] * 2
    Random(4).shuffle(body)
    assert imported(log, written(tmp_path, "mess", head + body)).reports == told(name).reports


@pytest.mark.parametrize(("name", "size"), [("queue_log", 40), ("dirty", 3), ("csv", 700)])
def test_calls_cut_by_the_edge_of_a_chunk_are_joined(
    name: str,
    size: int,
    told: Callable[[str], Told],
    sample_data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = LOGS[name]
    whole = told(name)
    defaults = Reading.__init__.__defaults__
    assert defaults is not None
    assert defaults.count(100_000) == 1
    small = tuple(size if one == 100_000 else one for one in defaults)
    monkeypatch.setattr(Reading.__init__, "__defaults__", small)
    assert len(chunks_of(sample_data / log.path, log.form, zone=log.zone)) > 5
    cut_up = imported(log, sample_data / log.path)
    assert cut_up.reports == whole.reports
