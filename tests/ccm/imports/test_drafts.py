"""Imports being prepared: looked at, tried, mended, saved by name, and let go of."""

import gzip
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from ccm.imports import choosing, run
from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping import drafts, guess, saved
from ccm.imports.records import FileRefused
from ccm.models import Call, ImportBatch, ImportPiece, ImportProfile, Job
from tests.builders import a_site, a_user
from tests.logs import NOW

pytestmark = pytest.mark.django_db

HEADER = b"Call Id,Date,Time,Agent,Answered,Wait (s)\n"
GOOD = b"".join(b"c%d,2021-01-14,9:%02d:00,Ada,Y,5\n" % (n, n) for n in range(1, 25))
# 24 calls and a row whose time is none.
TEXT = HEADER + GOOD + b"x1,2021-01-14,soon,Ben,Y,9\n"


def a_draft(data=TEXT, *, form=choosing.MAPPED, site=None, name="calls.csv", **said) -> ImportBatch:
    return run.start([(name, io.BytesIO(data))], form=form, site=site or a_site(), **said)


def guessed(batch):
    look = drafts.look(batch)
    profile, _reasons = guess.profile_of(look.dialect, look.frame)
    return replace(profile, queue="Sales")


def begun(batch, profile, name="Layout", *, dry_run=False):
    drafts.keep(batch, profile, name)
    assert drafts.begin(batch, None, dry_run=dry_run)
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch


def test_a_draft_waits_until_somebody_has_said_what_its_columns_mean():
    batch = a_draft()
    assert batch.job.state == Job.State.DRAFT
    run.run(batch.job_id)
    batch.job.refresh_from_db()
    assert batch.job.state == Job.State.DRAFT
    assert not Call.objects.exists()


def test_a_look_says_what_the_file_is_and_whether_that_is_all_of_it():
    look = drafts.look(a_draft())
    assert (look.read, look.whole, look.dialect.delimiter) == (25, True, ",")
    assert look.labels[0] == "Call Id"
    more = TEXT + b"".join(b"d%d,2021-01-14,9:00,Ada,Y,1\n" % n for n in range(3_000))
    look = drafts.look(a_draft(more))
    assert (look.read, look.whole) == (drafts.SAMPLE_ROWS - 1, False)  # and the header


def test_of_a_large_file_the_beginning_is_looked_at(monkeypatch):
    monkeypatch.setattr(drafts, "SAMPLE_BYTES", 150)
    look = drafts.look(a_draft(TEXT * 20))
    assert not look.whole
    assert look.frame["Call Id"][0] == "c1"
    look = drafts.look(a_draft(gzip.compress(TEXT * 20)))
    assert look.frame["Call Id"][0] == "c1"


def test_a_file_that_has_a_header_alone_can_be_described(tmp_path):
    look = drafts.look(a_draft(b"Call Id,Date,Agent\n"))
    assert (look.labels, look.frame.height) == (["Call Id", "Date", "Agent"], 0)


@pytest.mark.parametrize(
    ("data", "dialect"), [(b"\n\n\n", None), (b"Call Id,Date\nc1,2021-01-14\n", Dialect(header=50))]
)
def test_where_there_is_nothing_to_be_described_that_is_said(data, dialect):
    with pytest.raises(FileRefused, match="There is nothing in it"):
        drafts.look(a_draft(data), dialect)


def test_a_try_by_columns_that_are_not_there_says_so():
    batch = a_draft()
    profile = guessed(batch)
    first = profile.columns[0]
    renamed = replace(profile, columns=(replace(first, label="Nowhere"), *profile.columns[1:]))
    tried = drafts.tried(batch, renamed, NOW)
    assert tried.chunk is None
    assert "Nowhere" in tried.problem


def test_a_try_leaves_out_a_second_moment_of_which_nobody_has_said_how_it_is_written():
    data = b"Call Id,Date,End\na,2021-01-14 9:00:00,03/04/2021 9:05\n"
    batch = a_draft(data)
    profile = guessed(batch)
    [end] = [one for one in profile.columns if one.label == "End"]
    profile = profile.with_column(replace(end, target="ended_at", spelling=""))
    tried = drafts.tried(batch, profile, NOW)
    assert (tried.chunk.calls.height, tried.without) == (1, ("End",))


def test_a_damaged_large_file_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(drafts, "SAMPLE_BYTES", 10)
    with pytest.raises(FileRefused, match="damaged"):
        drafts.look(a_draft(gzip.compress(TEXT)[:10] + b"\xff" * 40))


def test_a_try_tells_the_rows_without_keeping_them_though_questions_are_open():
    batch = a_draft()
    tried = drafts.tried(batch, replace(guessed(batch), queue=""), NOW)
    assert (tried.chunk.calls.height, tried.chunk.rejected, tried.problem) == (24, 1, "")
    assert not Call.objects.exists()


