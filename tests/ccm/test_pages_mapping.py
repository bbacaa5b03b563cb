"""The mapping page: who may, what is asked, what a hostile form does, and where it leads."""

import io
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from ccm import mapping_form
from ccm.imports import choosing, run
from ccm.imports.mapping import drafts, guess
from ccm.models import Call, ImportBatch, ImportPiece, ImportProfile, Job
from tests.builders import a_site, a_user

pytestmark = pytest.mark.django_db

HEADER = "Call Id;Date;Heure;Agent;Décroché;Tps d'attente\n"
GOOD = "".join(
    f"c{n};14/01/2021;9h{n:02};Ada;{'Oui' if n % 2 else 'Non'};5\n" for n in range(1, 25)
)
# 24 calls and a row whose time is none.
TEXT = HEADER + GOOD + "x1;15/01/2021;soon;Ben;Oui;9\n"


def a_draft(site, text=TEXT, name="calls.csv", **said):
    data = text.encode() if isinstance(text, str) else text
    return run.start([(name, io.BytesIO(data))], form=choosing.MAPPED, site=site, **said)


def at(batch):
    return f"/imports/{batch.pk}/mapping/"


def fields(page):
    """What a browser would post of the form: the chosen of selects, the values of inputs."""
    text = page.content.decode()
    said = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', text))
    for name, inside in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected>', inside) or re.search(
            r'<option value="([^"]*)"', inside
        )
        said[name] = chosen[1] if chosen else ""
    for name, checked in re.findall(
        r'<input type="checkbox" name="([^"]+)"[^>]*?( checked)?>', text
    ):
        said.pop(name, None)
        if checked:
            said[name] = "on"
    said.pop("csrfmiddlewaretoken", None)
    return said


@pytest.fixture
def admin(client):
    user = a_user("admin")
    client.force_login(user)
    return client


def asked(page):
    return page.context["asked"]


# Who may


@pytest.mark.parametrize("role", ["planner", "supervisor", "qa_analyst", "trainer", "agent", ""])
def test_only_admins_and_managers_map(client, role):
    site = a_site()
    batch = a_draft(site)
    client.force_login(a_user(role, site))
    assert client.get(at(batch)).status_code == 404
    assert client.post(at(batch), {"do": "import", "name": "x"}).status_code == 404
    batch.refresh_from_db()
    assert batch.mapping is None


def test_a_manager_maps_the_files_of_own_sites_alone(client):
    here, there = a_site(), a_site()
    mine, theirs = a_draft(here), a_draft(there)
    client.force_login(a_user("manager", here))
    assert client.get(at(mine)).status_code == 200
    assert client.get(at(theirs)).status_code == 404
    assert client.post(at(theirs), {"do": "try"}).status_code == 404


def test_whoever_is_not_signed_in_is_asked_to(client):
    assert client.get(at(a_draft(a_site())))["Location"].startswith("/accounts/login/")


# From the upload to the calls


