"""Real logs of other systems: the figures found independently of this program, to the last call.

The files are other people's and not in this repository (`sample_data`). What is expected comes
from the truths.json beside each file and from the raw calls by plain SQL (`tests.oracle`).
Service level over offered is SL3, abandon rate over offered A2, ASA over answered W1.
"""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from ccm.imports.mapping.profile import Profile
from ccm.imports.records import Reading
from ccm.models import ImportProfile, IntervalCount, Site
from kpis.definitions import parse
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from tests.builders import a_site
from tests.killing import imported_by_the_worker_after
from tests.logs import chunks_of
from tests.mapped import answered, guessed
from tests.oracle.oracle import Figure, Key, Oracle, disagreements, report, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]

WAYS = ("total", "day", "interval", "queue", "agent")
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

    def span(self, by: str) -> tuple[date, date]:
        """The days to report: all, but of quarter hours only the first three days."""
        few = self.first + timedelta(days=2)
        return self.first, min(self.last, few) if by == "interval" else self.last


QUEUE_LOG = Log(
    "calllogs/asterisk_queue_log/queue_log_2018-11-29_to_12-03.derived.log",
    "asterisk_queue_log",
    "America/Bogota",
    date(2018, 11, 28),
    date(2018, 12, 4),
)
PBXWARE = Log(
    "calllogs/asterisk_queue_log/pbxware_queue_log_2018-11-29_to_12-03.csv",
    "asterisk_queue_log_table",
    QUEUE_LOG.zone,
    QUEUE_LOG.first,
    QUEUE_LOG.last,
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
LOGS = {
    "queue_log": QUEUE_LOG, "pbxware": PBXWARE, "dirty": DIRTY, "bank": BANK, "xlsx": XLSX,
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What imports left behind: the books of each, the reports printed after each by their way,
    and where the oracle disagreed with those after the first."""

    books: list[dict[str, int]]
    reports: list[dict[str, str]]
    wrong: list[str]

    def rows(self, by: str) -> dict[Key, dict[str, Figure]]:
        return rows_of(self.reports[0][by])

    def figure(self, kpi: str) -> float | None:
        return self.rows("total")[""][kpi][0]

    def n(self, kpi: str) -> int:
        return self.rows("total")[""][kpi][1]


def imported(log: Log, *files: Path, since: int = 0, ask: bool = False) -> Told:
    """Import files one after the other at one site; nothing of it stays.

    Reports after each from the file numbered `since` on; the oracle is asked after the first.
    """
    told = Told([], [], [])
    with taken_back():
        for number, file in enumerate(files):
            told.books.append(_import(log, file))
            if number < since:
                continue
            site = Site.objects.get(name=SITE)
            spans = {way: log.span(way) for way in WAYS}
            told.reports.append({way: report(site, *spans[way], way) for way in WAYS})
            if ask and number == 0:
                for way, printed in told.reports[0].items():
                    oracle = Oracle(site, *spans[way])
                    told.wrong.extend(disagreements(oracle, way, printed))
    return told


def _import(log: Log, file: Path, profile: Profile | None = None) -> dict[str, int]:
    """By the log's own format, or as a profile says, saved under the format's name."""
    out = StringIO()
    if profile is not None:
        ImportProfile.objects.create(name=log.form, slug=log.form, mapping=profile.as_json())
    how = "--format" if profile is None else "--profile"
    words = [str(file), how, log.form, "--site", SITE, "--tz", log.zone]
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
    """What each log told when it was imported whole, and then again; by the first who asks."""
    return {}


@pytest.fixture
def told(plainly: dict[str, Told], sample_data: Path) -> Callable[[str], Told]:
    def of(name: str) -> Told:
        if name not in plainly:
            log = LOGS[name]
            file = sample_data / log.path
            beside = [sample_data / CSV.path] if log is XLSX else []
            plainly[name] = imported(log, file, file, *beside, ask=True)
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
    assert log.n("talk") == true["answered_and_finished"] == 66
    assert log.figure("abandoned") == true["abandoned"] == 7
    assert log.figure("timed_out") == true["exit_with_timeout"] == 1
    assert true["answered_still_open_at_end"] == true["still_waiting_at_end"] == 0
    assert log.figure("in_progress") == 0
    assert log.figure("asa:W1") == pytest.approx(true["total_wait_answered"] / 66)
    assert log.figure("asa:W1") == pytest.approx(true["asa_seconds"], abs=5e-5)
    assert log.figure("talk") == pytest.approx(true["total_talk_seconds"] / 66)
    assert log.figure("talk") == pytest.approx(true["avg_talk_seconds"], abs=5e-5)
    assert log.figure("aht:H1") == pytest.approx(16397 / 66)
    assert log.figure("longest_wait:answered") == true["max_wait_answered"]
    assert log.figure("mean_time_to_abandon") == pytest.approx(
        true["avg_abandon_wait_seconds"], abs=5e-5
    )
    assert log.figure("service_level:SL2") == pytest.approx(true["answered_within_20s"] / 66)
    # The call that timed out counts as lost: SL3 is over all that were offered.
    assert log.figure("service_level:SL3") == pytest.approx(
        true["service_level_20s_over_offered"], abs=5e-7
    )
    # Without it, what is left are those answered and abandoned.
    assert (
        pytest.approx(true["service_level_20s_over_answered_plus_abandoned"], abs=5e-7) == 27 / 73
    )
    assert log.figure("abandon_rate:A2") == pytest.approx(
        true["abandon_rate_over_offered"], abs=5e-7
    )
    assert log.figure("transfer_rate") == pytest.approx(true["transferred_out"] / 66)
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


def test_a_table_of_a_queue_log_tells_what_the_log_tells(
    told: Callable[[str], Told], sample_data: Path
) -> None:
    """PBXware's own table, and the log made of it: the same truths, to the last figure."""
    assert (
        truths(sample_data, PBXWARE)
        == "same truths as the .derived.log (same events, other encoding)"
    )
    assert told("pbxware").books[0]["read"] == 755
    assert told("pbxware").reports == told("queue_log").reports


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
    assert log.figure("asa:W1") == pytest.approx(true["total_q_time_answered"] / 14_405)
    assert log.figure("asa:W1") == pytest.approx(true["asa_seconds_all_answered"], abs=5e-5)
    assert log.figure("aht:H1") == pytest.approx(true["total_ser_time_answered"] / 14_405)
    assert log.figure("aht:H1") == log.figure("talk")
    assert log.figure("aht:H1") == pytest.approx(true["aht_seconds_ser_time"], abs=5e-5)
    assert log.figure("service_level:SL3") == pytest.approx(true["answered_within_20s"] / 16_273)
    assert log.figure("service_level:SL3") == pytest.approx(true["service_level_20s"], abs=5e-6)
    assert log.figure("service_level:SL2") == pytest.approx(9163 / 14_405)
    assert log.figure("abandon_rate:A2") == pytest.approx(1868 / 16_273)
    assert log.figure("abandon_rate:A2") == pytest.approx(true["abandon_rate"], abs=5e-7)
    assert log.figure("mean_time_to_abandon") == pytest.approx(
        true["avg_abandon_wait_seconds"], abs=5e-5
    )


def test_a_bank_is_right_per_queue_and_server(
    told: Callable[[str], Told], sample_data: Path
) -> None:
    log, true = told("bank"), truths(sample_data, BANK)
    # Counted again from the file: the truths count its types before any row is left out.
    rows = [line.decode().split("\t") for line in lines_of(sample_data, BANK)]
    [kind, outcome, waited] = [rows[0].index(name) for name in ("type", "outcome", "q_time")]
    entered = Counter(
        row[kind]
        for row in rows[1:]
        if row[outcome] == "AGENT" or (row[outcome] == "HANG" and int(row[waited]) > 0)
    )
    assert {queue: row["offered"][0] for queue, row in log.rows("queue").items()} == entered
    agents = {name: row["answered"][0] for name, row in log.rows("agent").items()}
    assert len(agents) == true["distinct_servers_excluding_NO_SERVER"]
    assert true["answered_top5_servers"].items() <= agents.items()
    assert sum(agents.values()) == 14_405 - true["answered_without_server_name"]


def assert_phonenow_is_right(log: Told, true: dict[str, Any], offered: int) -> None:
    assert log.figure("offered") == true["rows"] == offered
    assert log.figure("answered") == true["answered"] == 4054
    assert log.figure("abandoned") == true["abandoned"] == offered - 4054
    assert log.figure("asa:W1") == pytest.approx(true["total_speed_seconds"] / 4054)
    assert log.figure("asa:W1") == pytest.approx(true["asa_seconds"], abs=5e-5)
    assert log.figure("talk") == pytest.approx(true["total_talk_seconds"] / 4054)
    assert log.figure("talk") == pytest.approx(true["avg_talk_seconds"], abs=5e-5)
    assert log.figure("service_level:SL3") == pytest.approx(true["answered_within_20s"] / offered)
    assert log.figure("service_level:SL3") == pytest.approx(
        true["service_level_20s_over_offered"], abs=5e-7
    )
    assert log.figure("csat:C2") == pytest.approx(true["csat_sum"] / true["ratings"])
    assert log.figure("csat:C2") == pytest.approx(true["csat_mean"], abs=5e-5)
    assert log.n("csat:C2") == true["ratings"] == 4054
    assert log.figure("csat:C1") == pytest.approx(true["csat_4_5_share"], abs=5e-7)
    good, bad = (sum(true["rating_distribution"][one] for one in few) for few in ("45", "12"))
    assert log.figure("csat:C3") == pytest.approx((good - bad) / 4054)
    assert (log.figure("resolved_rate"), log.n("resolved_rate")) == (true["resolved"] / 4054, 4054)
    agents = {name: row["answered"][0] for name, row in log.rows("agent").items()}
    assert agents == true["answered_by_agent"]
    months: dict[str, float] = {}
    for day, row in log.rows("day").items():
        month = str(day)[:7]
        months[month] = months.get(month, 0) + (row["offered"][0] or 0)
    assert months == true["rows_by_month"]
    days = sorted(str(day) for day, row in log.rows("day").items() if row["offered"][0])
    assert (days[0], days[-1]) == (true["first_date"], true["last_date"])


def test_a_phonenow_sheet_is_right_to_the_last_call(
    told: Callable[[str], Told], sample_data: Path
) -> None:
    log = told("xlsx")
    assert log.books[0]["read"] == log.books[0]["stored"] == 5000
    assert_phonenow_is_right(log, truths(sample_data, XLSX), offered=5000)


def test_the_csv_adds_nothing_to_the_sheet_of_the_same_calls(told: Callable[[str], Told]) -> None:
    sheet = told("xlsx")
    assert sheet.books[2]["duplicate"] == sheet.books[2]["read"] == 4999
    assert sheet.reports[2] == sheet.reports[0]


def test_the_sheet_adds_one_call_to_the_csv_which_came_in_two_pieces(
    told: Callable[[str], Told], sample_data: Path, tmp_path: Path
) -> None:
    head, *body = lines_of(sample_data, CSV)
    log = imported(
        CSV,
        written(tmp_path, "later.csv", [head, *body[2500:]]),
        written(tmp_path, "earlier.csv", [head, *body[:2500]]),
        sample_data / XLSX.path,
        since=1,
    )
    assert_phonenow_is_right(log, truths(sample_data, CSV), offered=4999)
    assert (log.books[2]["stored"], log.books[2]["duplicate"]) == (1, 4999)
    assert log.reports[1] == told("xlsx").reports[0]


@pytest.mark.parametrize("name", LOGS)
def test_a_log_imported_twice_tells_the_same(name: str, told: Callable[[str], Told]) -> None:
    log = told(name)
    assert log.reports[1] == log.reports[0]
    assert log.books[1]["stored"] == log.books[1]["updated"] == 0
    assert log.books[1]["read"] == log.books[0]["read"]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("name", "cut"),
    [("queue_log", 101), ("queue_log", 600), ("pbxware", 301), ("dirty", 5), ("dirty", 16)],
)
def test_a_queue_log_in_two_pieces_tells_the_same(
    name: str,
    cut: int,
    backwards: bool,
    told: Callable[[str], Told],
    sample_data: Path,
    tmp_path: Path,
) -> None:
    log = LOGS[name]
    lines = lines_of(sample_data, log)
    # The second piece of a table lacks its header.
    pieces = [written(tmp_path, "one", lines[:cut]), written(tmp_path, "other", lines[cut:])]
    in_pieces = imported(log, *(reversed(pieces) if backwards else pieces), since=1)
    assert in_pieces.reports[0] == told(name).reports[0]


@pytest.mark.parametrize("name", ["queue_log", "dirty"])
def test_a_log_with_every_line_twice_and_in_any_order_tells_the_same(
    name: str, told: Callable[[str], Told], sample_data: Path, tmp_path: Path
) -> None:
    lines = lines_of(sample_data, LOGS[name]) * 2
    Random(4).shuffle(lines)
    log = imported(LOGS[name], written(tmp_path, "mess", lines))
    assert log.reports == told(name).reports[:1]


def test_a_bank_in_two_pieces_of_shuffled_lines_tells_the_same(
    told: Callable[[str], Told], sample_data: Path, tmp_path: Path
) -> None:
    head, *body = lines_of(sample_data, BANK)
    Random(4).shuffle(body)
    # The pieces share a thousand lines.
    pieces = [[head, *body[:9000]], [head, *body[8000:]]]
    files = [written(tmp_path, str(number), lines) for number, lines in enumerate(pieces)]
    log = imported(BANK, *files, since=1)
    assert log.reports[0] == told("bank").reports[0]
    assert log.books[1]["duplicate"] + log.books[1]["ignored"] >= 1000


# One of them, and a small one: tests.heavy.kills ends workers at big ones.
@pytest.mark.django_db(transaction=True)
def test_a_log_whose_worker_is_killed_half_way_tells_the_same(
    told: Callable[[str], Told], sample_data: Path, tmp_path: Path
) -> None:
    name = "queue_log"
    log = LOGS[name]
    lines = lines_of(sample_data, log)
    some = -(-len(lines) // 4)
    parts = [lines[at : at + some] for at in range(0, len(lines), some)]
    files = [written(tmp_path, f"part.{n}", part) for n, part in enumerate(parts)]
    site = a_site(SITE, log.zone)
    batch = imported_by_the_worker_after(
        files, site, log.form, killed_after=len(files) // 2, folder=tmp_path, zone=log.zone
    )
    assert batch.read == told(name).books[0]["read"]
    for way in WAYS:
        assert report(site, *log.span(way), way) == told(name).reports[0][way]


@pytest.mark.parametrize(("name", "size"), [("queue_log", 40), ("dirty", 3)])
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
    assert defaults.count(50_000) == 1
    small = tuple(size if one == 50_000 else one for one in defaults)
    monkeypatch.setattr(Reading.__init__, "__defaults__", small)
    assert len(chunks_of(sample_data / log.path, log.form)) > 5
    (pieces,) = imported(log, sample_data / log.path).reports
    assert pieces == whole.reports[0]


# Files that nobody described before: a person says of their columns what the guess does not know.

SIMULATED = Log(
    "calllogs/simulated_queue/simulated_call_centre_iso_2021-01_to_09.csv.gz",
    "simulated-queue", "UTC", date(2021, 1, 1), date(2021, 9, 30),
)  # fmt: skip
RWFD = Log(
    "calllogs/rwfd_csat/rwfd_call_center_sample.csv",
    "rwfd", "America/Chicago", date(2024, 1, 1), date(2024, 1, 31),
)  # fmt: skip
TWO_ANSWERS = Log(
    "calllogs/survey_csat/call_logs_fcr_csat.csv",
    "two-answers", "UTC", date(2025, 1, 1), date(2025, 12, 31),
)  # fmt: skip
RATINGS = Log(
    "calllogs/survey_csat/call_report_ratings.xlsx",
    "ratings", "UTC", date(2023, 1, 1), date(2023, 12, 31),
)  # fmt: skip


def told_of_mapped(
    sample_data: Path,
    folder: Path,
    log: Log,
    columns: dict[str, dict[str, Any]] | None = None,
    ways: tuple[str, ...] = ("total",),
    kpis: list[str] | None = None,
    **said: Any,
) -> Told:
    """What a file told, mapped by the guess and what is said of it; nothing of it stays."""
    _path, profile = guessed(sample_data / log.path, folder)
    with taken_back():
        books = _import(log, sample_data / log.path, answered(profile, columns, **said))
        site = Site.objects.get(name=SITE)
        span = (log.first, log.last)
        return Told([books], [{way: report(site, *span, way, kpis=kpis) for way in ways}], [])


def test_a_simulated_queue_is_right_to_the_last_call(sample_data: Path, tmp_path: Path) -> None:
    seconds = {"unit": "s"}
    log = told_of_mapped(
        sample_data, tmp_path, SIMULATED,
        {"wait_length": seconds, "service_length": seconds}, ("total", "day"), queue="Simulated",
    )  # fmt: skip
    true = truths(sample_data, SIMULATED)
    assert log.figure("offered") == log.figure("answered") == true["answered"] == 34_872
    assert log.figure("abandoned") == log.figure("abandon_rate:A2") == true["abandoned"] == 0
    assert log.figure("asa:W1") == pytest.approx(true["asa_seconds"], abs=5e-4)
    assert log.figure("aht:H1") == pytest.approx(true["total_service_seconds"] / 34_872)
    assert log.figure("aht:H1") == pytest.approx(true["aht_service_seconds"], abs=5e-5)
    # Nobody gave up, so that every service level of 20 s is this one.
    for level in ("SL1", "SL2", "SL3", "SL4", "SL6"):
        assert log.figure(f"service_level:{level}") == pytest.approx(true["within_20s"] / 34_872)
    assert log.figure("longest_wait:answered") == true["max_wait"] == 688
    days = [row["offered"][0] for row in log.rows("day").values() if row["offered"][0]]
    assert (len(days), max(days)) == (true["days"], true["max_daily"])


def test_contacts_with_a_score_from_one_to_ten_are_right(sample_data: Path, tmp_path: Path) -> None:
    log = told_of_mapped(
        sample_data, tmp_path, RWFD, ways=("total", "queue", "day"), answered_by="all"
    )
    true = truths(sample_data, RWFD)
    assert log.figure("offered") == true["rows"] == 70
    assert log.n("csat:C2") == true["csat_answers"] == 70
    assert log.figure("csat:C2") == pytest.approx(true["csat_mean"], abs=5e-5)
    assert log.figure("talk") == pytest.approx(true["total_minutes"] * 60 / 70)
    queues = {queue: row["offered"][0] for queue, row in log.rows("queue").items()}
    assert queues == true["call_centers"]
    days = {str(day): row["offered"][0] for day, row in log.rows("day").items()}
    named = {date(*(int(one.split("/")[place]) for place in (2, 0, 1))): n
             for one, n in true["dates"].items()}  # fmt: skip
    assert {day: n for day, n in days.items() if n} == {str(day): n for day, n in named.items()}


def test_a_call_log_with_two_kinds_of_answers_is_right(sample_data: Path, tmp_path: Path) -> None:
    log = told_of_mapped(
        sample_data, tmp_path, TWO_ANSWERS, {"Duration": {"target": "talk", "unit": "s"}},
        ("total", "agent"), ["offered", "csat:C1", "csat:C2", "fcr:F4", "talk"],
        queue="Help", answered_by="all",
    )  # fmt: skip
    true = truths(sample_data, TWO_ANSWERS)
    assert log.figure("offered") == true["rows"] == 260
    assert log.figure("csat:C1") == pytest.approx(true["csat_4_5_share"], abs=5e-7)
    assert log.figure("csat:C2") == pytest.approx(true["csat_mean"], abs=5e-5)
    assert log.figure("fcr:F4") == pytest.approx(true["fcr_rate"], abs=5e-7)
    assert log.figure("talk") == pytest.approx(true["avg_duration"], abs=5e-5)
    means = {agent: row["csat:C2"][0] for agent, row in log.rows("agent").items()}
    assert means == pytest.approx(true["csat_by_agent"], abs=5e-5)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_workbook_of_ratings_is_right(sample_data: Path, tmp_path: Path) -> None:
    columns = {
        "Duration": {"target": "talk", "unit": "s"}, "Satisfaction Rating": {"scale": (0, 5)},
    }  # fmt: skip
    log = told_of_mapped(
        sample_data, tmp_path, RATINGS, columns, ("total", "agent"),
        queue="Sales", answered_by="all",
    )  # fmt: skip
    true = truths(sample_data, RATINGS)
    assert log.figure("offered") == true["rows"] == 1000
    assert log.figure("csat:C2") == pytest.approx(true["rating_mean"], abs=5e-5)
    assert log.figure("talk") == pytest.approx(true["total_duration"] / 1000)
    agents = {agent: row["answered"][0] for agent, row in log.rows("agent").items()}
    assert agents == true["by_rep"]


@pytest.mark.parametrize("name", ["call_center_data_index.csv", "call_center_data_sales_rep.csv"])
def test_totals_are_weighted_by_the_answered_and_no_mean_of_means(
    name: str, sample_data: Path, tmp_path: Path
) -> None:
    """Totals are never mixed into counts of calls: KPIs are asked of what was stored of them."""
    log = Log(
        f"calllogs/interval_aggregates/{name}", "totals", "UTC", date(2021, 1, 1), date(2024, 6, 4)
    )
    true = truths(sample_data, log)
    header, *lines = (sample_data / log.path).read_text().splitlines()
    dated = [f"{line},{log.first + timedelta(days=n)}" for n, line in enumerate(lines)]
    file = tmp_path / "dated.csv"
    file.write_text("\n".join([f"{header},Date", *dated]) + "\n")
    _path, profile = guessed(file, tmp_path)
    with taken_back():
        _import(log, file, answered(profile, minutes=1440))
        spans = [_counts_of(one) for one in IntervalCount.objects.filter(site__name=SITE)]
    assert len(spans) == true["rows"] == 1251

    def told(asked: str, counts: Counts) -> float:
        kpi, variant = parse(asked)
        value = kpi.compute(counts, Parameters(), variant.id).value
        assert value is not None
        return float(value)

    whole = Counts.sum(spans)
    assert told("offered", whole) == true["offered"] == 248_373
    assert told("answered", whole) == true["answered"] == 221_234
    assert told("abandoned", whole) == true["abandoned"] == 27_139
    assert told("abandon_rate:A2", whole) == pytest.approx(true["abandon_rate"], abs=5e-7)
    assert told("asa:W1", whole) == pytest.approx(29.8356, abs=5e-5)
    assert true["asa_seconds_weighted_by_answered"] == 29.8356
    means = [told("asa:W1", span) for span in spans if span.answered]
    assert sum(means) / len(means) == pytest.approx(true["asa_seconds_simple_mean"], abs=5e-5)
    assert true["asa_seconds_simple_mean"] == 24.8977
    assert told("talk", whole) == pytest.approx(true["talk_seconds_weighted_by_answered"], abs=5e-5)


def _counts_of(total: IntervalCount) -> Counts:
    """A span's totals as the counts that KPIs are told of."""
    answered = total.answered or 0
    return Counts(
        offered=total.offered or 0,
        answered=answered,
        abandoned=total.abandoned or 0,
        answered_wait_ms=total.wait_ms or 0,
        answered_wait_n=answered,
        talk_ms=total.talk_ms or 0,
        talk_n=answered,
    )
