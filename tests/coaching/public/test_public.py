"""Pages of the library for anybody: off by default, nothing of the house but their words."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ccm import limits
from ccm.models import AuditEntry
from coaching.library import services as library
from coaching.models import PublicPage, PublicShelf
from coaching.public import services
from tests.builders import NINE, a_site, a_user
from tests.coaching.library.builders import a_page, a_version, current

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch):
    monkeypatch.setattr(limits, "too_often", lambda *_said: False)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def opened(site, *pages, is_indexed=False):
    admin = a_user("admin")
    services.switch(site, admin, NINE, is_on=True, is_indexed=is_indexed)
    for page in pages:
        services.flag(page, admin, NINE, is_public=True)


def url_of(site, page):
    return reverse("public_page", args=[site.slug, page.pk, PublicPage.objects.get(page=page).slug])


def shelf(site, **asked):
    return Client().get(reverse("public_shelf", args=[site.slug]), asked)


def test_nobody_reads_anything_before_the_shelf_is_open_and_the_page_is_public():
    site = a_site()
    page, other = a_page(site, "Refunds"), a_page(site, "Only for colleagues")
    services.flag(page, a_user("admin"), NINE, is_public=True)
    assert shelf(site).status_code == 404
    assert Client().get(url_of(site, page)).status_code == 404
    opened(site)
    said = shelf(site).content.decode()
    assert "Refunds" in said
    assert "Only for colleagues" not in said
    assert Client().get(url_of(site, page)).status_code == 200
    far = reverse("public_page", args=[site.slug, other.pk, "page"])
    assert Client().get(far).status_code == 404
    # Closed again it is there for nobody.
    services.switch(site, a_user("admin"), NINE, is_on=False, is_indexed=True)
    assert Client().get(url_of(site, page)).status_code == 404
    assert not PublicShelf.objects.get().is_indexed
    assert shelf(a_site()).status_code == 404
    assert Client().get("/help/nowhere/").status_code == 404


def test_what_is_public_is_what_was_published_last_while_it_is_in_use():
    site, elsewhere = a_site(), a_site()
    page, everywhere = a_page(site, "Refunds", body="Old words"), a_page(None, "Hours")
    draft = a_page(site, "Draft", published=False)
    opened(site, page, everywhere)
    opened(elsewhere)
    with pytest.raises(Exception, match="not in use"):
        services.flag(draft, a_user("admin"), NINE, is_public=True)
    a_version(page, 2, body="New words", title="Money back")
    a_version(page, 3, body="Secret draft", published=False)
    said = Client().get(url_of(site, page)).content.decode()
    assert "New words" in said
    assert "Money back" in said
    assert "Old words" not in said
    assert "Secret draft" not in said
    # A page of all sites is on each open shelf, one of a site on its own alone.
    assert "Hours" in shelf(elsewhere).content.decode()
    far = reverse("public_page", args=[elsewhere.slug, page.pk, "refunds"])
    assert Client().get(far).status_code == 404
    library.withdraw(page.pk, a_user("admin"), NINE)
    assert Client().get(url_of(site, page)).status_code == 404


def test_a_public_page_holds_nothing_of_the_house_and_is_kept_for_minutes():
    site = a_site("Leeds")
    page = a_page(site, why="Because Bob forgot", owner=a_user("manager", site, name="bobby"))
    opened(site, page)
    anybody = Client().get(url_of(site, page))
    manager = signed_in(a_user("manager", site, name="anne-of-leeds"))
    theirs = manager.get(url_of(site, page))
    for answer in (anybody, theirs):
        said = answer.content.decode()
        for word in ("Bob", "bobby", "anne-of-leeds", "coaching/", "csrf", "Sign out"):
            assert word not in said
        assert "max-age=300" in answer["Cache-Control"]
        assert "public" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert not answer.cookies
    again = Client().get(url_of(site, page), headers={"if-none-match": anybody["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    opened(site, is_indexed=True)
    assert Client().get(url_of(site, page))["X-Robots-Tag"] == "all"
    assert "noindex" not in Client().get(url_of(site, page)).content.decode()


def test_public_pages_are_searched_and_found_under_their_own_address():
    site = a_site()
    refunds = a_page(site, "Refunds", body="Money comes back within days", why="Bob forgot it")
    opened(site, refunds, a_page(site, "Opening hours", body="From nine"))
    said = shelf(site, q="moneys").content.decode()
    assert "Refunds" in said
    assert "Opening hours" not in said
    assert "Nothing is found" in shelf(site, q="zebra").content.decode()
    for text in ("%00", '"', "-", "<b>"):
        assert shelf(site, q=text).status_code == 200
    # Nor by the why, which nobody reads here.
    assert "Nothing is found" in shelf(site, q="forgot").content.decode()
    assert "Refunds" in shelf(site, q="refunds -forgot").content.decode()
    # Nor by a phrase of it, and one of what they read is found as it is written.
    assert "Nothing is found" in shelf(site, q='"bob forgot it"').content.decode()
    assert "Refunds" in shelf(site, q='refunds -"bob forgot it"').content.decode()
    said = shelf(site, q='"from nine"').content.decode()
    assert "Opening hours" in said
    assert "Refunds" not in said
    assert "Nothing is found" in shelf(site, q='"at nine"').content.decode()
    moved = Client().get(reverse("public_page", args=[site.slug, refunds.pk, "old-name"]))
    assert moved.url == url_of(site, refunds)


def test_who_manages_opens_the_shelf_and_who_writes_puts_pages_on_it():
    site = a_site()
    page = a_page(site)
    manager, trainer = (signed_in(a_user(role, site)) for role in ("manager", "trainer"))
    switch, flag = reverse("public_switch", args=[site.pk]), reverse("public_flag", args=[page.pk])
    assert trainer.post(switch, {"open": "on"}).status_code == 404
    manager.post(switch, {"open": "on"})
    manager.post(switch, {"open": "on"})
    for _ in range(2):
        trainer.post(flag, {"public": "1", "site": site.slug})
    assert PublicShelf.objects.get().is_on
    assert PublicPage.objects.get().slug == "refunds"
    assert "No longer public" in trainer.get(reverse("public_pages")).content.decode()
    manager.post(flag, {"public": "0"})
    assert not PublicPage.objects.exists()
    told = AuditEntry.objects.filter(model__startswith="coaching.public")
    assert sorted(told.values_list("model", "action")) == [
        ("coaching.publicpage", "created"), ("coaching.publicpage", "removed"),
        ("coaching.publicshelf", "created"),
    ]  # fmt: skip
    admin = signed_in(a_user("admin")).get(reverse("audit")).content.decode()
    assert "Public page: Refunds" in admin
    # A page of all sites is an admin's to make public.
    far = reverse("public_flag", args=[a_page(None).pk])
    assert manager.post(far, {"public": "1"}).status_code == 404
    said = manager.get(reverse("public_pages")).content.decode()
    assert "of all sites: an admin makes it public" in said
    # A button is called by the words that stand on it.
    assert 'aria-label="Make it public: Refunds"' in said
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicShelf.objects.update(is_on=False, is_indexed=True)


def test_a_page_asked_for_too_often_waits(monkeypatch):
    site = a_site()
    opened(site)
    monkeypatch.setattr(limits, "too_often", lambda *_said: True)
    answer = shelf(site)
    assert (answer.status_code, answer["Retry-After"]) == (429, str(limits.WINDOW_SECONDS))


@pytest.mark.parametrize("many", [1, 20])
def test_the_shelf_asks_the_same_of_one_page_as_of_twenty(django_assert_num_queries, many):
    site = a_site()
    opened(site, *(a_page(site, f"Page {number}") for number in range(many)))
    assert current(PublicPage.objects.first().page).number == 1
    # Its shelf, the pages, what their addresses name them.
    with django_assert_num_queries(3):
        shelf(site)
    url = url_of(site, PublicPage.objects.first().page)
    with django_assert_num_queries(3):
        Client().get(url)


def test_who_mends_a_public_page_is_told_that_it_is(django_assert_max_num_queries):
    site = a_site()
    page = a_page(site, "Refunds")
    a_version(page, 2, published=False)
    client = signed_in(a_user("trainer", site))
    urls = [reverse(name, args=[page.pk]) for name in ("library_page", "library_draft")]
    services.flag(page, a_user("admin"), NINE, is_public=True)
    for url in urls:  # the shelf is closed
        assert "This page is public" not in client.get(url).content.decode()
    opened(site)
    for url in urls:
        with django_assert_max_num_queries(12):
            said = client.get(url).content.decode()
        assert "This page is public" in said
        assert reverse("public_shelf", args=[site.slug]) in said
    reader = signed_in(a_user("qa_analyst", site)).get(urls[0])
    assert "This page is public" not in reader.content.decode()