def test_a_strange_file_is_explained_tried_mended_and_imported(admin):
    site = a_site(zone="Europe/Paris")
    sent = admin.post(
        "/imports/",
        {
            "logs": SimpleUploadedFile("appels.csv", TEXT.encode()),
            "site": site.pk,
            "format": "mapped",
        },
    )
    batch = ImportBatch.objects.get()
    page = admin.get(sent["Location"], follow=True)
    assert page.request["PATH_INFO"] in (at(batch), sent["Location"])
    page = admin.get(at(batch))
    assert asked(page) == [
        "Tps d'attente: What is it measured in?",
        "Which queue are these calls of? No column names one.",
    ]
    said = fields(page)
    # Import is no way round an open question.
    page = admin.post(at(batch), said | {"do": "import"})
    assert page.context["problem"] == "Tps d'attente: What is it measured in?"
    said |= {"c5-unit": "s", "queue": "Ventes", "name": "Appels"}
    page = admin.post(at(batch), said)
    assert asked(page) == []
    assert (page.context["understood"], page.context["chunk"].rejected) == (24, 1)
    tried = admin.post(at(batch), fields(page) | {"do": "try", "name": "Appels"})
    assert tried["Location"] == f"/imports/{batch.pk}/"
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.read, batch.stored, batch.rejected) == (25, 24, 1)
    assert not Call.objects.exists()
    for address in ("/imports/", f"/imports/{batch.pk}/"):
        page = admin.get(address).content.decode()
        assert "Not described yet" not in page
        assert "Appels" in page
    # One row has no clock: days are enough for all of them.
    page = admin.post(at(batch), fields(admin.get(at(batch))) | {"c2-target": "keep"})
    assert page.context["understood"] == 25
    done = admin.post(at(batch), fields(page) | {"do": "import", "name": "Appels"})
    assert done.status_code == 302
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.read, batch.stored, batch.rejected) == (25, 25, 0)
    assert set(Call.objects.values_list("queue__name", "outcome")) == {
        ("Ventes", "answered"), ("Ventes", "abandoned"),
    }  # fmt: skip
    assert admin.get(at(batch))["Location"] == f"/imports/{batch.pk}/"  # imported is imported
    assert "Appels" in admin.get("/imports/").content.decode()
    again = {
        "logs": SimpleUploadedFile("b.csv", TEXT.replace("c24;", "c99;").encode()),
        "site": site.pk,
    }
    for form in ("appels", "auto"):
        admin.post("/imports/", again | {"format": form})
        again["logs"].seek(0)
        newest = ImportBatch.objects.first()
        run.run(newest.job_id)
        newest.refresh_from_db()
        assert (newest.read, newest.rejected) == (25, 0)
        assert newest.files.get().format == "appels"


def test_an_open_order_of_days_is_shown_with_both_readings(admin):
    batch = a_draft(a_site(), "Call Id,Date\na,03/04/2021\n")
    page = admin.get(at(batch))
    assert "is 03/04/2021 3 April 2021 or 4 March 2021?" in page.content.decode()
    batch = a_draft(a_site(), "Call Id,Date\na,01/01/2021\n")
    page = admin.get(at(batch)).content.decode()
    assert "whether the day or the month comes first" in page


def test_another_way_to_read_the_file_starts_the_guesses_anew(admin):
    batch = a_draft(a_site())
    page = admin.post(at(batch), fields(admin.get(at(batch))) | {"delimiter": ",", "queue": "Kept"})
    assert [one.column.label for one in page.context["fields"]] != ["Call Id"]
    page = admin.post(at(batch), fields(page) | {"delimiter": ";"})
    assert page.context["fields"][0].column.label == "Call Id"


def test_a_named_encoding_is_read_and_kept(admin):
    batch = a_draft(a_site(), "Call Id;Date;Agent\na;2021-01-14;Ада\n".encode("cp1251"))
    page = admin.post(at(batch), fields(admin.get(at(batch))) | {"encoding": "cp1251"})
    assert "Ада" in page.content.decode()
    assert "Ада" in admin.get(at(batch)).content.decode()


def test_rows_of_another_kind_have_other_meanings(admin):
    batch = a_draft(a_site())
    page = admin.post(at(batch), fields(admin.get(at(batch))) | {"rows": "states"})
    assert page.context["profile"].rows == "states"
    assert any("State" in one for one in asked(page))


HTMX = {"HX-Request": "true"}


def test_htmx_gets_the_form_alone_and_is_sent_on_where_it_was_begun_meanwhile(admin):
    batch = a_draft(a_site())
    said = fields(admin.get(at(batch))) | {"c5-unit": "s", "queue": "Q", "name": "N"}
    page = admin.post(at(batch), said, headers=HTMX)
    assert page.content.decode().lstrip().startswith("<form")
    admin.post(at(batch), said | {"do": "import"})
    sent = admin.post(at(batch), said, headers=HTMX)
    assert sent["HX-Redirect"] == f"/imports/{batch.pk}/"


@pytest.mark.parametrize("button", [{"do": "try"}, {"do": "import"}, {"use": "appels"}])
def test_a_change_is_no_press_whatever_button_is_sent_with_it(admin, button):
    a_layout(admin)
    batch = a_draft(a_site())
    said = fields(admin.get(at(batch))) | {"c5-unit": "s", "queue": "Q", "name": "N"}
    page = admin.post(at(batch), said | button, headers=HTMX)
    assert (page.status_code, page.context["name"]) == (200, "N")
    batch.refresh_from_db()
    assert (batch.job.state, batch.profile) == ("draft", None)


