"""Imports as pages: who may, what is refused, what is told while it runs and when it is over."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import jobs, tasks
from ccm.imports import reading, rejected, run, undo, writing
from ccm.models import (
    Agent,
    Call,
    Cutoff,
    FollowedLog,
    ImportBatch,
    ImportIssue,
    ImportProfile,
    Job,
    Queue,
    Site,
)
from tests.builders import a_queue, a_site, a_user, an_agent

IMPORTS = "/imports/"
# Two calls: one answered by Agent/1 after 10 s for 60 s, one given up after 5 s. Six events, a
# restart that is ignored, and a line that is none.
LOG = b"""\
1543480000|NONE|NONE|NONE|QUEUESTART|
1543480100|c1|sales|NONE|ENTERQUEUE||5550171|1
1543480110|c1|sales|Agent/1|CONNECT|10|1543480101|3
1543480170|c1|sales|Agent/1|COMPLETECALLER|10|60|1
1543480200|c2|sales|NONE|ENTERQUEUE||5550172|1
1543480205|c2|sales|NONE|ABANDON|1|1|5
this is no line of a queue_log
"""

pytestmark = pytest.mark.django_db


def log_file(data=LOG, name="queue_log"):
    return SimpleUploadedFile(name, data)


def signed_in(client, role, *sites):
    user = a_user(role, *sites)
    client.force_login(user)
    return user


def sent(client, site, *files, headers=None, **said):
    return client.post(
        IMPORTS,
        {"logs": list(files) or [log_file()], "site": site.pk, "format": "auto"} | said,
        headers=headers,
    )


def an_import(site, data=LOG, *, do=True, **said):
    batch = run.start(
        [("queue_log", io.BytesIO(data))], form="asterisk_queue_log", site=site, **said
    )
    if do:
        run.run(batch.job_id)
        batch.refresh_from_db()
        batch.job.refresh_from_db()
    return batch


# Who may


PATHS = ["", "{}/", "{}/progress/", "{}/issues.csv", "{}/undo/", "{}/gaps/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["planner", "supervisor", "qa_analyst", "trainer", "agent", ""])
def test_only_admins_and_managers_find_the_pages_of_imports(client, role, path):
    site = a_site()
    batch = an_import(site, do=False)
    signed_in(client, role, site)
    assert client.get(IMPORTS + path.format(batch.pk)).status_code == 404


@pytest.mark.parametrize("role", ["planner", "supervisor", "qa_analyst", "trainer", "agent", ""])
def test_nobody_else_imports_or_stops_an_import(client, role):
    site = a_site()
    batch = an_import(site, do=False)
    signed_in(client, role, site)
    assert sent(client, site).status_code == 404
    assert client.post(f"{IMPORTS}{batch.pk}/cancel/").status_code == 404
    assert ImportBatch.objects.get() == batch
    assert not Job.objects.get().cancel_requested


def test_a_manager_reaches_the_imports_of_own_sites_alone(client):
    here, there = a_site(), a_site()
    mine, theirs = an_import(here, do=False), an_import(there, do=False)
    signed_in(client, "manager", here)
    page = client.get(IMPORTS)
    assert [row.record for row in page.context["table"].paginated_rows] == [mine]
    for path in PATHS[1:]:
        assert client.get(IMPORTS + path.format(mine.pk)).status_code == 200
        assert client.get(IMPORTS + path.format(theirs.pk)).status_code == 404
    assert client.post(f"{IMPORTS}{theirs.pk}/cancel/").status_code == 404


def test_whoever_is_not_signed_in_is_asked_to_before_anything_is_read(client):
    assert client.get(IMPORTS)["Location"].startswith("/accounts/login/")
    assert sent(client, a_site())["Location"].startswith("/accounts/login/")
    assert not ImportBatch.objects.exists()


def test_a_post_without_the_forms_token_is_refused():
    site = a_site()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(a_user("admin"))
    assert sent(strict, site).status_code == 403
    batch = an_import(site, do=False)
    assert strict.post(f"{IMPORTS}{batch.pk}/cancel/").status_code == 403
    assert ImportBatch.objects.count() == 1
    token = strict.get(IMPORTS).cookies["csrftoken"].value
    assert sent(strict, site, csrfmiddlewaretoken=token).status_code == 302


# What is sent


def test_a_file_sent_becomes_a_queued_import_and_its_page(client):
    site = a_site()
    user = signed_in(client, "manager", site)
    page = sent(
        client,
        site,
        log_file(),
        log_file(b"x", "second"),
        zone="Asia/Tokyo",
        queue="q",
        date_order="mdy",
        dry_run="on",
    )
    batch = ImportBatch.objects.get()
    assert page["Location"] == f"{IMPORTS}{batch.pk}/"
    assert (batch.site, batch.format, batch.zone, batch.queue_name, batch.dry_run) == (
        site,
        "auto",
        "Asia/Tokyo",
        "q",
        True,
    )
    assert batch.date_order == "mdy"
    assert batch.job.created_by == user
    assert [(file.name, file.size) for file in batch.files.all()] == [
        ("queue_log", len(LOG)),
        ("second", 1),
    ]


def test_htmx_is_sent_to_the_page_too(client):
    site = a_site()
    signed_in(client, "admin")
    page = sent(client, site, headers={"HX-Request": "true"})
    assert page["HX-Redirect"] == f"{IMPORTS}{ImportBatch.objects.get().pk}/"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"logs": []}, "Choose at least one file."),
        ({"logs": [SimpleUploadedFile("nothing.log", b"")]}, "The submitted file is empty."),
        ({"zone": "Middle/Earth"}, "Middle/Earth is not an IANA time zone"),
        ({"format": "telepathy"}, "telepathy is not one of the available choices"),
        ({"site": "0"}, "There is no such site within your reach."),
        ({"site": ""}, "Say which site the log belongs to."),
        ({"queue": "q" * 121}, "at most 120 characters"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_what_cannot_be_is_said_beside_its_field_and_the_rest_stays(client, said, words, headers):
    site = a_site()
    signed_in(client, "admin")
    kept = {"logs": [log_file()], "site": site.pk, "format": "phonenow", "queue": "Kept"}
    page = client.post(IMPORTS, kept | said, headers=headers)
    text = page.content.decode()
    assert page.status_code == 200
    assert words in text
    assert ("<html" in text) == (not headers)  # htmx draws the form alone
    if "queue" not in said:
        assert 'value="Kept"' in text
    assert not ImportBatch.objects.exists()


def test_a_manager_cannot_import_to_a_site_of_others(client):
    here, there = a_site(), a_site()
    signed_in(client, "manager", here)
    assert "There is no such site within your reach." in sent(client, there).content.decode()
    assert not ImportBatch.objects.exists()


def test_too_much_is_refused_before_it_is_read(client, settings):
    site = a_site()
    signed_in(client, "admin")
    settings.MAX_UPLOAD_BYTES = 100
    # Little enough to be read, and then found too much.
    assert "more than 100" in sent(client, site).content.decode()
    page = sent(client, site, log_file(LOG * 6000))
    assert page.status_code == 413
    assert "more than 100" in page.content.decode()
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    "named", ["../../../qzx.log", "/etc/cron.d/qzx.log", "..\\..\\qzx.log", "C:\\qzx.log"]
)
def test_what_a_file_is_called_says_nothing_of_where_it_is_kept(client, named):
    """It is a name in the list of files; what is in it is kept in the database."""
    signed_in(client, "admin")
    sent(client, a_site(), log_file(LOG, named))
    (file,) = ImportBatch.objects.get().files.all()
    assert file.name == "qzx.log"
    found = {one for folder in (Path.cwd(), Path(gettempdir())) for one in folder.glob("*qzx*")}
    assert not found
    assert not Path("/etc/cron.d/qzx.log").exists()


def test_an_admin_makes_a_site_with_its_first_import(client):
    signed_in(client, "admin")
    assert 'value="new"' in client.get(IMPORTS).content.decode()
    said = {"logs": [log_file()], "format": "auto", "site": "new", "new_site": "York"}
    client.post(IMPORTS, said | {"zone": "Europe/London"})
    site = Site.objects.get()
    assert (site.name, site.zone) == ("York", "Europe/London")
    assert ImportBatch.objects.get().site == site


def test_a_new_site_lies_where_its_format_is_at_home(client):
    signed_in(client, "admin")
    said = {"logs": [log_file()], "format": "technion_bank", "site": "new", "new_site": "Bank"}
    client.post(IMPORTS, said)
    assert Site.objects.get().zone == "Asia/Jerusalem"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"new_site": "", "zone": "UTC"}, "A new site needs a name."),
        ({"new_site": "York", "zone": ""}, "A new site needs its time zone"),
        ({"new_site": "York", "zone": "Middle/Earth"}, "is not an IANA time zone"),
        ({"new_site": "Leeds", "zone": "UTC"}, "There is a site of this name: choose it above."),
        ({"new_site": "LEEDS", "zone": "UTC"}, "There is a site of this name: choose it above."),
        ({"new_site": "y" * 121, "zone": "UTC"}, "at most 120 characters"),
        ({"new_site": "York", "zone": "UTC", "logs": []}, "Choose at least one file."),
    ],
)
def test_no_site_is_made_where_something_is_wrong(client, said, words):
    a_site("Leeds")
    signed_in(client, "admin")
    asked = {"logs": [log_file()], "format": "auto", "site": "new"}
    assert words in client.post(IMPORTS, asked | said).content.decode()
    assert Site.objects.count() == 1
    assert not ImportBatch.objects.exists()


def test_a_manager_makes_no_site_and_is_told_who_does(client):
    signed_in(client, "manager")
    page = client.get(IMPORTS).content.decode()
    assert "An administrator makes one" in page
    assert 'value="new"' not in page
    here = a_site()
    signed_in(client, "manager", here)
    said = {"logs": [log_file()], "format": "auto", "site": "new", "new_site": "York"}
    page = client.post(IMPORTS, said | {"zone": "UTC"}).content.decode()
    assert "There is no such site within your reach." in page
    assert Site.objects.get() == here


def test_the_page_says_how_much_may_be_sent(client, settings):
    a_site()
    signed_in(client, "admin")
    assert "up to 2.0\xa0GB in all" in client.get(IMPORTS).content.decode()


# What is told


def test_the_books_of_an_import_add_up_to_what_was_read(client):
    batch = an_import(a_site(zone="Europe/London"))
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/")
    fates = {fate: rows for _sign, rows, fate, _meaning, _level in page.context["fates"]}
    # By hand: five events made two calls, the restart is left out, one line is no line.
    assert batch.read == 7
    assert sum(fates.values()) == 7
    assert (fates["stored"], fates["rejected"]) == (5, 1)
    text = page.content.decode()
    assert "this is no line of a queue_log" in text
    assert "queue_log" in text


def test_the_list_shows_who_imported_what_and_how_it_went(client):
    site = a_site(name="Leeds")
    user = a_user("manager", site, name="marta")
    an_import(site, user=user)
    client.force_login(user)
    text = client.get(IMPORTS).content.decode()
    for words in ("Leeds", "marta", "Asterisk queue_log", "queue_log", "Done"):
        assert words in text


def sorted_rows(client, path, sort):
    page = client.get(path, {"sort": sort})
    return [row.record for row in page.context["table"].paginated_rows]


def test_the_list_tells_an_imports_number_and_its_cells_tell_their_columns(client):
    batch = an_import(a_site())
    signed_in(client, "admin")
    page = client.get(IMPORTS).content.decode()
    assert f"no. {batch.pk}<" in page
    assert 'data-label="State"' in page
    assert 'data-label="Why"' in client.get(f"{IMPORTS}{batch.pk}/").content.decode()


def test_every_column_of_the_list_sorts(client):
    site = a_site()
    mine = an_import(site, do=False, user=a_user("admin"))
    nobodys = an_import(site, do=False)
    ImportBatch.objects.filter(pk=nobodys.pk).update(read=1, ignored=1)
    signed_in(client, "admin")
    for column in ("when", "site", "format", "state", "stored", "updated", "duplicate", "rejected"):
        for sort in (column, f"-{column}"):
            assert set(sorted_rows(client, IMPORTS, sort)) == {mine, nobodys}
    for column in ("read", "ignored"):
        assert sorted_rows(client, IMPORTS, column) == [mine, nobodys]
        assert sorted_rows(client, IMPORTS, f"-{column}") == [nobodys, mine]
    # The unknown comes last whichever way.
    assert sorted_rows(client, IMPORTS, "who") == [mine, nobodys]
    assert sorted_rows(client, IMPORTS, "-who") == [mine, nobodys]


def test_every_column_of_the_issues_sorts(client):
    files = [(name, io.BytesIO(LOG + b"nor is this\n")) for name in ("one", "two")]
    batch = run.start(files, form="asterisk_queue_log", site=a_site())
    run.run(batch.job_id)
    signed_in(client, "admin")
    path = f"{IMPORTS}{batch.pk}/"
    for column in ("line", "file", "fate", "rows", "column", "message"):
        for sort in (column, f"-{column}"):
            assert set(sorted_rows(client, path, sort)) == set(batch.issues.all()) != set()
    assert sorted_rows(client, path, "file")[0].file.name == "one"
    assert sorted_rows(client, path, "-file")[0].file.name == "two"


def test_names_that_nobody_has_confirmed_are_counted(client):
    site = a_site()
    a_queue(site), an_agent(site)  # confirmed
    batch = an_import(site)
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/")
    assert (page.context["new_queues"], page.context["new_agents"]) == (1, 1)
    assert "1 queue, 1 agent that an import made" in page.content.decode()


def test_a_refused_file_says_which_and_why(client):
    batch = an_import(a_site(), b"%PDF-1.7 nothing to hear here\n")
    assert batch.job.state == Job.State.FAILED
    signed_in(client, "admin")
    text = client.get(f"{IMPORTS}{batch.pk}/").content.decode()
    assert "The import stopped at queue_log" in text
    assert "It is a pdf file, not a call log." in text


def test_a_dry_run_says_that_nothing_was_kept_and_what_would_have_been(client):
    # Also which format it was found to be.
    tried = run.start([("queue_log", io.BytesIO(LOG))], form="auto", site=a_site(), dry_run=True)
    run.run(tried.job_id)
    assert tried.files.get().format == "asterisk_queue_log"
    batch = an_import(a_site(), dry_run=True)
    assert not Call.objects.exists()
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/")
    assert "nothing was kept" in page.content.decode()
    assert batch.read == 7


def test_issues_are_grouped_by_rule_and_one_rule_can_be_looked_at(client):
    batch = an_import(a_site(), LOG + b"neither is this\n")
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/")
    by_rule = {one["rule"]: one for one in page.context["rules"]}
    assert sum(one["rows"] for one in by_rule.values() if one["code"] == "rejected") == 2
    rejected = next(rule for rule, one in by_rule.items() if one["code"] == "rejected")
    page = client.get(f"{IMPORTS}{batch.pk}/", {"rule": rejected})
    lines = [row.record.line for row in page.context["table"].paginated_rows]
    assert lines == [7, 8]
    assert client.get(f"{IMPORTS}{batch.pk}/", {"rule": "none such"}).status_code == 200


def test_the_issues_can_be_kept_and_hold_no_formula(client):
    batch = an_import(a_site())
    ImportIssue.objects.update(value="=1+1")
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/issues.csv")
    text = b"".join(page.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert header[:4] == ["File", "Line", "Line of the first file", "Rows alike"]
    assert ("queue_log", "7", "", "'=1+1") in {(*row[:3], row[7]) for row in rows}


# While it runs


def test_an_import_that_no_worker_took_says_so_and_can_be_stopped(client):
    batch = an_import(a_site(), do=False)
    signed_in(client, "admin")
    path = f"{IMPORTS}{batch.pk}/"
    assert "No worker" not in client.get(path).content.decode()
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=6))
    page = client.get(path)
    assert "No worker has taken it yet." in page.content.decode()
    assert f'hx-get="{path}progress/"' in page.content.decode()
    assert client.post(f"{path}cancel/")["Location"] == path
    assert Job.objects.get().state == Job.State.CANCELLED
    assert "Cancelled" in client.get(path).content.decode()


def test_progress_tells_how_far_it_is_and_ends_by_loading_the_page(client):
    batch = an_import(a_site(), do=False)
    signed_in(client, "admin")
    path = f"{IMPORTS}{batch.pk}/progress/"
    Job.objects.update(state="running", done=40, total=100, heartbeat_at=timezone.now())
    ImportBatch.objects.update(read=3, stored=3)
    page = client.get(path)
    assert 'max="100" value="40"' in page.content.decode()
    assert '<div id="books" hx-swap-oob="true">' in page.content.decode()
    assert "HX-Refresh" not in page
    Job.objects.update(state="done", finished_at=timezone.now())
    assert client.get(path)["HX-Refresh"] == "true"


def test_an_import_whose_worker_fell_silent_says_so(client):
    batch = an_import(a_site(), do=False)
    signed_in(client, "admin")
    Job.objects.update(state="running", heartbeat_at=timezone.now() - timedelta(seconds=61))
    assert "has not been heard of" in client.get(f"{IMPORTS}{batch.pk}/").content.decode()


def test_an_import_that_is_over_is_not_stopped(client):
    batch = an_import(a_site())
    signed_in(client, "admin")
    client.post(f"{IMPORTS}{batch.pk}/cancel/")
    assert not Job.objects.get().cancel_requested


def test_looking_changes_nothing(client):
    batch = an_import(a_site(), do=False)
    signed_in(client, "admin")
    assert client.get(f"{IMPORTS}{batch.pk}/cancel/").status_code == 405
    for path in PATHS[1:]:
        if "undo" not in path:
            assert client.post(IMPORTS + path.format(batch.pk)).status_code == 405
    client.get(f"{IMPORTS}{batch.pk}/undo/")
    assert Job.objects.filter(kind="undo").count() == 0
    assert client.get(f"{IMPORTS}{batch.pk}/correct/").status_code == 405


# Rejected rows


def downloaded(client, batch):
    page = client.get(f"{IMPORTS}{batch.pk}/rejected/{batch.files.get().pk}/")
    return b"".join(page.streaming_content).decode("utf-8-sig")


def a_table(site, *rows, name="calls.csv"):
    header = b"Call Id;Agent;Date;Time;Topic;Answered (Y/N);Resolved;Speed of answer in seconds;"
    header += b"AvgTalkDuration;Satisfaction rating;Note\n"
    files = [(name, io.BytesIO(header + b"".join(row + b"\n" for row in rows)))]
    batch = run.start(files, form="phonenow", site=site, zone="UTC")
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch


GOOD = b"ID1;Ann;2021-01-01;09:00:00;Billing;Y;Y;10;0:01:00;5;=SUM(A1)"
BAD = b'ID2;Ann;2021-01-32;09:00:00;\'=x;Y;Y;ten;0:01:00;5;"=1+1; or so"'


def test_rejected_rows_go_out_in_their_files_shape_with_line_column_value_and_reason(client):
    batch = a_table(a_site(), GOOD, BAD, b"one;two")
    assert (batch.stored, batch.rejected) == (1, 2)
    signed_in(client, "admin")
    header, wrong, short = csv.reader(io.StringIO(downloaded(client, batch)), delimiter=";")
    assert header[:2] == ["Call Id", "Agent"]
    assert header[-4:] == ["ccm_line", "ccm_column", "ccm_value", "ccm_reason"]
    # No cell begins as a formula does, and what began with an apostrophe has one more.
    assert (wrong[4], wrong[10]) == ("''=x", "'=1+1; or so")
    assert wrong[11:14] == ["3", "Date; Speed of answer in seconds", "2021-01-32; ten"]
    assert "It is no date" in wrong[14]
    # A row whose cells do not fit the header goes out whole.
    assert (short[0], short[11]) == ("one;two", "4")


def test_rejected_rows_corrected_are_tried_alone_and_nothing_added_is_kept(client):
    site = a_site()
    batch = a_table(site, GOOD, BAD)
    signed_in(client, "manager", site)
    text = downloaded(client, batch).replace("2021-01-32", "2021-01-31").replace(";ten;", ";10;")
    path = f"{IMPORTS}{batch.pk}/"
    page = client.post(f"{path}correct/", {"rows": log_file(text.encode(), "corrected.csv")})
    again = ImportBatch.objects.latest("pk")
    assert page["Location"] == f"{IMPORTS}{again.pk}/"
    assert (again.corrects, again.format, again.zone) == (batch, "phonenow", "UTC")
    run.run(again.job_id)
    again.refresh_from_db()
    assert (again.read, again.stored, again.rejected) == (1, 1, 0)
    call = Call.objects.get(external_id="ID2")
    assert (call.topic.name, call.extra) == ("'=x", {"Note": "=1+1; or so"})
    assert f'corrected rows of <a class="link" href="{path}"' in " ".join(
        client.get(f"{IMPORTS}{again.pk}/").content.decode().split()
    )


def test_an_import_knows_that_its_rows_were_corrected_since(client):
    """Of the rows in lines 3 and 4 the first is corrected, then the second."""
    batch = a_table(a_site(), GOOD, BAD, BAD.replace(b"ID2", b"ID3"))
    signed_in(client, "admin")
    path, address = f"{IMPORTS}{batch.pk}/", f"{IMPORTS}{batch.pk}/correct/"
    assert "Corrected since" not in client.get(path).content.decode()
    made = []
    for name in ("ID2", "ID3"):
        lines = downloaded(client, batch).splitlines(keepends=True)
        assert [line[:3] for line in lines[1:]] == ["ID2", "ID3"][len(made) :]
        text = "".join([lines[0], next(line for line in lines if line.startswith(name))])
        text = text.replace("2021-01-32", "2021-01-31").replace(";ten;", ";10;")
        client.post(address, {"rows": log_file(text.encode())})
        made.append(ImportBatch.objects.latest("pk").pk)
        run.run(ImportBatch.objects.get(pk=made[-1]).job_id)
        page = " ".join(client.get(path).content.decode().split())
        links = ", ".join(
            f'<a class="link" href="{IMPORTS}{one}/">import #{one}</a>' for one in made
        )
        assert f"Corrected since: {len(made)} of 2, by {links}" in page
    # Nothing is left to be corrected; all of them are there to be had.
    assert "Download those" not in page
    assert address not in page
    all_rows = client.get(f"{path}rejected/{batch.files.get().pk}/", {"all": ""})
    assert b"".join(all_rows.streaming_content).count(b"\nID") == 2
    assert f"what they brought stays; each is taken back on its own page: {links}" in " ".join(
        client.get(f"{path}undo/").content.decode().split()
    )


def test_corrected_rows_that_were_refused_are_of_the_format_of_their_import(client):
    mapping = {"rows": "calls", "queue": "Hotline", "answered_by": "all", "dialect": {}}
    mapping["columns"] = [{"label": "When", "target": "moment", "spelling": "ymd"}]
    ImportProfile.objects.create(name="Our own list", slug="ours", mapping=mapping)
    rows = io.BytesIO(b"When\n2025-04-33 09:00\n")
    batch = run.start([("calls.csv", rows)], form="ours", site=a_site())
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert batch.rejected == 1
    signed_in(client, "admin")
    client.post(f"{IMPORTS}{batch.pk}/correct/", {"rows": log_file(b"When\n2025-04-03 09:00\n")})
    again = ImportBatch.objects.latest("pk")
    run.run(again.job_id)
    page = client.get(f"{IMPORTS}{again.pk}/")
    assert "its column ccm_line is missing" in page.content.decode()
    assert page.context["format"] == "Our own list"


def test_the_form_for_corrected_rows_says_what_must_stay_with_them(client):
    batch = a_table(a_site(), GOOD, BAD)
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/").content.decode()
    assert "the column ccm_line of a table" in page
    assert "or take it out" not in page


def test_a_conflict_that_comes_back_as_it_was_and_a_new_row_are_not_tried(client):
    site = a_site()
    other = GOOD.replace(b"Billing", b"Sales")
    batch = a_table(site, GOOD, other, BAD)
    assert (batch.stored, batch.rejected) == (1, 2)
    signed_in(client, "admin")
    text = downloaded(client, batch).replace("2021-01-32", "2021-01-31").replace(";ten;", ";10;")
    text += "ID9;Ann;2021-01-03;09:00:00;Billing;Y;Y;10;0:01:00;5;x;;;;\n"
    client.post(f"{IMPORTS}{batch.pk}/correct/", {"rows": log_file(text.encode())})
    again = ImportBatch.objects.latest("pk")
    run.run(again.job_id)
    again.refresh_from_db()
    assert (again.read, again.stored, again.updated, again.rejected) == (3, 1, 0, 2)
    assert Call.objects.get(external_id="ID1").topic.name == "Billing"
    assert not Call.objects.filter(external_id="ID9").exists()
    assert set(again.issues.filter(fate="rejected").values_list("rule", flat=True)) == {
        "conflict", "not_rejected",
    }  # fmt: skip
    assert a_table(site, GOOD, other, BAD, name="again.csv").updated == 0


def test_rows_that_nobody_corrected_are_rejected_again_and_come_out_the_same(client):
    site = a_site()
    batch = a_table(site, GOOD, BAD, b"one;two", b'"a;b";;;;;;;;;;')
    signed_in(client, "admin")
    first = list(batch.rejected_rows.values_list("text", flat=True))
    text = downloaded(client, batch)
    client.post(f"{IMPORTS}{batch.pk}/correct/", {"rows": log_file(text.encode())})
    again = ImportBatch.objects.latest("pk")
    run.run(again.job_id)
    assert list(again.rejected_rows.values_list("text", flat=True)) == first


def test_rows_that_fail_again_name_their_line_of_the_first_file_round_after_round(client):
    """Rows of lines 3 and 5 come back in lines 2 and 3, and the last of them alone in line 2."""
    batch = a_table(a_site(), GOOD, BAD, GOOD.replace(b"ID1", b"ID3"), BAD.replace(b"ID2", b"ID4"))
    assert list(batch.rejected_rows.values_list("line", "origin")) == [(3, None), (5, None)]
    signed_in(client, "admin")
    assert "Line of the first file" not in client.get(f"{IMPORTS}{batch.pk}/").content.decode()

    def tried(batch, text):
        client.post(f"{IMPORTS}{batch.pk}/correct/", {"rows": log_file(text.encode())})
        again = ImportBatch.objects.latest("pk")
        run.run(again.job_id)
        again.refresh_from_db()
        return again, list(again.rejected_rows.values_list("line", "origin"))

    # The date of one of them is mended, its wait is not.
    text = downloaded(client, batch).replace("2021-01-32", "2021-01-31", 1)
    second, rows = tried(batch, text)
    assert (second.stored, rows) == (0, [(2, 3), (3, 5)])
    page = client.get(f"{IMPORTS}{second.pk}/")
    assert "Line of the first file" in page.content.decode()
    told = {(row.record.line, row.record.origin) for row in page.context["table"].paginated_rows}
    assert told == {(2, 3), (3, 5)}
    page = client.get(f"{IMPORTS}{second.pk}/issues.csv")
    kept = b"".join(page.streaming_content).decode("utf-8-sig")
    assert {tuple(row[1:3]) for row in list(csv.reader(io.StringIO(kept)))[1:]} == {
        ("2", "3"),
        ("3", "5"),
    }

    text = downloaded(client, second)
    lines = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [(row["Call Id"], row["ccm_line"]) for row in lines] == [("ID2", "3"), ("ID4", "5")]
    # A row that is none of theirs is not tried, in no later round either, and has no line.
    added = "ID9;Ann;2021-01-03;09:00:00;Billing;Y;Y;10;0:01:00;5;x;2;;;\n"
    third, rows = tried(second, text.replace(";ten;", ";10;", 1) + added)
    assert (third.stored, third.rejected, rows) == (1, 2, [(3, 5), (4, None)])
    text = downloaded(client, third)
    lines = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [(row["Call Id"], row["ccm_line"]) for row in lines] == [("ID4", "5"), ("ID9", "")]
    mended = text.replace(";ten;", ";10;").replace("2021-01-32", "2021-01-31")
    fourth, rows = tried(third, mended)
    assert (fourth.stored, fourth.rejected, rows) == (1, 1, [(3, None)])
    assert set(Call.objects.values_list("external_id", flat=True)) == {"ID1", "ID2", "ID3", "ID4"}


def test_rejected_lines_of_a_log_carry_the_reason_in_a_line_that_is_passed_over(client):
    site = a_site()
    batch = an_import(site, LOG + b"1543480300|c9||NONE|ENTERQUEUE||5|1\n")
    signed_in(client, "admin")
    text = downloaded(client, batch)
    assert text.splitlines() == [
        "#ccm line 7, It has fewer than five parts between bars.",
        "this is no line of a queue_log",
        "#ccm line 8, column queue: A call's event must name it.",
        "1543480300|c9||NONE|ENTERQUEUE||5|1",
    ]
    corrected = text.replace("|c9||", "|c9|sales|")
    client.post(f"{IMPORTS}{batch.pk}/correct/", {"rows": log_file(corrected.encode())})
    again = ImportBatch.objects.latest("pk")
    run.run(again.job_id)
    again.refresh_from_db()
    assert (again.read, again.stored, again.rejected, again.ignored) == (4, 1, 1, 2)


@pytest.mark.parametrize(
    ("files", "words"),
    [({}, "Choose the file of corrected rows."), ({"rows": b""}, "There is nothing in the file.")],
)
def test_no_corrected_rows_are_said_to_be_none(client, files, words):
    batch = an_import(a_site())
    signed_in(client, "admin")
    sent_files = {name: log_file(data) for name, data in files.items()}
    page = client.post(f"{IMPORTS}{batch.pk}/correct/", sent_files)
    assert words in page.content.decode()
    assert ImportBatch.objects.count() == 1


def test_too_many_corrected_rows_are_refused_before_they_are_read(client, settings):
    batch = an_import(a_site())
    signed_in(client, "admin")
    settings.MAX_UPLOAD_BYTES = 100
    address = f"{IMPORTS}{batch.pk}/correct/"
    assert client.post(address, {"rows": log_file(LOG * 6000)}).status_code == 413
    assert "more than 100" in client.post(address, {"rows": log_file()}).content.decode()
    assert ImportBatch.objects.count() == 1


def test_card_numbers_and_codes_are_hidden_in_rejected_rows_issues_and_the_record(client):
    note = b"card 4111 1111 1111 1111 cvv 123"
    bad = BAD.replace(b"ten", b"4111111111111111").replace(b"=1+1; or so", note)
    good = GOOD.replace(b"=SUM(A1)", note).replace(b"Billing", b"Pay 4111-1111-1111-1111")
    batch = a_table(a_site(), good, bad)
    [row] = batch.rejected_rows.all()
    assert "4111" not in row.text
    assert "card •••• cvv •••" in row.text
    assert "ID2;Ann;2021-01-32" in row.text
    assert "4111" not in "".join(batch.issues.values_list("value", flat=True))
    call = Call.objects.get()
    assert call.extra == {"Note": "card •••• cvv •••"}
    assert call.topic.name == "Pay ••••"


def test_rejected_rows_that_nobody_corrected_are_forgotten_after_a_month(client):
    batch = an_import(a_site())
    assert rejected.forget() == 0
    ImportBatch.objects.update(created_at=timezone.now() - timedelta(days=31))
    signed_in(client, "admin")
    assert "corrected rows" not in client.get(f"{IMPORTS}{batch.pk}/").content.decode()
    assert rejected.forget() == 1


FIXED_WIDTH = """\
Our calls
NO  WHEN              WHO       WAIT  NOTE
1   03/04/2025 09:00  Ann         10  x
2   35/04/2025 09:10  Bob Ek      20  4111111111111111 y
3   03/04/2025 09:20  Cy         abc
4   03/04/2025 09:30  Di          40  #ccm
"""


def test_rows_of_fixed_width_come_back_corrected_in_their_columns(client):
    """A title above the header; two of four rows are wrong, and one holds a card's number."""
    columns = [
        {"label": "NO", "target": "external_id"},
        {"label": "WHEN", "target": "moment", "spelling": "dmy"},
        {"label": "WHO", "target": "agent"},
        {"label": "WAIT", "target": "wait", "unit": "s"},
        {"label": "NOTE"},
    ]
    dialect = {"kind": "fixed", "header": 2, "edges": [1, 5, 23, 33, 39]}
    mapping = {"dialect": dialect, "rows": "calls", "columns": columns}
    mapping |= {"queue": "Hotline", "answered_by": "all"}
    ImportProfile.objects.create(name="Ours", slug="ours", mapping=mapping)
    site = a_site()
    files = [("calls.txt", io.BytesIO(FIXED_WIDTH.encode()))]
    batch = run.start(files, form="ours", site=site)
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.read, batch.stored, batch.rejected) == (4, 2, 2), batch.job.words
    signed_in(client, "admin")
    text = downloaded(client, batch)
    assert text.splitlines() == [
        "NO  WHEN              WHO       WAIT  NOTE",
        "#ccm line 4, column WHEN: It is no date written as day-month-year.",
        "2   35/04/2025 09:10  Bob Ek      20  •••• y            ",
        "#ccm line 5, column WAIT: It is no duration in seconds.",
        "3   03/04/2025 09:20  Cy         abc",
    ]
    # Corrected in a tool that ends lines otherwise; the second is left as it is.
    text = text.replace("35/04", "05/04").replace("\n", "\r\n")
    client.post(f"{IMPORTS}{batch.pk}/correct/", {"rows": log_file(text.encode())})
    again = ImportBatch.objects.latest("pk")
    run.run(again.job_id)
    again.refresh_from_db()
    again.job.refresh_from_db()
    assert (again.read, again.stored, again.rejected, again.ignored) == (4, 1, 1, 2)
    call = Call.objects.get(external_id="2")
    assert (call.agent.name, call.wait_ms, call.extra) == ("Bob Ek", 20_000, {"NOTE": "•••• y"})
    # What is still wrong comes out the same once more.
    assert downloaded(client, again).splitlines()[2] == "3   03/04/2025 09:20  Cy         abc"


