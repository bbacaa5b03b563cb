"""Calls that are there already from another source: told, and refused where the bytes are the
same."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from ccm.imports import choosing, run, twice, undo
from ccm.imports.files.dialect import Dialect
from ccm.imports.folder import Watcher
from ccm.imports.mapping import drafts
from ccm.imports.mapping.profile import ALL, Column, Profile
from ccm.imports.mapping.targets import Rows
from ccm.models import Call, ImportBatch, ImportProfile, Job, WatchedFolder
from tests.builders import a_call, a_queue, a_site, a_user
from tests.ccm.test_pages_mapping import fields

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]

MAPPING = Profile(
    Dialect(),
    Rows.CALLS,
    (
        Column("Id", "external_id"),
        Column("Start", "moment", spelling="ymd"),
        Column("Talk", "talk", unit="s"),
    ),
    queue="Sales",
    answered_by=ALL,
)
TEXT = b"Id,Start,Talk\n" + b"".join(b"c%d,2025-03-03 09:%02d:00,60\n" % (n, n) for n in range(24))
# The month exported again, with two calls more.
LONGER = TEXT + b"d1,2025-03-03 10:00:00,60\nd2,2025-03-03 10:01:00,60\n"


def a_layout(name, **changed):
    mapping = replace(MAPPING, **changed).as_json()
    return ImportProfile.objects.create(name=name, slug=name.lower(), mapping=mapping)


def imported(site, layout, data=TEXT, **said):
    batch = run.start([("m.csv", io.BytesIO(data))], form=layout.slug, site=site, **said)
    run.run(batch.job_id)
    return read_anew(batch)


def read_anew(batch):
    return ImportBatch.objects.select_related("job", "site").get(pk=batch.pk)


def notes(batch):
    return list(batch.issues.filter(rule=twice.RULE).values_list("fate", "count", "message"))


def test_the_same_file_by_another_layout_is_refused_until_somebody_says_to_go_on():
    site = a_site()
    first = imported(site, a_layout("Lyon"))
    second = imported(site, a_layout("Lyon2"))
    words = (
        "The very same file was imported already: 24 of 24 calls looked at are there, from the"
        f" layout Lyon (import {first.pk}). Import with that one, or these calls stand twice."
    )
    assert (second.job.state, second.job.words) == (Job.State.FAILED, words)
    assert Call.objects.count() == 24
    run.go_on(second)
    run.run(second.job_id)
    second = read_anew(second)
    assert (second.job.state, second.read, second.stored) == (Job.State.DONE, 24, 24)
    assert notes(second) == [("noted", 24, words)]
    assert Call.objects.count() == 48


def test_the_same_file_by_the_same_layout_changes_nothing_and_says_nothing():
    site, layout = a_site(), a_layout("Lyon")
    imported(site, layout)
    again = imported(site, layout)
    assert (again.job.state, again.duplicate, notes(again)) == (Job.State.DONE, 24, [])


def test_a_layout_renamed_and_deleted_and_made_anew_under_its_first_name_is_another_source():
    site, layout = a_site(), a_layout("Lyon")
    imported(site, layout)
    ImportProfile.objects.filter(pk=layout.pk).update(name="Old", removed_at="2025-04-01T00:00Z")
    other = ImportProfile.objects.create(
        name="Lyon", slug="lyon-2", mapping=MAPPING.as_json()
    )  # fmt: skip
    assert "from the layout Old (import" in imported(site, other).job.words


def test_calls_of_a_longer_export_are_imported_and_said_to_stand_twice():
    site = a_site()
    first = imported(site, a_layout("Lyon"))
    second = imported(site, a_layout("Lyon2"), LONGER)
    assert (second.job.state, second.stored) == (Job.State.DONE, 26)
    assert notes(second) == [
        ("noted", 24,
         f"24 of 26 calls looked at are there already, from the layout Lyon (import {first.pk})."
         " Import with that one, or these calls stand twice."),
    ]  # fmt: skip


def test_a_try_says_it_and_refuses_nothing():
    site = a_site()
    imported(site, a_layout("Lyon"))
    tried = imported(site, a_layout("Lyon2"), dry_run=True)
    assert (tried.job.state, tried.stored, len(notes(tried))) == (Job.State.DONE, 24, 1)
    assert Call.objects.count() == 24


def test_equal_ids_at_other_moments_and_other_sites_are_other_calls():
    site = a_site()
    imported(site, a_layout("Lyon"))
    later = imported(site, a_layout("Lyon2"), TEXT.replace(b"2025-03-03", b"2025-03-04"))
    elsewhere = imported(a_site(), a_layout("Lyon3"))
    for batch in (later, elsewhere):
        assert (batch.job.state, batch.stored, notes(batch)) == (Job.State.DONE, 24, [])


def test_what_was_taken_back_is_in_nobodys_way():
    site = a_site()
    first = imported(site, a_layout("Lyon"))
    undo.start(first)
    undo.run(read_anew(first).undo_id)
    second = imported(site, a_layout("Lyon2"))
    assert (second.job.state, notes(second)) == (Job.State.DONE, [])


def test_the_answers_of_a_file_of_calls_are_not_its_calls_again():
    site = a_site()
    imported(site, a_layout("Lyon"))
    columns = (
        Column("Id", "call_ref"),
        Column("Start", "moment", spelling="ymd"),
        Column("Talk", "csat", scale=(0, 60)),
    )
    other = a_layout("Answers", rows=Rows.ANSWERS, columns=columns, answered_by="", queue="")
    assert imported(site, other).job.state == Job.State.DONE


def test_the_command_says_how_to_go_on_and_does(tmp_path):
    site = a_site()
    imported(site, a_layout("Lyon"))
    a_layout("Lyon2")
    log = tmp_path / "m.csv"
    log.write_bytes(TEXT)
    words = ["import_log", str(log), "--profile", "Lyon2", "--site", site.name]
    with pytest.raises(CommandError, match="--again") as refusal:
        call_command(*words)
    assert refusal.value.returncode == 2
    call_command(*words, "--again")
    assert Call.objects.count() == 48


def test_a_watched_folder_puts_the_file_away_with_the_reason(tmp_path):
    site = a_site()
    imported(site, a_layout("Lyon"))
    other = a_layout("Lyon2")
    watched = WatchedFolder.objects.create(
        name="in", folder=str(tmp_path), site=site, format=other.slug
    )
    (tmp_path / "m.csv").write_bytes(TEXT)
    watcher = Watcher(watched, settle_seconds=1e-6)
    list(watcher.look())
    [ended] = watcher.look()
    assert (ended.name, ended.place) == ("m.csv", "failed")
    assert "The very same file was imported already" in Path(
        tmp_path / "failed" / "m.csv.txt"
    ).read_text()  # fmt: skip


def test_the_mapping_page_warns_and_asks_for_a_tick(client):
    site = a_site()
    first = imported(site, a_layout("Lyon"))
    client.force_login(a_user("admin"))
    batch = run.start([("m.csv", io.BytesIO(TEXT))], form=choosing.MAPPED, site=site)
    drafts.keep(batch, MAPPING, "March")
    at = f"/imports/{batch.pk}/mapping/"
    page = client.get(at)
    assert page.context["before"].batch == first.pk
    refused = client.post(at, fields(page) | {"do": "import"})
    assert "24 of 24 calls" in refused.context["problem"]
    assert not ImportProfile.objects.filter(name="March").exists()
    taken = client.post(at, fields(page) | {"do": "import", "again": "on"})
    assert taken.status_code == 302
    run.run(batch.job_id)
    assert read_anew(batch).stored == 24


def test_the_page_of_a_refused_import_goes_on_when_asked(client):
    site = a_site()
    imported(site, a_layout("Lyon"))
    second = imported(site, a_layout("Lyon2"))
    client.force_login(a_user("admin"))
    page = client.get(f"/imports/{second.pk}/").content.decode()
    assert "Import it all the same" in page
    client.post(f"/imports/{second.pk}/begin/")
    run.run(second.job_id)
    assert read_anew(second).stored == 24


def test_two_sheets_of_one_workbook_are_two_files_and_one_sheet_is_not(tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in ("Lyon", "Paris"):
        page = book.create_sheet(sheet)
        for row in (["Id", "Start", "Talk"], [f"{sheet}1", "2025-03-03 09:00:00", 60]):
            page.append(row)
    book.save(tmp_path / "book.xlsx")
    data, site = (tmp_path / "book.xlsx").read_bytes(), a_site()
    for name, sheet, state in (
        ("Lyon", "Lyon", Job.State.DONE),
        ("Paris", "Paris", Job.State.DONE),
        ("Paris again", "Paris", Job.State.FAILED),
    ):
        layout = a_layout(name.replace(" ", "-"), dialect=Dialect("sheet", sheet=sheet))
        assert imported(site, layout, data).job.state == state
    assert Call.objects.count() == 2


def test_calls_that_no_import_brought_are_told_by_their_source_alone():
    """A program posted them."""
    site = a_site()
    queue = a_queue(site)
    for minute in range(24):
        at = datetime(2025, 3, 3, 9, minute, tzinfo=UTC)
        a_call(queue, at, external_id=f"c{minute}", source="crm@york")
    batch = imported(site, a_layout("Lyon"))
    [(fate, count, words)] = notes(batch)
    assert (fate, count) == ("noted", 24)
    assert "24 of 24 calls looked at are there already, from" in words
    assert "(import" not in words