def test_each_open_question_leads_to_its_place(admin):
    page = admin.get(at(a_draft(a_site())))
    assert page.context["open"] == [
        ("Tps d'attente: What is it measured in?", "c5"),
        ("Which queue are these calls of? No column names one.", "whole"),
    ]
    text = page.content.decode()
    assert all(f'href="#{place}"' in text and f'id="{place}"' in text for place in ("c5", "whole"))


def test_each_kind_of_failure_is_shown_and_what_is_kept_of_caller_and_comment(admin):
    """Nine times that are none come before a day there is none of and a row cut short."""
    head = "Id;Date;Heure;Phone;Status;CSAT;Comment\n"
    good = "a1;14/01/2025;9h00;0612345678;Answered;4;Call me back on +33 6 12 34 56 78\n"
    late = "".join(f"b{n};15/01/2025;soon;;Answered;;\n" for n in range(9))
    fine = "".join(f"c{n};16/01/2025;9h{n:02};;Answered;;\n" for n in range(10, 50))
    text = head + good + late + fine + "d1;31/02/2025;9h00;;Answered;;\nd2;14/01/2025\n"
    batch = a_draft(a_site(), text)
    said = fields(admin.get(at(batch))) | {"no_queue": "on", "c5-low": "1", "c5-high": "5"}
    page = admin.post(at(batch), said)
    failing = {one.line: one for one in page.context["rows"] if one.level == "bad"}
    assert {3, 52, 53} <= set(failing)
    assert failing[53].raw == ["d2;14/01/2025"]
    understood = next(dict(one.understood) for one in page.context["rows"] if one.line == 2)
    assert understood["Caller"] == "•••678"
    assert understood["Comment"].startswith("Call me back on")
    assert "12 34 56" not in understood["Comment"]


def test_the_rows_stand_beside_the_question_how_their_dates_are_written(admin):
    text = "Id;When;Agent\n" + "".join(f"a{n};0{n}/04/2025 9:00;Ada\n" for n in range(1, 9))
    page = admin.get(at(a_draft(a_site(), text)))
    assert page.context["cannot"]
    assert page.context["rows"][0].raw == ["a1", "01/04/2025 9:00", "Ada"]
    assert page.context["rows"][0].understood == []


def test_addresses_of_callers_are_shown_nowhere_once_their_column_is_one(admin):
    """Neither among its examples, nor in rows, nor in the first lines, nor where a row fails."""
    head = "Id;Date;Heure;E-mail;Status\n"
    good = "".join(f"a{n};14/01/2025;9h{n};c{n}@example.org;Answered\n" for n in range(10, 50))
    bad = "b1;31/02/2025;9h00;late@example.org;Answered\nb2;late@example.org\n"
    batch = a_draft(a_site(), head + good + bad)
    open_ones = admin.get(at(batch))
    said = fields(open_ones) | {"no_queue": "on", "c3-target": "caller_email"}
    read = admin.post(at(batch), said)
    for page in (open_ones, read):
        assert "example.org" not in page.content.decode()
        assert "•••@•••" in page.context["rows"][0].raw
    assert {one.line for one in read.context["rows"] if one.level == "bad"} == {42, 43}
    # Whoever says that it is none sees what it is.
    assert "example.org" in admin.post(at(batch), said | {"c3-target": "drop"}).content.decode()


# Hostile posts