def test_rejected_rows_of_a_mapping_that_was_found_out_come_back_through_it(client):
    """The header stood in the file's second line, and stands in the first of the rejected rows."""
    columns = [
        {"label": "No", "target": "external_id"},
        {"label": "When", "target": "moment", "spelling": "dmy"},
    ]
    dialect = {"kind": "delimited", "delimiter": ";", "header": 2}
    mapping = {"dialect": dialect, "rows": "calls", "columns": columns}
    mapping |= {"queue": "Hotline", "answered_by": "all"}
    ImportProfile.objects.create(name="Ours", slug="ours", mapping=mapping)
    data = b"Our calls\nNo;When\n1;03/04/2025 09:00\n2;35/04/2025 09:10\n"
    batch = run.start([("calls.csv", io.BytesIO(data))], form="auto", site=a_site())
    run.run(batch.job_id)
    signed_in(client, "admin")
    text = downloaded(client, batch).replace("35/04", "05/04")
    client.post(f"{IMPORTS}{batch.pk}/correct/", {"rows": log_file(text.encode())})
    again = ImportBatch.objects.latest("pk")
    run.run(again.job_id)
    again.refresh_from_db()
    again.job.refresh_from_db()
    assert (again.read, again.stored) == (1, 1), again.job.words
    assert set(Call.objects.values_list("external_id", flat=True)) == {"1", "2"}


