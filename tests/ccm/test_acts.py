"""No write of a signed-in person is without an entry in the audit log."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse

from ccm import acts, audit
from ccm.models import AuditEntry, Site
from tests.builders import NINE, a_site, a_user

DID = AuditEntry.Action.DID


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ('INSERT INTO "ccm_site" ("name") VALUES (%s)', ["ccm_site"]),
        ('UPDATE "ccm_site" SET "name" = %s', ["ccm_site"]),
        ("DELETE FROM ccm_site WHERE id = 1", ["ccm_site"]),
        ("SELECT id FROM ccm_site FOR UPDATE", []),
        ("SELECT 'UPDATE ccm_site'", []),
        (
            "INSERT INTO ccm_team (id) SELECT 1 ON CONFLICT (id) DO UPDATE SET name = 'x'",
            ["ccm_team"],
        ),
        (
            "WITH one AS (SELECT 1 FROM ccm_team FOR UPDATE OF ccm_team), two AS (DELETE FROM"
            " ccm_queue RETURNING id) INSERT INTO ccm_site SELECT id FROM two",
            ["ccm_queue", "ccm_site"],
        ),
        ("WITH one AS (SELECT 1 FROM ccm_team FOR NO KEY UPDATE) SELECT 1", []),
    ],
)
def test_the_tables_that_a_statement_writes_to(statement, tables):
    assert acts.tables_of(statement) == tables


def posted(user, view):
    """What the log has after a form of this address was sent to a view that does this."""

    def answer(request: HttpRequest) -> HttpResponse:
        view()
        return HttpResponse()

    request = RequestFactory().post(reverse("link_edit", args=[7]))
    request.user = user
    acts.watched(answer)(request)
    return list(AuditEntry.objects.order_by("pk"))


def touch(site):
    Site.objects.filter(pk=site.pk).update(name=F("name"))


@pytest.mark.django_db(transaction=True)
class TestCommitted:
    def test_a_write_that_nobody_told_of_is_an_entry_of_its_own(self):
        user, site = a_user("admin"), a_site("Leeds")
        [entry] = posted(user, lambda: touch(site))
        assert (entry.who_id, entry.action, entry.model, entry.object_id) == (
            user.pk, DID, acts.MODEL, "link_edit",
        )  # fmt: skip
        assert entry.after == {"of": {"pk": "7"}, "rows": ["ccm.site"]}

    def test_it_commits_with_what_it_tells_of_and_not_later(self):
        user, site = a_user("admin"), a_site("Leeds")
        seen = []

        def view():
            with transaction.atomic():
                touch(site)
                transaction.on_commit(lambda: seen.append(AuditEntry.objects.count()))

        posted(user, view)
        assert seen == [1]

    def test_what_is_told_by_a_service_is_not_told_again(self):
        user, site = a_user("admin"), a_site("Leeds")

        def view():
            with transaction.atomic():
                touch(site)
                audit.record(user, site, before={"name": "a"}, after={"name": "b"}, now=NINE)
            touch(site)  # as a job that is queued once the change is there

        [entry] = posted(user, view)
        assert entry.action == AuditEntry.Action.CHANGED

    def test_what_is_taken_back_is_not_told(self):
        user, site = a_user("admin"), a_site("Leeds")

        def view():
            try:
                with transaction.atomic():
                    touch(site)
                    raise LookupError
            except LookupError:
                pass

        assert posted(user, view) == []

    def test_what_is_done_again_after_a_commit_that_failed_has_its_entry(self):
        user, site = a_user("admin"), a_site("Leeds")
        tries = []

        def view():
            for _try in range(2):
                try:
                    with transaction.atomic():
                        touch(site)
                        if not tries:
                            # Seen when it commits, not before.
                            with connection.cursor() as cursor:
                                cursor.execute(
                                    "INSERT INTO ccm_teammembership (agent_id, team_id,"
                                    " starts_on) VALUES (0, 0, '2026-01-01')"
                                )
                        tries.append(1)
                except IntegrityError:
                    tries.append("failed")

        [entry] = posted(user, view)
        assert tries == [1, "failed", 1]
        assert entry.after["rows"] == ["ccm.site"]

    def test_nobody_is_told_of_who_is_not_signed_in(self):
        from django.contrib.auth.models import AnonymousUser

        site = a_site("Leeds")
        assert posted(AnonymousUser(), lambda: touch(site)) == []

    def test_a_connection_that_closes_in_between_leaves_no_entry_of_what_is_lost(self):
        user, site = a_user("admin"), a_site("Leeds")

        def view():
            try:
                with transaction.atomic():
                    touch(site)
                    connection.close()
            except Exception:
                pass

        assert posted(user, view) == []
        assert Site.objects.count() == 1


@pytest.mark.django_db
def test_what_a_savepoint_takes_back_is_not_told():
    user, site = a_user("admin"), a_site("Leeds")

    def view():
        try:
            with transaction.atomic():
                touch(site)
                raise LookupError
        except LookupError:
            pass

    assert posted(user, view) == []


@pytest.mark.django_db
def test_what_is_nobodys_is_not_told(monkeypatch):
    user, site = a_user("admin"), a_site("Leeds")
    monkeypatch.setattr("ccm.unlogged.is_kept_out", lambda path: True)
    assert posted(user, lambda: touch(site)) == []


def test_a_word_of_an_address_that_may_be_a_secret_is_not_kept():
    assert acts._said(resolve(reverse("survey", args=["secret"]))) == {}
    kept = acts._said(resolve(reverse("name_rename", args=["agents", 7])))
    assert kept == {"kind": "agents", "pk": "7"}


@pytest.mark.django_db
def test_a_statement_that_finds_nothing_to_write_is_not_told():
    user = a_user("admin")
    assert posted(user, lambda: Site.objects.filter(pk=0).update(name="x")) == []


@pytest.mark.django_db
def test_the_page_says_which_rows_were_written_and_by_which_form(client):
    user, site = a_user("admin"), a_site("Leeds")
    posted(user, lambda: touch(site))
    client.force_login(user)
    page = client.get(reverse("audit")).content.decode()
    assert "Sites (link_edit)" in page
    assert "pk: 7" in page
    assert "Wrote: Sites" in page