HOSTILE = [
    {"c999-target": "agent", "c-1-target": "agent", "cx-target": "agent"},
    {"c0-target": "<script>"}, {"c0-target": ""}, {"c1-spelling": "klingon"}, {"c5-unit": "parsec"},
    {"header": "x"}, {"header": "-1"}, {"header": "9" * 400}, {"header": "77"}, {"header": "0"},
    {"header": "²"},
    {"kind": "fixed", "edges": "x"}, {"kind": "fixed", "edges": "0"},
    {"kind": "fixed", "edges": "-3 5"},
    {"kind": "fixed", "edges": "9" * 30},
    {"kind": "fixed", "edges": " ".join(map(str, range(1, 400)))},
    {"kind": "fixed", "edges": "1 5 5 9"}, {"kind": "fixed"}, {"kind": "cake"},
    {"encoding": "rot13"}, {"encoding": "utf-16-le"}, {"encoding": "shift-jis"},
    {"delimiter": "é"}, {"delimiter": "ab"}, {"delimiter": '"'}, {"delimiter": "\n"},
    {"delimiter": "|"},
    {"rows": "cakes"}, {"rows": "totals"}, {"rows": "answers"}, {"answered_by": "magic"},
    {"minutes": "9" * 30}, {"minutes": "-5"}, {"threshold_seconds": "x"},
    {"zone": "Middle/Earth"}, {"zone": "../../etc/passwd"}, {"zone": "a\0b"}, {"zone": "x" * 9_000},
    {"queue": "q" * 9_000}, {"queue": "a\0b"}, {"name": "n" * 9_000}, {"name": "a\0b"},
    {"name": ""},
    {"c4-w0": "a\0b", "c4-m0": "yes"}, {"c4-w0": "oui", "c4-m0": "bogus"}, {"c0-nulls": "a\0b;;;;"},
    {"c5-target": "csat", "c5-low": "5", "c5-high": "1"}, {"c5-decimal": "x"}, {"of": "stale"},
    {"sheet": "Data"}, {"types": "on"}, {"c0-target": "outcome"}, {"c0-target": "moment"},
    {"c0-target": "agent", "c1-target": "agent", "c2-target": "agent", "c3-target": "agent"},
]  # fmt: skip


@pytest.mark.parametrize("said", HOSTILE, ids=lambda said: str(said)[:50])
def test_no_post_breaks_the_page(admin, said):
    batch = a_draft(a_site())
    good = fields(admin.get(at(batch))) | {"c5-unit": "s", "queue": "Q", "name": "N"}
    answer = admin.post(at(batch), good | {"do": "import"} | said)
    assert answer.status_code in (200, 302)
    batch.refresh_from_db()
    if answer.status_code == 302:
        run.run(batch.job_id)
        batch.job.refresh_from_db()
        assert batch.job.state in (Job.State.DONE, Job.State.FAILED)
        assert "Error" not in batch.job.words
    else:
        assert admin.get(at(batch)).status_code == 200


def test_an_empty_post_is_a_look(admin):
    batch = a_draft(a_site())
    assert admin.post(at(batch), {}).status_code == 200


@pytest.mark.parametrize(
    "stale", [{"rows": "cakes"}, [], {}, "x", 5, {"dialect": {}, "rows": "calls", "columns": "x"}]
)
def test_a_mapping_gone_stale_is_begun_anew(admin, stale):
    batch = a_draft(a_site())
    ImportBatch.objects.filter(pk=batch.pk).update(mapping=stale)
    page = admin.get(at(batch))
    assert page.context["fields"][0].column.label == "Call Id"
    assert admin.post(at(batch), {}).status_code == 200


def test_files_that_were_swept_away_are_asked_for_again(admin):
    batch = a_draft(a_site())
    said = fields(admin.get(at(batch)))
    ImportPiece.objects.all().delete()
    for page in (admin.get(at(batch)), admin.post(at(batch), said | {"do": "import", "name": "N"})):
        assert "upload them again" in page.content.decode()
    assert not ImportProfile.objects.exists()


def test_what_another_window_changed_is_not_answered_with_this_ones_columns(admin):
    batch = a_draft(a_site())
    here = fields(admin.get(at(batch))) | {"c5-unit": "s", "queue": "Q", "name": "N"}
    admin.post(at(batch), here | {"delimiter": ","})  # in the other window
    page = admin.post(at(batch), here | {"do": "import"})
    assert "in another window" in page.context["problem"]
    assert not ImportProfile.objects.exists()


def test_an_import_begun_in_another_window_is_not_begun_twice(admin):
    batch = a_draft(a_site())
    here = fields(admin.get(at(batch))) | {
        "c5-unit": "s",
        "queue": "Q",
        "name": "N",
        "do": "import",
    }
    account = f"/imports/{batch.pk}/"
    for answer in (
        admin.post(at(batch), here),
        admin.post(at(batch), here),  # the second of two clicks
        admin.get(at(batch)),
    ):
        assert (answer.status_code, answer["Location"]) == (302, account)
    assert ImportProfile.objects.count() == 1