@pytest.mark.parametrize("as_json", [False, True])
def test_rows_read_by_a_mapping_come_back_through_that_mapping(client, as_json):
    columns = [
        {"label": "No", "target": "external_id"},
        {"label": "When", "target": "moment", "spelling": "dmy"},
        {"label": "Who", "target": "agent"},
        {"label": "Wait", "target": "wait", "unit": "s"},
        {"label": "Note"},
    ]
    # A title above the header and types below it.
    lines = [
        "Our calls", "No;When;Who;Wait;Note", "int;date;text;int;text",
        "1;03/04/2025 09:00;Ann;10;x", "2;35/04/2025 09:10;Bob;20;=y",
    ]  # fmt: skip
    dialect = {"kind": "delimited", "delimiter": ";", "header": 2, "types": True}
    if as_json:
        names = lines[1].split(";")
        lines = [json.dumps(dict(zip(names, row.split(";"), strict=True))) for row in lines[3:]]
        dialect = {"kind": "json", "header": 0}
    mapping = {"dialect": dialect, "rows": "calls", "columns": columns}
    mapping |= {"queue": "Hotline", "answered_by": "all"}
    ImportProfile.objects.create(name="Ours", slug="ours", mapping=mapping)
    files = [("calls.txt", io.BytesIO("\n".join(lines).encode()))]
    batch = run.start(files, form="ours", site=a_site())
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.stored, batch.rejected) == (1, 1), batch.job.words
    signed_in(client, "admin")
    text = downloaded(client, batch).replace("35/04", "05/04")
    client.post(f"{IMPORTS}{batch.pk}/correct/", {"rows": log_file(text.encode())})
    again = ImportBatch.objects.latest("pk")
    run.run(again.job_id)
    again.refresh_from_db()
    again.job.refresh_from_db()
    assert (again.read, again.stored) == (1, 1), again.job.words
    assert Call.objects.get(external_id="2").extra == {"Note": "=y"}


