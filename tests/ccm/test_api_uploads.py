"""Files sent by a program: taken as the page takes them, as far as the token's user may."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ccm.models import ApiToken, Call, ImportBatch, ImportProfile
from tests.builders import a_site, a_user
from tests.logs import DATA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]

ADDRESS = "/api/v1/imports/"


def a_token(role: str, site, scopes=(ApiToken.IMPORT,)) -> str:
    _token, words = ApiToken.issue(
        name="nightly", user=a_user(role, site), scopes=list(scopes),
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    return words


def sent(words: str, **said):
    headers = {"Authorization": f"Bearer {words}"}
    return Client().post(ADDRESS, said, headers=headers)


def a_log(name: str = "queue_log") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, (DATA / name).read_bytes())


def test_a_file_is_taken_and_its_statement_found_at_its_address():
    site = a_site("York")
    words = a_token("manager", site)
    answer = sent(words, file=a_log(), site=site.slug, all_or_nothing="true")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["state"], told["read"]) == ("queued", 0)
    again = Client().get(told["url"], headers={"Authorization": f"Bearer {words}"})
    assert again.json() == told
    batch = ImportBatch.objects.get(pk=told["id"])
    assert (batch.site, batch.format) == (site, "auto")
    assert (batch.all_or_nothing, batch.dry_run) == (True, False)


def test_a_saved_layout_is_meant_by_its_name():
    site = a_site()
    saved = ImportProfile.objects.create(name="Our switch", slug="our-switch", mapping={})
    answer = sent(a_token("manager", site), file=a_log(), site=site.slug, profile="Our switch")
    assert answer.status_code == 202
    assert ImportBatch.objects.get().profile == saved


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"site": "elsewhere"}, "/site"),
        ({"format": "no_such"}, "/file"),
        ({"format": "mapped"}, "/format"),
        ({"profile": "unheard of"}, "/profile"),
        ({"zone": "Mars/Olympus"}, "/zone"),
        ({"date_order": "ymd"}, "/date_order"),
        ({"queue": "q" * 121}, "/queue"),
        ({"file": ""}, "/file"),
        ({"site": "a\0b"}, "/site"),
        ({"profile": "a\0b"}, "/profile"),
    ],
)
def test_what_is_wrong_is_pointed_at_and_nothing_is_kept(said, pointer):
    site = a_site()
    asked = {"file": a_log(), "site": site.slug} | said
    answer = sent(a_token("manager", site), **asked)
    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert not ImportBatch.objects.exists()
    assert not Call.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("manager", 202), ("supervisor", 404)])
def test_a_token_may_what_its_user_may(role, status):
    site = a_site()
    assert sent(a_token(role, site), file=a_log(), site=site.slug).status_code == status


def test_a_token_without_the_scope_and_one_of_another_site_are_refused():
    site, other = a_site(), a_site()
    reading = a_token("manager", site, scopes=[ApiToken.READ])
    assert sent(reading, file=a_log(), site=site.slug).status_code == 403
    assert sent(a_token("manager", other), file=a_log(), site=site.slug).status_code == 400
    told = sent(a_token("manager", site), file=a_log(), site=site.slug).json()
    stranger = {"Authorization": f"Bearer {a_token('manager', other)}"}
    assert Client().get(told["url"], headers=stranger).status_code == 404