def test_a_name_that_another_layout_has_asks_whether_to_replace_it(admin):
    ImportProfile.objects.create(name="Calls", slug="calls", mapping={"queue": "theirs"})
    batch = a_draft(a_site())
    good = fields(admin.get(at(batch))) | {"c5-unit": "s", "queue": "Q", "name": "Calls"}
    for do in ("try", "import"):
        page = admin.post(at(batch), good | {"do": do})
        assert "Another layout has this name" in page.context["problem"]
        assert "A layout of this name says something else." in page.content.decode()
    assert ImportProfile.objects.get().mapping == {"queue": "theirs"}
    # A word given for a name is none for the next one.
    ImportProfile.objects.create(name="Ours", slug="ours", mapping={})
    page = admin.post(at(batch), good | {"do": "import", "name": "Ours", "replaces": "Calls"})
    assert "Another layout has this name" in page.context["problem"]
    done = admin.post(at(batch), good | {"do": "import", "replaces": "Calls"})
    assert done["Location"] == f"/imports/{batch.pk}/"
    assert ImportProfile.objects.get(name="Calls").mapping["queue"] == "Q"


# Layouts that are there already


def a_layout(admin, name="Appels", **said):
    """A layout saved by importing the file that these tests explain; the import itself is done."""
    batch = a_draft(a_site())
    good = fields(admin.get(at(batch))) | {"c5-unit": "s", "queue": "Ventes", "name": name} | said
    assert admin.post(at(batch), good | {"do": "import"}).status_code == 302
    run.run(batch.job_id)
    return ImportProfile.objects.get(name=name)


def test_a_file_that_fits_a_saved_layout_says_so_and_is_read_by_it_when_asked(admin):
    a_layout(admin)
    batch = a_draft(a_site(), name="february.csv")
    page = admin.get(at(batch))
    assert "This file fits the saved layout <b>Appels</b>." in page.content.decode()
    # Nothing of it is taken unasked.
    assert "Tps d'attente: What is it measured in?" in asked(page)
    assert fields(page)["name"] == "february"
    page = admin.post(at(batch), fields(page) | {"use": "appels"}, follow=True)
    assert asked(page) == []
    assert (fields(page)["name"], fields(page)["queue"]) == ("Appels", "Ventes")
    assert "It is read as the saved layout <b>Appels</b> says." in page.content.decode()
    assert "fits the saved layout" not in page.content.decode()
    admin.post(at(batch), fields(page) | {"do": "import"})
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.read, batch.rejected, batch.format) == (25, 1, "appels")
    assert ImportProfile.objects.count() == 1


def of_another_shape(shape):
    """The rows of TEXT as a workbook, whose days are days, or as JSON objects."""
    label, *rows = (line.split(";") for line in TEXT.splitlines())
    if shape == "jsonl":
        lines = (json.dumps(dict(zip(label, row, strict=True))) for row in rows)
        return "\n".join(lines)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Janvier"
    sheet.append(label)
    for row in rows:
        row[1] = datetime.strptime(row[1], "%d/%m/%Y")
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("shape", "kind", "spelling", "name"),
    [("xlsx", "sheet", "ymd", "Appels (xlsx)"), ("jsonl", "json", "dmy", "Appels (JSON)")],
)
def test_a_layout_is_offered_for_its_columns_in_another_shape(admin, shape, kind, spelling, name):
    saved = a_layout(admin)
    batch = a_draft(a_site(), of_another_shape(shape), name=f"calls.{shape}")
    page = admin.get(at(batch))
    assert "This file fits the saved layout <b>Appels</b>." in page.content.decode()
    page = admin.post(at(batch), {"use": "appels"}, follow=True)
    profile = page.context["profile"]
    assert (profile.dialect.kind, profile.column("date").spelling) == (kind, spelling)
    assert (fields(page)["queue"], fields(page)["c5-unit"]) == ("Ventes", "s")
    assert "It is read as the saved layout <b>Appels</b> says." in page.content.decode()
    assert (asked(page), page.context["understood"]) == ([], 24)
    sheet = {"sheet": "Janvier"} if shape == "xlsx" else {}
    admin.post(at(batch), fields(page) | sheet | {"do": "import"})
    # The layout of text still reads text; what reads this shape has a name of its own.
    assert ImportProfile.objects.get(slug="appels").mapping == saved.mapping
    assert set(ImportProfile.objects.values_list("name", flat=True)) == {"Appels", name}