# All or nothing


@pytest.mark.parametrize("dry_run", [False, True])
def test_all_or_nothing_keeps_nothing_where_a_row_is_rejected_and_tells_all_the_same(
    client, dry_run
):
    batch = an_import(a_site(), all_or_nothing=True, dry_run=dry_run)
    assert not Call.objects.exists()
    assert not Agent.objects.exists()
    assert not Cutoff.objects.exists(), "the restart ends nothing either"
    # Five good events and the restart are left out; the line that is none is rejected.
    assert (batch.read, batch.stored, batch.rejected, batch.ignored) == (7, 0, 1, 6)
    assert batch.issues.get(rule="all_or_nothing").count == 5
    assert batch.rejected_rows.get().line == 7
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/").content.decode()
    assert "Nothing was kept: some rows were rejected" in page
    assert "Take it back" not in page
    # The rejected rows alone would be a part.
    assert "Download its rejected rows" in page
    assert "Upload the corrected rows" not in page
    page = client.post(f"{IMPORTS}{batch.pk}/correct/", {"rows": log_file()})
    assert "correct the log itself and import the whole of it" in page.content.decode()
    assert ImportBatch.objects.count() == 1


def test_all_or_nothing_keeps_all_where_no_row_is_rejected():
    good = LOG.rpartition(b"this")[0]
    batch = an_import(a_site(), good, all_or_nothing=True)
    assert (batch.read, batch.stored, batch.ignored) == (6, 5, 1)


