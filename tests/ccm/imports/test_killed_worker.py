"""An import survives its worker: killed anywhere, the next one ends with the same record."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from ccm.models import AgentState, Call, ImportBatch, Offer, Queue, Site
from tests.builders import a_site
from tests.killing import imported_by_the_worker_after, taken_back_by_the_worker_after
from tests.logs import DATA
from tests.oracle.oracle import Oracle, disagreements, report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_worker")]

DAY = date(2021, 1, 1)
WAYS = ("total", "day", "queue", "agent")


@pytest.mark.parametrize("killed_after", [0, 3])
def test_a_log_whose_worker_is_killed_tells_the_same(killed_after: int, tmp_path: Path) -> None:
    lines = (DATA / "queue_log").read_text().splitlines(keepends=True)
    # Seven pieces, which cut calls in the middle: to the loader, chunks like any.
    files = [tmp_path / f"queue_log.{n}" for n in range(7)]
    for n, file in enumerate(files):
        file.write_text("".join(lines[4 * n : 4 * n + 4]))
    site = a_site("Killed")
    batch = imported_by_the_worker_after(
        files, site, "asterisk_queue_log", killed_after=killed_after, folder=tmp_path
    )
    assert batch.read == len(lines) == 28
    assert batch.read == batch.stored + batch.updated + batch.duplicate + batch.ignored
    assert Offer.objects.count() == 4

    words = ["--site", "Whole", "--tz", "UTC", "--format", "asterisk_queue_log"]
    call_command("import_log", str(DATA / "queue_log"), *words)
    whole = Site.objects.get(name="Whole")
    for by in WAYS:
        printed = report(site, DAY, DAY, by)
        assert printed == report(whole, DAY, DAY, by)
        assert disagreements(Oracle(site, DAY, DAY), by, printed) == []


@pytest.mark.parametrize("killed_after", [2, 6])
def test_a_taking_back_whose_worker_is_killed_ends_as_it_was_before(
    killed_after: int, tmp_path: Path
) -> None:
    lines = (DATA / "queue_log").read_text().splitlines(keepends=True)
    words = ["--site", "Killed", "--tz", "UTC", "--format", "asterisk_queue_log"]

    def imported(some: list[str]) -> None:
        (tmp_path / "queue_log").write_text("".join(some))
        call_command("import_log", str(tmp_path / "queue_log"), *words)

    imported(lines[:12])
    site = Site.objects.get(name="Killed")
    tables = (Call, Offer, AgentState, Queue)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    printed = [report(site, DAY, DAY, by) for by in WAYS]
    imported(lines)
    assert [list(table.objects.order_by("pk").values()) for table in tables] != before

    taken_back_by_the_worker_after(
        ImportBatch.objects.latest("pk"), killed_after=killed_after, folder=tmp_path
    )
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
    assert [report(site, DAY, DAY, by) for by in WAYS] == printed