def test_a_layout_is_offered_again_where_something_else_is_said_since(admin):
    a_layout(admin)
    batch = a_draft(a_site())
    page = admin.post(at(batch), {"use": "appels"}, follow=True)
    page = admin.post(at(batch), fields(page) | {"queue": "Support", "name": "Support"})
    assert "This file fits the saved layout <b>Appels</b>." in page.content.decode()


def test_a_layout_whose_kept_columns_are_missing_is_used_all_the_same(admin):
    """The newer files of the system have no agent, and one more column."""
    a_layout(admin, **{"c3-target": "keep"})
    newer = TEXT.replace("Agent;", "").replace(";Ada", "").replace(";Ben", "")
    newer = newer.replace("\n", ";x\n").replace("attente;x", "attente;Poste")
    batch = a_draft(a_site(), newer)
    page = admin.post(at(batch), {"use": "appels"}, follow=True)
    assert asked(page) == []
    assert page.context["understood"] == 24
    assert admin.post(at(batch), fields(page)).status_code == 200


@pytest.mark.parametrize("slug", ["no-such", "", "a\0b", "x" * 9_000, "other"])
def test_no_layout_is_used_that_is_not_there_or_does_not_fit(admin, slug):
    saved = a_layout(admin)
    other = saved.mapping | {"columns": [{"label": "Else", "target": "date"},
                                         {"label": "More", "target": "agent"}]}  # fmt: skip
    ImportProfile.objects.create(name="Other", slug="other", mapping=other)
    ImportProfile.objects.create(name="Stale", slug="stale", mapping={"rows": "cakes"})
    batch = a_draft(a_site())
    page = admin.post(at(batch), {"use": slug})
    assert "no such saved layout any longer" in page.context["problem"]
    assert [one.slug for one in page.context["fitting"]] == ["appels"]


def test_a_name_taken_since_the_try_is_asked_for_on_the_mapping(admin):
    batch = a_draft(a_site())
    good = fields(admin.get(at(batch))) | {"c5-unit": "s", "queue": "Q", "name": "Calls"}
    admin.post(at(batch), good | {"do": "try"})
    run.run(batch.job_id)
    ImportProfile.objects.create(name="Calls", slug="calls", mapping={"queue": "theirs"})
    sent = admin.post(reverse("import_begin", args=[batch.pk]))
    assert sent["Location"] == at(batch)
    assert ImportProfile.objects.get().mapping == {"queue": "theirs"}


def test_names_and_cells_of_a_file_are_never_markup(admin):
    evil = '<img src=x onerror="alert(1)">'
    quoted = '"' + evil.replace('"', '""') + '"'
    text = (
        f"Call Id,Date,Status,{quoted}\n{quoted},2021-01-14,{quoted},{quoted}\nb,soon,{quoted},x\n"
    )
    batch = a_draft(a_site(), text, name=f"{evil}.csv")
    page = admin.get(at(batch)).content.decode()
    assert "<img" not in page
    assert "&lt;img src=x" in page
    said = fields(admin.get(at(batch))) | {"name": evil, "queue": evil, "zone": evil}
    assert "<img" not in admin.post(at(batch), said | {"do": "try"}).content.decode()


@pytest.mark.parametrize(
    "data",
    [b"\x80\x81\xff", b'"', b'{"a": 1}\n{"b": "\\ud800"}\n', b"a,b\n" * 3_000, b"x" * 5_000,
        b",,,\n,,,\n",
     b"line,line,line\n1,2,3\n", b'{"line": "\\u0000"}\n'],
)  # fmt: skip
def test_no_file_breaks_the_page(admin, data):
    batch = a_draft(a_site(), data)
    page = admin.get(at(batch))
    assert page.status_code == 200
    assert admin.post(at(batch), fields(page) | {"do": "try", "name": "N"}).status_code in (
        200,
        302,
    )


