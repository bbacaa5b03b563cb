"""Saved layouts: who reads by them, and what stays of one that is renamed or deleted."""

import io
from dataclasses import replace

import pytest
from django.urls import reverse

from ccm.imports import run
from ccm.imports.mapping import saved
from ccm.imports.records import FileRefused
from ccm.models import Call, ImportBatch, ImportProfile, Site, WatchedFolder
from tests.builders import LAYOUT, a_layout, a_site, a_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]

PAGE = "/imports/layouts/"
# 9:00 in Paris in December is 8:00 UTC; 1.5 minutes are 90 seconds.
LOG = "N°;Heure;Tps;Poste\n1;03/12/2025 09:00:00;1,5;11\nx;soon;1;12\n"


@pytest.fixture
def admin(client):
    client.force_login(a_user("admin", name="boss"))
    return client


def an_import(site: Site, form: str = "le-standard", text: str = LOG, **said) -> ImportBatch:
    batch = run.start([("calls.csv", io.BytesIO(text.encode()))], form=form, site=site, **said)
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch


def text_of(client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_layout_is_listed_with_what_it_reads_and_what_depends_on_it(admin):
    layout = a_layout()
    site = a_site("Lyon")
    an_import(site)
    an_import(site, form=run.AUTO)  # found out to be of it
    WatchedFolder.objects.create(name="Drop", folder="/x", site=site, format=layout.slug)
    row = text_of(admin, PAGE).split("<tbody>")[1]
    for words in (
        "Le standard",
        "--profile le-standard",
        "One row a call; 3 columns",
        ">2<",
        "Drop",
    ):
        assert words in row
    page = text_of(admin, f"{PAGE}{layout.pk}/")
    for words in (
        "2 at Lyon",
        "Drop (Lyon)",
        "Europe/Paris",
        "Accueil",
        "<dt>Heure</dt><dd>Date and time<small>written day-month-year</small></dd>",
        "<dt>Tps</dt><dd>Talk<small>in minutes</small><small>decimal sign: comma</small></dd>",
        "<dt>Between two cells stands</dt><dd>semicolon ;</dd>",
        "<dt>Encoding</dt><dd>found out from each file</dd>",
        "<dt>A call was answered when</dt><dd>All of them were answered</dd>",
    ):
        assert words in page
    assert "<dt>Keep as it is</dt><dd>Poste</dd>" in page


def test_the_page_of_imports_leads_an_admin_to_it(admin, client):
    assert f'href="{PAGE}"' in text_of(admin, "/imports/")
    client.force_login(a_user("manager", a_site()))
    assert f'href="{PAGE}"' not in text_of(client, "/imports/")


def test_the_audit_log_tells_of_a_layout_by_its_name_and_leads_to_the_list(admin):
    layout = a_layout()
    admin.post(f"{PAGE}{layout.pk}/", {"name": "Lyon"})
    admin.post(f"{PAGE}{layout.pk}/", {"name": "Lyon"})  # the same again is no change
    layout.refresh_from_db()
    saved.save("Lyon", replace(LAYOUT, queue="Ventes"), replace=True)
    rows = text_of(admin, "/audit/?model=ccm.importprofile").split("<tbody")[1]
    assert rows.count("Layout: Lyon") == 2
    assert f'href="{PAGE}"' in rows
    assert "What it says" in rows


def test_a_layout_that_is_renamed_is_the_same_source_and_its_imports_say_the_new_name(admin):
    layout, site = a_layout(), a_site()
    first = an_import(site)
    admin.post(f"{PAGE}{layout.pk}/", {"name": "  Standard de Lyon "})
    layout.refresh_from_db()
    assert (layout.name, layout.slug) == ("Standard de Lyon", "le-standard")
    assert "Standard de Lyon" in text_of(admin, f"/imports/{first.pk}/")
    assert "Standard de Lyon" in text_of(admin, "/imports/")
    again = an_import(site)
    assert (first.stored, again.stored, again.duplicate) == (1, 0, 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Other", "There is a layout named Other already."),
        ("Gone", "A layout named Gone was deleted, and its imports still say so."),
        ("", "This field is required."),
        ("n" * 81, "at most 80 characters"),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_a_name_that_cannot_be_says_why(admin, name, words):
    layout = a_layout()
    a_layout("Other", "other")
    saved.remove(a_layout("Gone", "gone"), layout.created_at)
    assert words in admin.post(f"{PAGE}{layout.pk}/", {"name": name}).content.decode()
    layout.refresh_from_db()
    assert layout.name == "Le standard"


def test_a_deleted_layout_reads_nothing_more_and_its_imports_stay_with_its_name(admin):
    layout, site = a_layout(), a_site()
    by_name, by_itself = an_import(site), an_import(site, form=run.AUTO)
    assert by_itself.duplicate == 1
    admin.post(f"{PAGE}{layout.pk}/delete/")
    assert "No layouts yet" in text_of(admin, PAGE)
    assert admin.get(f"{PAGE}{layout.pk}/").status_code == 404
    for batch in (by_name, by_itself):
        page = text_of(admin, f"/imports/{batch.pk}/")
        assert "Le standard" in page
        assert "Europe/Paris (the mapping&#x27;s)" in page
    with pytest.raises(FileRefused, match="There is no format named le-standard"):
        an_import(site)
    assert an_import(site, form=run.AUTO).read == 0
    # What was rejected can be corrected still: it is read as that import was told to.
    for batch in (by_name, by_itself):
        address = reverse("import_rejected", args=[batch.pk, batch.files.get().pk])
        rejected = b"".join(admin.get(address).streaming_content)
        mended = rejected.replace(b"soon", b"03/12/2025 10:00:00", 1)
        corrected = run.corrected(batch, [("rows.csv", io.BytesIO(mended))])
        run.run(corrected.job_id)
        corrected.refresh_from_db()
        assert (corrected.rejected, corrected.format) == (0, "le-standard")
    assert set(Call.objects.values_list("external_id", flat=True)) == {"1", "x"}


def test_a_layout_saved_again_under_the_name_of_a_deleted_one_is_of_its_source(admin):
    layout, site = a_layout(), a_site()
    an_import(site)
    admin.post(f"{PAGE}{layout.pk}/delete/")
    again = saved.save("Le standard", LAYOUT)
    assert (again.pk, again.removed_at) == (layout.pk, None)
    assert an_import(site).duplicate == 1


def test_whether_a_layout_is_to_be_deleted_is_asked_first(admin):
    layout = a_layout()
    address = f"{PAGE}{layout.pk}/delete/"
    assert f'href="{address}"' in text_of(admin, f"{PAGE}{layout.pk}/")
    question = text_of(admin, address)
    assert "Remove Le standard?" in question
    assert "No file is read by it from then on" in question
    assert ImportProfile.objects.filter(pk=layout.pk).exists()
    WatchedFolder.objects.create(name="Drop", folder="/x", site=a_site(), format=layout.slug)
    hindered = text_of(admin, address)
    assert "It cannot be removed" in hindered
    assert "The watched folder Drop" in hindered


def test_a_layout_that_a_watched_folder_reads_by_is_not_deleted(admin):
    layout = a_layout()
    WatchedFolder.objects.create(name="Drop", folder="/x", site=a_site(), format=layout.slug)
    refused = admin.post(f"{PAGE}{layout.pk}/delete/")
    assert refused.status_code == 409
    assert "The watched folder Drop reads its files by it" in refused.content.decode()
    assert ImportProfile.objects.get() == layout


def test_a_layout_that_can_no_longer_be_read_is_listed_and_can_be_deleted(admin):
    layout = ImportProfile.objects.create(name="Old", slug="old", mapping={"rows": "cakes"})
    assert "it can no longer be read" in text_of(admin, PAGE)
    assert "It can no longer be read" in text_of(admin, f"{PAGE}{layout.pk}/")
    admin.post(f"{PAGE}{layout.pk}/delete/")
    assert not ImportProfile.objects.exists()


def test_a_number_too_large_for_any_layout_is_not_there(admin):
    assert admin.get(f"{PAGE}{10**30}/").status_code == 404


@pytest.mark.parametrize("layouts", [1, 30])
def test_the_list_asks_the_same_of_one_layout_as_of_thirty(
    admin, django_assert_num_queries, layouts
):
    site = a_site()
    for number in range(layouts):
        layout = a_layout(f"Layout {number}", f"layout-{number}")
        WatchedFolder.objects.create(
            name=f"Drop {number}", folder="/x", site=site, format=layout.slug
        )
    # Session, user, scope; folders; layouts counted and shown.
    with django_assert_num_queries(5):
        assert admin.get(PAGE).status_code == 200


@pytest.mark.parametrize("imports", [1, 5])
def test_the_page_asks_the_same_of_one_import_as_of_five(admin, django_assert_num_queries, imports):
    layout, site = a_layout(), a_site()
    for _ in range(imports):
        an_import(site)
    # Session, user, scope; layout, folders, sites; imports and their files.
    with django_assert_num_queries(7):
        assert admin.get(f"{PAGE}{layout.pk}/").status_code == 200