def test_all_or_nothing_looks_through_every_file_before_it_keeps_any():
    good = LOG.rpartition(b"this")[0]
    files = [("one", io.BytesIO(good)), ("two", io.BytesIO(b"%PDF-1.7"))]
    batch = run.start(files, form="asterisk_queue_log", site=a_site(), all_or_nothing=True)
    run.run(batch.job_id)
    assert not Call.objects.exists()


def test_all_or_nothing_that_is_stopped_half_way_is_taken_back(monkeypatch):
    good = LOG.rpartition(b"this")[0]
    batch = an_import(a_site(), good, do=False, all_or_nothing=True)
    beat, beats = jobs.beat, []

    def stopped(job, *said, **more):
        beats.append(Call.objects.count())
        if beats[-1]:
            jobs.ask_to_stop(job)
        beat(job, *said, **more)

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "beat", stopped)
        run.run(batch.job_id)
    assert beats[-1] == 2
    batch.refresh_from_db()
    assert batch.job.state == Job.State.CANCELLED
    assert batch.undo.state == Job.State.QUEUED
    undo.run(batch.undo.pk)
    assert not Call.objects.exists()


def a_part(monkeypatch, site):
    """An import of all or nothing whose second file broke off on an error of ours."""
    good = LOG.rpartition(b"this")[0]
    files = [("one", io.BytesIO(good)), ("two", io.BytesIO(good))]
    batch = run.start(files, form="asterisk_queue_log", site=site, all_or_nothing=True)
    write = writing.write

    def broken(of, kept, *more):
        if kept.name == "two":
            raise ZeroDivisionError
        write(of, kept, *more)

    monkeypatch.setattr(reading, "write", broken)
    with pytest.raises(ZeroDivisionError):
        run.run(batch.job_id)
    assert Call.objects.count() == 2
    batch.refresh_from_db()
    return batch