def test_a_try_without_a_date_says_what_it_waits_for():
    batch = a_draft()
    profile = guessed(batch)
    for one in ("date", "time"):
        profile = profile.with_column(replace(profile.column(one), target="keep"))
    assert "which column holds the date" in drafts.tried(batch, profile, NOW).problem


def test_a_draft_is_tried_mended_and_imported():
    batch = a_draft()
    begun(batch, guessed(batch), dry_run=True)
    assert (batch.read, batch.stored, batch.rejected, batch.dry_run) == (25, 24, 1, True)
    assert not Call.objects.exists()
    assert batch.issues.count() == 1
    # The clock is no use; the day alone is.
    mended = guessed(batch)
    mended = mended.with_column(replace(mended.column("time"), target="keep"))
    drafts.keep(batch, mended, "Layout")
    batch.job.refresh_from_db()
    assert batch.job.state == Job.State.DRAFT
    begun(batch, mended)
    assert (batch.read, batch.stored, batch.rejected, batch.dry_run) == (25, 25, 0, False)
    assert batch.issues.count() == 0
    assert Call.objects.count() == 25
    assert not ImportPiece.objects.exists()


def test_an_import_under_way_is_not_begun_again():
    batch = a_draft()
    drafts.keep(batch, guessed(batch), "Layout")
    assert drafts.begin(batch, None)
    assert not drafts.begin(batch, None)
    assert ImportProfile.objects.get().name == "Layout"


def test_a_saved_layout_is_a_format_by_its_name_and_by_itself():
    site = a_site()
    batch = a_draft(site=site)
    begun(batch, guessed(batch), "Our calls")
    layout = ImportProfile.objects.get()
    assert (layout.slug, batch.format, batch.source) == (
        "our-calls",
        "our-calls",
        f"our-calls@{site.slug}",
    )
    again = a_draft(form="our-calls", site=site)
    run.run(again.job_id)
    again.refresh_from_db()
    assert (again.read, again.duplicate, again.rejected, again.stored) == (25, 24, 1, 0)
    by_itself = a_draft(TEXT.replace(b"c24,", b"c99,"), form=choosing.AUTO, site=site)
    run.run(by_itself.job_id)
    by_itself.refresh_from_db()
    assert (by_itself.stored, by_itself.duplicate) == (1, 23)
    assert by_itself.files.get().format == "our-calls"


def test_the_same_file_without_ids_changes_nothing_the_second_time():
    text = (
        b"At,Agent,Answered\n" + b"2021-01-14 9:00:00,Ada,Y\n" * 3 + b"2021-01-14 9:00:01,Ada,N\n"
    )
    site = a_site()
    batch = a_draft(text, site=site)
    begun(batch, guessed(batch), "Nameless")
    assert (batch.read, batch.stored) == (4, 4)
    before = sorted(Call.objects.values_list("id", flat=True))
    again = a_draft(text, form="nameless", site=site)
    run.run(again.job_id)
    again.refresh_from_db()
    assert (again.read, again.duplicate) == (4, 4)
    assert sorted(Call.objects.values_list("id", flat=True)) == before


def saved_as(profile, name, replaces=""):
    batch = a_draft()
    drafts.keep(batch, profile, name, replaces)
    assert drafts.begin(batch, a_user("admin"))
    return batch.profile


def test_a_name_again_is_the_same_layout_and_a_formats_own_name_is_not_taken():
    profile = guessed(a_draft())
    first = saved_as(profile, "PhoneNow")
    assert first.slug == "phonenow-2"
    assert saved_as(profile, "PhoneNow") == first
    assert saved_as(profile, "???").slug == "layout"


def test_a_layout_that_says_something_else_is_replaced_only_by_a_persons_word():
    profile = guessed(a_draft())
    first = saved_as(profile, "Standard")
    other = replace(profile, queue="Support")
    # A word given for another name is none for this one.
    for word in ("", "Another"):
        with pytest.raises(saved.NameTaken, match="Standard already, and it says something else"):
            saved_as(other, "Standard", word)
    assert ImportProfile.objects.get().mapping["queue"] == "Sales"
    assert saved_as(other, "Standard", "Standard") == first
    assert ImportProfile.objects.get().mapping["queue"] == "Support"


def test_a_begun_import_is_not_explained_anew():
    batch = a_draft()
    profile = guessed(batch)
    same = ImportBatch.objects.get(pk=batch.pk)  # as the second of two clicks finds it
    begun(batch, profile)
    assert not drafts.keep(same, replace(profile, queue="Support"), "Layout")
    assert not drafts.begin(same, None)
    batch.job.refresh_from_db()
    assert (batch.job.state, batch.stored) == (Job.State.DONE, 24)


