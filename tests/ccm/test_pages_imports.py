"""Imports as pages: who may, what is refused, what is told while it runs and when it is over."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ccm.imports import run
from ccm.models import Call, ImportBatch, ImportIssue, Job, Site
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


PATHS = ["", "{}/", "{}/progress/", "{}/issues.csv"]


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
    assert header[:3] == ["File", "Line", "Rows"]
    assert ("queue_log", "7", "'=1+1") in {(row[0], row[1], row[6]) for row in rows}


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
        assert client.post(IMPORTS + path.format(batch.pk)).status_code == 405


# What it costs


@pytest.mark.parametrize("imports", [1, 30])
def test_the_list_asks_the_same_of_one_import_as_of_thirty(
    client, django_assert_num_queries, imports
):
    site = a_site()
    user = signed_in(client, "manager", site)
    for _ in range(imports):
        an_import(site, do=False, user=user)
    # Session, user, scope; sites and saved layouts to choose from; count, imports, their files.
    with django_assert_num_queries(8):
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
    # Session, user, scope; import, files, issues counted and shown, rules, new names twice.
    with django_assert_num_queries(10):
        page = client.get(f"{IMPORTS}{batch.pk}/")
    assert len(page.context["table"].paginated_rows) == min(lines, 50)


# Whether the service lives


def test_health_is_ok_while_the_database_answers(client):
    page = client.get("/healthz")
    assert (page.status_code, page.content) == (200, b"ok")


def test_health_is_503_and_tells_no_more_when_the_database_is_away(client, monkeypatch):
    from django.db import OperationalError, connection

    def away():
        raise OperationalError("password authentication failed for user ccm")

    monkeypatch.setattr(connection, "cursor", away)
    page = client.get("/healthz")
    assert (page.status_code, page.content) == (503, b"unavailable")