def test_all_or_nothing_that_breaks_off_on_an_error_of_ours_is_taken_back(client, monkeypatch):
    batch = a_part(monkeypatch, a_site())
    assert (batch.job.state, batch.undo.state) == (Job.State.FAILED, Job.State.QUEUED)
    assert not batch.files.filter(pieces__isnull=False).exists()
    undo.run(batch.undo.pk)
    undo.run(batch.undo.pk)
    assert not Call.objects.exists()
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/").content.decode()
    assert "What was stored of it is taken back: it was to be all or nothing." in page


def test_all_or_nothing_whose_worker_died_each_time_is_taken_back(monkeypatch):
    good = LOG.rpartition(b"this")[0]
    files = [("one", io.BytesIO(good)), ("two", io.BytesIO(good))]
    batch = run.start(files, form="asterisk_queue_log", site=a_site(), all_or_nothing=True)

    def killed(of, kept, *more):
        if kept.name == "two":
            raise KeyboardInterrupt
        write(of, kept, *more)

    write = writing.write
    monkeypatch.setattr(reading, "write", killed)
    for _attempt in range(jobs.MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.job.state, batch.undo, Call.objects.count()) == (Job.State.RUNNING, None, 2)
    for _look in range(2):
        tasks.requeue_stale_jobs()
    batch.refresh_from_db()
    assert batch.job.state == Job.State.FAILED
    assert batch.job.words == (
        "Its worker died every time it was tried."
        " What was stored of it is taken back: it was to be all or nothing."
    )
    undo.run(batch.undo.pk)
    assert not Call.objects.exists()