def test_a_mapping_that_reads_no_longer_spoils_no_other_import():
    old = saved_as(guessed(a_draft()), "Old")
    ImportProfile.objects.update(mapping={"rows": "cakes"})
    log = b"1543480100|c1|sales|NONE|ENTERQUEUE||5550171|1\n"
    other = a_draft(log, form=choosing.AUTO, name="queue_log")
    run.run(other.job_id)
    other.refresh_from_db()
    assert other.files.get().format == "asterisk_queue_log"
    by_name = a_draft(form=old.slug)
    run.run(by_name.job_id)
    by_name.job.refresh_from_db()
    assert by_name.job.state == Job.State.FAILED
    assert "mapping can no longer be read" in by_name.job.words


def test_drafts_that_nobody_came_back_to_are_let_go_of():
    old, fresh, queued = a_draft(), a_draft(), a_draft(form="phonenow")
    long_ago = timezone.now() - drafts.KEPT_FOR - timedelta(hours=1)
    ImportBatch.objects.filter(pk__in=[old.pk, queued.pk]).update(created_at=long_ago)
    assert drafts.sweep() == 1
    assert set(ImportPiece.objects.values_list("file__batch", flat=True)) == {fresh.pk, queued.pk}
    with pytest.raises(FileRefused, match="kept no longer"):
        drafts.look(old)
    assert drafts.sweep() == 0


def test_a_file_of_no_known_format_may_be_explained_without_sending_it_again():
    batch = a_draft(form=choosing.AUTO)
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.job.state, batch.format) == (Job.State.FAILED, choosing.MAPPED)
    assert "what its columns mean" in batch.job.words
    begun(batch, guessed(batch))
    assert (batch.stored, batch.rejected, batch.profile.name) == (24, 1, "Layout")
    assert not ImportPiece.objects.exists()
    nobody_came = a_draft(TEXT.replace(b"Call Id", b"No"), form=choosing.AUTO)
    run.run(nobody_came.job_id)
    later = timezone.now() + drafts.KEPT_FOR + timedelta(hours=1)
    assert drafts.sweep(later) == 1


def test_a_known_file_before_one_that_is_none_leaves_nothing_to_explain():
    log = b"1543480100|c1|sales|NONE|ENTERQUEUE||5550171|1\n"
    files = [("queue_log", io.BytesIO(log)), ("calls.csv", io.BytesIO(TEXT))]
    batch = run.start(files, form=choosing.AUTO, site=a_site())
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.job.state, batch.format, batch.stored) == (Job.State.FAILED, choosing.AUTO, 1)
    assert not drafts.is_open(batch)
    assert not ImportPiece.objects.exists()


def test_a_look_does_without_the_columns_that_are_still_asked_about():
    """Of two lengths without a unit only the wait is known to be in seconds."""
    text = TEXT.replace(b"Wait (s)", b"Wait").replace(b"Answered", b"Talk").replace(b",Y,", b",7,")
    batch = a_draft(text)
    profile = replace(guessed(batch), answered_by="talk")
    wait = replace(profile.column("wait"), unit="s")
    tried = drafts.tried(batch, profile.with_column(wait), NOW)
    assert (tried.problem, tried.without) == ("", ("Talk",))
    assert tried.chunk.calls["wait_ms"].unique().to_list() == [5_000]
    assert tried.chunk.calls["talk_ms"].null_count() == 24


HEADER = b"Call Id,Date,Queue,Agent,Talk (s)\n"


def test_a_sign_at_the_end_of_every_row_or_of_the_header_alone_leaves_the_rows_whole():
    rows = b"".join(b"c%d,2021-01-%02d 09:30,Sales,Ada,60" % (n, n) + b",\n" for n in range(1, 25))
    for data in (HEADER + rows, (HEADER + rows).replace(b",\n", b"\n").replace(b"\n", b",\n", 1)):
        look = drafts.look(a_draft(data))
        assert (look.read, look.frame.height, look.misfit) == (24, 24, None)
        assert look.frame["Talk (s)"].to_list() == ["60"] * 24


def test_rows_with_more_in_them_than_the_header_are_counted_and_one_is_shown():
    rows = b"".join(b"c%d,2021-01-%02d 09:30,Sales,Ada,60,x\n" % (n, n) for n in range(1, 25))
    look = drafts.look(a_draft(HEADER + rows))
    assert (look.read, look.frame.height) == (24, 0)
    assert (look.misfit.line, look.misfit.message) == (2, "It has 6 cells, the header 5.")
    assert look.misfit.value == "c1,2021-01-01 09:30,Sales,Ada,60,x"