@pytest.mark.parametrize(("columns", "rows"), [(3, 1), (3, 500), (120, 50)])
def test_the_page_asks_the_same_of_the_database_whatever_the_file(
    admin, django_assert_num_queries, columns, rows
):
    names = ",".join(f"Name {n}" for n in range(columns - 2))
    line = "14/01/2021," + ",".join("x" * (columns - 2))
    text = f"Id,Date,{names}\n" + "".join(f"c{n},{line}\n" for n in range(rows))
    batch = a_draft(a_site(), text)
    admin.get(at(batch))
    with django_assert_num_queries(11):
        page = admin.get(at(batch))
    assert len(page.context["fields"]) == columns


# The form's parts


def test_posted_fields_are_the_profile_they_were_drawn_from(admin):
    batch = a_draft(a_site())
    page = admin.get(at(batch))
    look = page.context["look"]
    profile = page.context["profile"]
    assert mapping_form.said_dialect(profile.dialect, fields(page)) == profile.dialect
    said = mapping_form.said_profile(profile, fields(page), look.frame)
    drawn = guess.profile_of(look.dialect, look.frame)[0]
    assert [one.target for one in said.columns] == [one.target for one in drawn.columns]
    assert replace(said, columns=()) == replace(drawn, columns=())


def test_what_is_said_on_the_mapping_stands_before_what_was_said_with_the_upload(admin):
    """9:00 in Lisbon in winter is 9:00 UTC."""
    batch = a_draft(a_site(), queue="Wrong", zone="Asia/Tokyo")
    good = fields(admin.get(at(batch)))
    assert good["queue"] == "Wrong"
    good |= {"c5-unit": "s", "queue": "Right", "zone": "Europe/Lisbon", "name": "N"}
    admin.post(at(batch), good | {"do": "import"})
    run.run(batch.job_id)
    call = Call.objects.get(external_id="c1")
    assert (call.queue.name, f"{call.offered_at:%T}") == ("Right", "09:01:00")


def zone_choices(page):
    """The choices of the zone with the regions they stand under left out: value, words."""
    select = re.search(r'<select[^>]* name="zone".*?</select>', page.content.decode(), re.S)[0]
    return re.findall(r'<option value="([^"]*)"(?: selected)?>([^<]*)', select)


def test_the_zone_of_the_times_is_a_choice_that_says_whose_it_is(admin):
    site = a_site(zone="Europe/Paris")
    batch = a_draft(site)
    page = admin.get(at(batch))
    first, *others = zone_choices(page)
    assert first == ("", "As the site: Europe/Paris")
    assert others[0][0].startswith("Europe/"), "those near the site first"
    assert ("Asia/Tokyo", "Asia/Tokyo") in others
    said = fields(page)
    assert said["zone"] == ""
    page = admin.post(at(batch), said | {"zone": "Asia/Tokyo"})
    assert fields(page)["zone"] == "Asia/Tokyo"
    said_before = a_draft(site, zone="Asia/Tokyo")
    assert zone_choices(admin.get(at(said_before)))[0] == (
        "",
        "As said with the upload: Asia/Tokyo",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Call Id,Date and time,Timezone\na,2021-01-14 09:00,Asia/Tokyo\n", "own, in Timezone"),
        ("Call Id,Start time\na,1610614800\nb,1610614900\n", "counted from 1970"),
    ],
)
def test_a_file_that_tells_its_zone_is_not_asked_for_one(admin, text, words):
    page = admin.get(at(a_draft(a_site(), text))).content.decode()
    assert words in page
    assert 'name="zone"' not in page


def test_a_layout_name_is_offered_from_the_files(admin):
    batch = a_draft(a_site(), name="calls_of_january.csv")
    assert fields(admin.get(at(batch)))["name"] == "calls of january"
    drafts.keep(batch, admin.get(at(batch)).context["profile"], "Ours")
    assert fields(admin.get(at(batch)))["name"] == "Ours"


def test_a_file_that_cannot_be_mapped_can_be_thrown_away(admin):
    batch = a_draft(a_site(), ",".join(f"c{number}" for number in range(300)) + "\n")
    page = admin.get(at(batch)).content.decode()
    assert "It has 300 columns; a call log has at most 256." in page
    assert f'action="{reverse("import_cancel", args=[batch.pk])}"' in page