@pytest.mark.parametrize("met", [False, True])
def test_all_or_nothing_waits_for_what_is_in_the_way_unless_that_met_its_rows(monkeypatch, met):
    site = a_site()
    waiting = an_import(site, do=False)
    with monkeypatch.context() as patched:
        batch = a_part(patched, site)
    assert batch.undo is None
    if met:
        run.run(waiting.job_id)
    else:
        Job.objects.filter(pk=waiting.job_id).delete()
    tasks.requeue_stale_jobs()
    batch.refresh_from_db()
    assert (batch.undo is None) == met
    assert undo.possible(batch) == met


def test_the_form_asks_whether_all_or_nothing(client):
    site = a_site()
    signed_in(client, "admin")
    sent(client, site, all_or_nothing="on")
    assert ImportBatch.objects.get().all_or_nothing


# By queue and day


def test_what_an_import_did_is_told_by_queue_and_day_beside_what_was_there(client):
    site = a_site(zone="Europe/London")
    an_import(site, LOG)
    # One call more, and the two again. All of 29 November 2018.
    batch = an_import(site, LOG + b"1543480400|c3|sales|NONE|ENTERQUEUE||5|1\n")
    day = batch.days.get()
    assert (day.queue, day.day.isoformat()) == ("sales", "2018-11-29")
    assert (day.before, day.made) == (2, 1)
    assert (day.stored, day.updated, day.duplicate) == (1, 0, 5)
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/")
    # The restart and the line that is none are of no queue's day.
    assert page.context["beyond"] == [(1, "rejected"), (1, "ignored")]
    for sort in ("day", "queue", "before", "made", "after", "stored", "updated", "duplicate"):
        shown = client.get(f"{IMPORTS}{batch.pk}/", {"day-sort": f"-{sort}"}).context["days"]
        assert [row.record for row in shown.paginated_rows] == [day]


def test_twenty_days_are_shown_and_the_rest_when_asked_for_below_the_reasons(client):
    lines = [f"{1543480100 + day * 86400}|c{day}|sales|NONE|ENTERQUEUE||5|1" for day in range(23)]
    batch = an_import(a_site(zone="UTC"), "\n".join([*lines, "nonsense", ""]).encode())
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{batch.pk}/")
    text = page.content.decode()
    assert len(page.context["days"].paginated_rows) == 20
    assert '<a class="link" href="?days=all#days">Show all 23</a>' in text
    assert text.index("Why, by rule") < text.index("Which lines") < text.index("By queue and day")
    page = client.get(f"{IMPORTS}{batch.pk}/?days=all")
    assert len(page.context["days"].paginated_rows) == 23
    assert "Show all 23" not in page.content.decode()


def test_an_import_has_one_time_in_the_list_and_on_its_page(client):
    """9:10 in London in winter is 10:10 in Paris."""
    batch = an_import(a_site(zone="Europe/Paris"))
    a_site(zone="Europe/London")
    ImportBatch.objects.update(created_at=datetime(2025, 1, 7, 9, 10, tzinfo=UTC))
    signed_in(client, "admin")
    listed = client.get(IMPORTS).content.decode()
    own = client.get(f"{IMPORTS}{batch.pk}/").content.decode()
    assert "7 Jan 2025 10:10" in listed
    assert f"Europe/Paris, no. {batch.pk}" in listed
    assert "7 Jan 2025 10:10" in own


def test_a_day_is_the_sites_and_calls_on_no_queue_have_a_row():
    site = a_site(zone="Pacific/Auckland")
    # 08:28 UTC on 29 November is half past nine in the evening there, 13 hours ahead; 100,000 s
    # later it is past noon on the 30th, and there an hour past midnight.
    assert [str(day.day) for day in an_import(site).days.all()] == ["2018-11-29"]
    later = LOG.replace(b"15434", b"15435").replace(b"|c", b"|d")
    assert [str(day.day) for day in an_import(site, later).days.all()] == ["2018-12-01"]
    outbound = b"1543480100|o1|NONE|Agent/1|OUTDIAL|5550171\n"
    assert an_import(site, outbound).days.get().queue == ""


# Taking back


def test_an_import_is_taken_back_from_its_page(client):
    site = a_site()
    batch = an_import(site)
    signed_in(client, "manager", site)
    path = f"{IMPORTS}{batch.pk}/"
    assert f'href="{path}undo/"' in client.get(path).content.decode()
    page = client.get(f"{path}undo/").content.decode()
    assert "2 go, with their rings and answers" in page
    assert client.post(f"{path}undo/")["Location"] == path
    assert f'hx-get="{path}progress/"' in client.get(path).content.decode()
    assert "HX-Refresh" not in client.get(f"{path}progress/")
    undo.run(ImportBatch.objects.get().undo_id)
    assert client.get(f"{path}progress/")["HX-Refresh"] == "true"
    text = client.get(path).content.decode()
    assert "It was taken back on" in text
    assert "Taken back" in client.get(IMPORTS).content.decode()
    assert f'href="{path}undo/"' not in text
    assert not Call.objects.exists()
    page = client.post(f"{path}undo/")
    assert page.status_code == 409
    assert "nothing to take back" in page.content.decode()


def test_an_import_with_rejected_rows_is_called_so_on_its_page_as_in_the_list(client):
    batch = an_import(a_site())
    signed_in(client, "admin")
    for path in (IMPORTS, f"{IMPORTS}{batch.pk}/"):
        page = client.get(path).content.decode()
        assert 'data-level="warn">Done, some rejected<' in page
        assert 'data-level="ok"' not in page


def test_a_file_that_no_mapping_could_take_is_refused_for_what_it_is(client):
    wide = ",".join(f"c{number}" for number in range(300)).encode()
    table = wide + b"\n" + wide + b"\n"
    batch = run.start([("wide.csv", io.BytesIO(table))], form="auto", site=a_site())
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert batch.job.words == "It has 300 columns; a call log has at most 256."
    assert (batch.job.state, batch.format) == (Job.State.FAILED, "auto")
    signed_in(client, "admin")
    assert "Say what its columns mean" not in client.get(f"{IMPORTS}{batch.pk}/").content.decode()


