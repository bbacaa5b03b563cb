"""While a site is counted anew, whatever shows or takes along its figures says so, to the end."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from ccm import dirty
from ccm.models import Site
from kpis import rollups
from kpis.mailings import letters
from kpis.mailings.models import Mailing
from kpis.models import Board, SavedReport
from kpis.reads import anew
from kpis.rollups import repeats
from kpis.walls import frames
from tests.builders import NINE, a_call, a_queue, a_site, a_user

DAY = timedelta(days=1)
NOW = NINE + 3 * DAY
# A day before the first call to a day after the last, on each of which nothing is counted yet.
DAYS = "Figures of Leeds are being counted anew. 5 days still show what was counted before."
REPEATS = (
    "Who called Leeds again is being counted anew. First contact resolution and resolution times"
    " still show what was counted before."
)


@pytest.fixture
def leeds(db):
    """With a call on each of Monday to Wednesday; of Wednesday's only the day is known."""
    site = a_site("Leeds")
    queue = a_queue(site)
    for day in range(2):
        a_call(queue, NINE + day * DAY)
    a_call(queue, NINE.replace(hour=0) + 2 * DAY, wait=None, time_precision="day")
    Board.objects.get_or_create(site=site, slug="leeds", defaults={"title": "Leeds"})
    rollups.rebuild()
    return site


def said(client, site, user):
    """Which notice each that tells figures of the three days brings; `day_only`; the mail."""
    of_days = {"from": "2026-03-02", "to": "2026-03-04", "site": site.slug}
    csvs = [
        b"".join(client.get(reverse(name), of_days | {"export": "csv"}).streaming_content).decode()
        for name in ("queues", "report")
    ]
    book = openpyxl.load_workbook(
        BytesIO(client.get(reverse("report"), of_days | {"export": "xlsx"}).content)
    )
    lines, about = (
        " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
        for sheet in book
    )
    asked = {"first": "2026-03-02", "last": "2026-03-04", "by": "interval", "kpi": "offered"}
    api = client.get(reverse("api_kpis"), asked).json()
    printed = StringIO()
    call_command("report", "--from", "2026-03-02", "--to", "2026-03-04", stdout=printed)
    report = SavedReport.objects.create(
        owner=user, name="Days", question={"period": ["custom"], "from": [of_days["from"]],
        "to": [of_days["to"]]}, form=1,
    )  # fmt: skip
    mailing = Mailing(owner=user, report=report, hour=7, zone="UTC", since=NOW, next_at=NOW)
    recap = Mailing(owner=user, site=site, hour=7, zone="UTC", since=NOW, next_at=NOW)
    texts = {
        **{
            name: client.get(reverse(name), of_days | {"kpi": "offered"}).content.decode()
            for name in ("home", "queues", "report", "passport")
        },
        "queues csv": csvs[0],
        "report csv": csvs[1],
        "lines": lines,
        "about": about,
        "api": " ".join(api["counting"]),
        "printed": printed.getvalue(),
        "wall": frames.frame(Board.objects.get(slug="leeds"), NOW)["ticker"],
        "recap": letters.of_recap(recap, user, letters.PATIENCE + 1, NOW).body,
    }
    try:
        texts["mail"] = letters.of_report(mailing, user, NOW).body
    except letters.NotYet as waits:
        texts["mail"] = f"waits: {waits}"
    report.delete()
    for header, *rows in (csv.reader(StringIO(text)) for text in csvs):
        assert {len(row) for row in rows} == {len(header)}
    return {name: _notice(text) for name, text in texts.items()}, api["day_only"], texts["mail"]


def _notice(text):
    """Which of the two a text tells; a page has both sentences apart."""
    told = [one for one in (DAYS, REPEATS) if all(part in text for part in one.split(". "))]
    return told[0] if told else ""


def test_pages_files_api_command_walls_and_mails_say_it_until_who_came_again_is_counted(
    client, leeds
):
    """Mails of days that are not counted yet wait for them. How many calls tell only their day is
    not known while days and quarter hours are counted, and null is unknown."""
    user = a_user("manager", leeds)
    client.force_login(user)
    with time_machine.travel(NOW, tick=False):
        found, day_only, _mail = said(client, leeds, user)
        assert ({*found.values()}, day_only) == ({""}, 1)
        assert dirty.mark_all(leeds) == 5
        found, day_only, mail = said(client, leeds, user)
        assert {name for name, how in found.items() if how != DAYS} == {"mail"}
        assert "waits: Leeds: calls of 2026-03-02 are not counted yet" in mail
        assert day_only is None
        curve = client.get(reverse("curve"), {"from": "2026-03-04", "to": "2026-03-04"})
        assert "tells only its day" not in curve.content.decode()
        rollups.recount_dirty()
        found, day_only, _mail = said(client, leeds, user)
        # A wall shows nothing that waits for callers who come again.
        assert {name for name, how in found.items() if how != REPEATS} == {"wall"}
        assert (found["wall"], day_only) == ("", 1)
        repeats.recount(leeds)
        found, day_only, _mail = said(client, leeds, user)
        assert ({*found.values()}, day_only) == ({""}, 1)
        curve = client.get(reverse("curve"), {"from": "2026-03-04", "to": "2026-03-04"})
        assert "1 call tells only its day" in curve.content.decode()


def test_where_a_record_begins_is_found_by_the_index_and_not_by_the_names_of_queues():
    """Ordered by the queue itself, the database sorts all its days by that queue's name."""
    assert "ccm_queue" not in str(Site.objects.annotate(**anew.record()).query)