def test_an_import_not_explained_yet_leads_to_its_mapping_or_is_thrown_away(admin):
    batch = a_draft(a_site())
    page = admin.get(reverse("import", args=[batch.pk])).content.decode()
    assert f'href="{at(batch)}"' in page
    assert "Not described yet" in page
    assert "every 1s" not in page, "nobody works on it"
    admin.post(reverse("import_cancel", args=[batch.pk]))
    batch.job.refresh_from_db()
    assert batch.job.state == "cancelled"
    later = timezone.now() + drafts.KEPT_FOR + timedelta(days=1)
    assert drafts.sweep(later) == 1
    assert not ImportPiece.objects.exists()


def test_a_file_that_no_format_took_leads_from_its_import_to_the_mapping(admin):
    files = [("calls.csv", io.BytesIO(TEXT.encode()))]
    batch = run.start(files, form=choosing.AUTO, site=a_site())
    run.run(batch.job_id)
    page = admin.get(reverse("import", args=[batch.pk])).content.decode()
    assert f'<a class="btn btn-primary" href="{at(batch)}">Say what its columns mean</a>' in page
    assert "Waiting: its columns are to be explained" in page
    assert "The import stopped" not in page
    assert 'class="books"' not in page, "nothing was read, so there is nothing to account for"
    listed = admin.get("/imports/").content.decode()
    assert "Waiting: its columns are to be explained" in listed
    assert ">Failed<" not in listed
    said = fields(admin.get(at(batch))) | {"c5-unit": "s", "queue": "Q", "name": "N"}
    assert admin.post(at(batch), said | {"do": "import"}).status_code == 302
    run.run(batch.job_id)
    batch.refresh_from_db()
    assert (batch.stored, batch.rejected) == (24, 1)


def test_rows_show_though_a_question_is_open_and_the_question_leads_to_its_column(admin):
    batch = a_draft(a_site())
    page = admin.get(at(batch))
    assert page.context["without"] == ("Tps d'attente",)
    assert page.context["understood"] == 24
    text = page.content.decode()
    assert "Without Tps d&#x27;attente, until it is said how to read them." in text
    assert '<a class="link" href="#c5">' in text


def test_rows_of_another_width_than_the_header_are_told_of_with_one_of_them(admin):
    text = "".join(line + ";x;y\n" if n else line + "\n" for n, line in enumerate(TEXT.split("\n")))
    page = admin.get(at(a_draft(a_site(), text.removesuffix(";x;y\n"))))
    assert "It has 8 cells, the header 6." in page.content.decode()
    assert "25 rows" in page.content.decode()
    assert "c1;14/01/2021;9h01;Ada;Oui;5;x;y" in page.content.decode()


def test_a_date_and_time_without_any_time_of_day_is_asked_about(admin):
    batch = a_draft(a_site(), "Call Id,Date,Queue\nc1,2021-01-14,Sales\nc2,2021-01-15,Sales\n")
    form = fields(admin.get(at(batch)))
    assert form["c1-target"] == "date"
    page = admin.post(at(batch), form | {"c1-target": "moment"})
    assert "Date: No cell has a time of day: is it a date?" in asked(page)
    page = admin.post(at(batch), fields(page) | {"c1-target": "date"})
    assert not any("time of day" in words for words in asked(page))


def test_another_meaning_of_the_same_kind_keeps_what_was_said_of_the_column(admin):
    text = "Call Id,Date,Queue,Whole call\n" + "".join(
        f"c{n},0{n}/04/2021 10:00,Sales,{n}\n" for n in range(1, 9)
    )
    batch = a_draft(a_site(), text)
    form = fields(admin.get(at(batch))) | {"c3-target": "duration"}
    form = fields(admin.post(at(batch), form)) | {"c3-unit": "min", "c1-spelling": "dmy"}
    form = fields(admin.post(at(batch), form)) | {"c3-target": "talk", "c1-target": "date"}
    page = admin.post(at(batch), form)
    _id, date, _queue, lasted = page.context["profile"].columns
    assert (lasted.target, lasted.unit) == ("talk", "min")
    assert (date.target, date.spelling) == ("date", "dmy")
    # Of another kind nothing said of the old one is true.
    page = admin.post(at(batch), fields(page) | {"c3-target": "csat"})
    assert page.context["profile"].columns[3].unit == ""