@pytest.mark.parametrize("data", [b"%PDF-1.7 no log\n", LOG])
def test_an_import_that_kept_nothing_is_not_offered_to_be_taken_back(client, data):
    site = a_site()
    an_import(site)
    # A file that is refused, and one whose every event is in the record already.
    batch = an_import(site, data)
    assert (batch.stored, batch.updated) == (0, 0)
    signed_in(client, "admin")
    path = f"{IMPORTS}{batch.pk}/"
    assert f'href="{path}undo/"' not in client.get(path).content.decode()
    assert "There is nothing to take back" in client.get(f"{path}undo/").content.decode()


def test_the_restart_that_alone_was_new_can_be_taken_back():
    batch = an_import(a_site(), LOG[: LOG.index(b"\n") + 1])
    assert (batch.stored, Cutoff.objects.count(), undo.possible(batch)) == (0, 1, True)


def test_the_page_says_which_imports_to_take_back_before(client):
    site = a_site()
    first = an_import(site, LOG[:100])
    second = an_import(site, LOG)
    signed_in(client, "admin")
    page = client.get(f"{IMPORTS}{first.pk}/undo/").content.decode()
    assert f'href="{IMPORTS}{second.pk}/undo/"' in page
    page = client.post(f"{IMPORTS}{first.pk}/undo/")
    assert (page.status_code, Call.objects.count()) == (409, 2)


# Logs that are followed


def test_followed_logs_say_how_old_their_newest_line_is_and_whether_anybody_looks(client):
    site, other = a_site(), a_site()
    now = timezone.now()
    for name, where, ago in (("/var/a", site, 5), ("/var/b", site, 600), ("/var/c", other, 5)):
        FollowedLog.objects.create(
            name=name, path=name, site=where, source="x", read=1234, stored=1200, rejected=2,
            newest_at=now - timedelta(minutes=3, seconds=5), looked_at=now - timedelta(seconds=ago),
        )  # fmt: skip
    signed_in(client, "manager", site)
    page = client.get(IMPORTS).content.decode().replace("\xa0", " ")
    assert page.count("3 min ago") == 2
    assert page.count("not followed") == 1
    assert "10 min ago" in page
    assert "/var/c" not in page


def test_where_no_log_is_followed_nothing_is_said_of_them(client):
    signed_in(client, "manager", a_site())
    assert "Followed logs" not in client.get(IMPORTS).content.decode()


# What it costs


@pytest.mark.parametrize("imports", [1, 30])
def test_the_list_asks_the_same_of_one_import_as_of_thirty(
    client, django_assert_num_queries, imports
):
    site = a_site()
    user = signed_in(client, "manager", site)
    for _ in range(imports):
        an_import(site, do=False, user=user)
    # Session, user, scope; sites and saved layouts to choose from; followed logs; count, imports,
    # their files; live sources.
    with django_assert_num_queries(9):
        assert client.get(IMPORTS).status_code == 200


@pytest.mark.parametrize("lines", [1, 1000])
def test_an_import_asks_the_same_of_one_issue_as_of_a_thousand(
    client, django_assert_num_queries, lines
):
    batch = an_import(a_site())
    issue = batch.issues.get(fate="rejected")
    batch.issues.exclude(pk=issue.pk).delete()
    ImportIssue.objects.bulk_create(
        [
            ImportIssue(
                batch=batch, file=issue.file, line=n, rule=issue.rule, message="m", fate="rejected"
            )
            for n in range(2, lines + 1)
        ]
    )
    signed_in(client, "admin")
    # Session, user, scope; import, files, issues, rules, new names; the days counted and shown;
    # rejected rows corrected and open.
    with django_assert_num_queries(11):
        page = client.get(f"{IMPORTS}{batch.pk}/")
    assert len(page.context["table"].paginated_rows) == min(lines, 50)


# Whether the service lives


def test_health_is_ok_while_the_database_answers(client):
    page = client.get("/healthz")
    assert (page.status_code, page.content) == (200, b"ok")


def test_health_is_503_and_tells_no_more_when_the_database_is_away(client, monkeypatch):
    from django.db import OperationalError

    def away():
        raise OperationalError("password authentication failed for user ccm")

    monkeypatch.setattr("ccm.views.health.connection", SimpleNamespace(cursor=away))
    page = client.get("/healthz")
    assert (page.status_code, page.content) == (503, b"unavailable")


@pytest.mark.django_db
def test_of_several_sites_none_is_chosen_until_it_is_said(client):
    only = a_site("Aachen")
    client.force_login(a_user("admin"))
    form = client.get("/imports/").context["form"]
    assert [value for value, _words in form.fields["site"].choices] == [str(only.pk), "new"]
    other = a_site("York")
    form = client.get("/imports/").context["form"]
    there = [value for value, _words in form.fields["site"].choices]
    assert there == ["", str(only.pk), str(other.pk), "new"]
    said = {"logs": [log_file()], "format": "auto", "site": ""}
    refused = client.post(IMPORTS, said).context["form"]
    assert refused.errors["site"] == ["Say which site the log belongs to."]


def test_rejected_rows_of_a_workbook_go_out_and_come_back_as_one(client):
    """Of two totals of intervals one has a day that there is not, and a queue that looks like a
    formula; it is corrected in the workbook that was given out."""
    book = openpyxl.Workbook()
    for row in (
        [
            "Date",
            "Queue",
            "Incoming Calls",
            "Answered Calls",
            "Abandoned Calls",
            "Answer Speed (AVG)",
            "Talk Duration (AVG)",
            "Service Level (20 Seconds)",
        ],
        ["2026-03-02", "Sales", "5", "4", "1", "0:00:10", "0:03:00", "80%"],
        ["2026-03-33", "=Sales", "5", "4", "1", "0:00:10", "0:03:00", "80%"],
    ):
        book.active.append(row)
    book.active["B3"].data_type = "s"
    data = io.BytesIO()
    book.save(data)
    files = [("totals.xlsx", io.BytesIO(data.getvalue()))]
    batch = run.start(files, form="interval_counts", site=a_site())
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.read, batch.stored, batch.rejected) == (2, 1, 1)
    signed_in(client, "admin")
    page = client.get(reverse("import_rejected", args=[batch.pk, batch.files.get().pk]))
    assert page["Content-Disposition"].endswith('rejected.xlsx"')
    given = openpyxl.load_workbook(io.BytesIO(b"".join(page.streaming_content)))
    _header, row = given.active.iter_rows()
    assert [cell.value for cell in row][:4] == ["2026-03-33", "'=Sales", "5", "4"]
    assert {cell.data_type for cell in row if cell.value} == {"s"}
    row[0].value = "2026-03-03"
    back = io.BytesIO()
    given.save(back)
    made = run.corrected(batch, [("mended.xlsx", io.BytesIO(back.getvalue()))])
    run.run(made.job_id)
    made.refresh_from_db()
    assert (made.read, made.stored, made.rejected) == (1, 1, 0)
    assert set(Queue.objects.values_list("name", flat=True)) == {"Sales", "=Sales"}
