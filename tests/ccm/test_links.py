"""Links from calls to other systems."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm import links
from ccm.models import LinkTemplate
from tests.builders import a_call, a_queue, a_site, a_user, an_agent

CRM = "https://crm.example/calls/{external_id}?account={extra.account}"


@pytest.mark.parametrize(
    "template",
    [
        CRM,
        "https://crm.example:8443/{queue}/{linked_id}#{call_id}",
        "https://x.example/{extra.a-b}",
    ],
)
def test_an_https_address_with_names_in_braces_is_right(template):
    assert links.fault(template) == ""


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("http://crm.example/{external_id}", "begins with https"),
        ("javascript:alert({external_id})", "begins with https"),
        ("https:///{external_id}", "name of a host"),
        ("https://{queue}.example/", "host is fixed"),
        ("https://user:{queue}@crm.example/", "host is fixed"),
        ("https://a@crm.example/{queue}", "host is fixed"),
        ("https://crm.example/", "names nothing"),
        # The record has no number of a caller, only its hash.
        ("https://crm.example/{caller}", "There is no {caller}"),
        ("https://crm.example/{caller_masked}", "Known are: {call_id}"),
        ("https://crm.example/{}", "There is no {}"),
        ("https://crm.example/{queue", "brace is not closed"),
        ("https://crm.example/{{queue}}", "brace is not closed"),
        ("https://crm.example/a b/{queue}", "no spaces"),
        ("https://crm.example\\@evil.example/{queue}", "backslashes"),
        ("https://crm.example:port/{queue}", "no address"),
        ("https://[crm/{queue}", "no address"),
        ("https://crm.example/{queue}" + "x" * 500, "At most 500"),
    ],
)
def test_any_other_is_refused_with_the_reason(template, words):
    assert words in links.fault(template)


def test_a_call_that_lacks_something_has_no_link():
    assert links.filled(CRM, {"external_id": "a/b?c", "extra.account": "7 & 8"}) == (
        "https://crm.example/calls/a%2Fb%3Fc?account=7%20%26%208"
    )
    assert links.filled(CRM, {"external_id": "a"}) is None
    assert links.filled(CRM, {"external_id": "..", "extra.account": "1"}) is None


@pytest.mark.django_db
def test_a_link_goes_to_the_callers_account_or_key(client):
    site = a_site()
    LinkTemplate.objects.create(name="Account", template="https://crm.example/a/{account}")
    LinkTemplate.objects.create(name="Caller", template="https://crm.example/c/{caller_hash}")
    queue = a_queue(site)
    known = a_call(queue, extra={"account": "K 7"}, caller_hash="0f" * 16)
    unknown = a_call(queue)
    client.force_login(a_user("admin"))
    page = client.get(f"/calls/{known.pk}/").content.decode()
    assert "https://crm.example/a/K%207" in page
    assert "https://crm.example/c/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f" in page
    assert "crm.example" not in client.get(f"/calls/{unknown.pk}/").content.decode()


@given(st.text(min_size=1))
def test_no_value_leads_anywhere_else(value):
    address = links.filled(
        "https://crm.example/calls/{queue}/x", {"queue": value.encode("utf-8", "replace").decode()}
    )
    if address is not None:
        parts = urlsplit(address)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == (
            "https",
            "crm.example",
            "",
            "",
        )
        assert parts.path.split("/")[1::2] == ["calls", "x"]


@pytest.mark.django_db
def test_an_admin_makes_a_link_and_calls_of_the_site_show_it(client):
    site, admin = a_site(), a_user("admin")
    queue = a_queue(site)
    call = a_call(queue, external_id="a/1", extra={"account": "<7>"}, agent=an_agent(site))
    without, elsewhere = a_call(queue), a_call(a_queue(), external_id="a/2", extra={"account": "7"})
    client.force_login(admin)
    page = client.post("/links/", {"name": "CRM", "template": "http://x/{queue}", "site": site.pk})
    assert "It begins with https://" in page.content.decode()
    assert (
        client.post("/links/", {"name": "CRM", "template": CRM, "site": site.pk}).status_code == 302
    )
    link = (
        '<a href="https://crm.example/calls/a%2F1?account=%3C7%3E" target="_blank"'
        ' rel="noopener noreferrer">CRM</a>'
    )
    assert link in client.get(f"/calls/{call.pk}/").content.decode()
    for other in (without, elsewhere):
        assert "crm.example" not in client.get(f"/calls/{other.pk}/").content.decode()
    made = LinkTemplate.objects.get()
    assert client.post(f"/links/{made.pk}/delete/").status_code == 302
    assert "crm.example" not in client.get(f"/calls/{call.pk}/").content.decode()


# The page


OTHER = "https://crm.example/accounts/{account}"


@pytest.fixture
def admin(client, db):
    client.force_login(a_user("admin"))
    return client


def sent(client, name, template, site="", pk=None):
    """What the page says to a link: the words of its message, or of its errors."""
    path = f"/links/{pk}/" if pk else "/links/"
    said = {"name": name, "template": template, "site": getattr(site, "pk", "")}
    page = client.post(path, said, follow=True)
    if page.redirect_chain:
        return [str(one) for one in page.context["messages"]]
    return [words for errors in page.context["form"].errors.values() for words in errors]


def test_a_link_is_changed_and_calls_show_the_new_one(admin):
    site = a_site(name="Leeds")
    call = a_call(a_queue(site), external_id="a1")
    assert sent(admin, "CRM", "https://crm.example/{external_id}") == ["CRM is added."]
    made = LinkTemplate.objects.get()
    form = admin.get(f"/links/{made.pk}/").content.decode()
    assert "Change CRM" in form
    assert 'value="https://crm.example/{external_id}"' in form
    moved = "https://new.example/{external_id}"
    assert sent(admin, "Customers", moved, site, made.pk) == ["Customers is changed."]
    page = admin.get(f"/calls/{call.pk}/").content.decode()
    assert ">Customers</a>" in page
    assert "https://new.example/a1" in page
    assert "https://crm.example/" not in page
    assert LinkTemplate.objects.get().site == site
    # Sent again as it is: it is no double of itself.
    assert sent(admin, "Customers", moved, site, made.pk) == ["Customers is changed."]


def test_a_changed_link_is_looked_at_as_a_new_one_is(admin):
    made = LinkTemplate.objects.create(name="CRM", template=CRM)
    assert sent(admin, "CRM", "http://crm.example/{queue}", pk=made.pk) == [
        "It begins with https:// and the name of a host."
    ]
    assert sent(admin, "", "", pk=made.pk) == ["This field is required."] * 2
    made.refresh_from_db()
    assert (made.name, made.template) == ("CRM", CRM)


def test_a_name_or_an_address_that_a_call_would_show_twice_is_refused_in_words(admin):
    leeds, york = a_site(name="Leeds"), a_site(name="York")
    assert sent(admin, "CRM", CRM, leeds) == ["CRM is added."]
    assert sent(admin, " crm ", OTHER, leeds) == ["There is a link named CRM already: Leeds."]
    assert sent(admin, "Accounts", CRM, leeds) == ["CRM leads there already: Leeds."]
    # Of all sites: calls of Leeds would show both.
    assert sent(admin, "Crm", CRM) == [
        "There is a link named CRM already: Leeds.", "CRM leads there already: Leeds.",
    ]  # fmt: skip
    # No call is of two sites.
    assert sent(admin, "CRM", CRM, york) == ["CRM is added."]
    assert sent(admin, "Accounts", OTHER) == ["Accounts is added."]
    assert sent(admin, "ACCOUNTS", "https://x.example/{queue}", york) == [
        "There is a link named Accounts already: all sites."
    ]
    [accounts] = LinkTemplate.objects.filter(name="Accounts")
    assert sent(admin, "CRM", OTHER, york, accounts.pk) == [
        "There is a link named CRM already: York."
    ]
    assert LinkTemplate.objects.count() == 3


def test_a_link_that_is_gone_is_not_changed(admin):
    made = LinkTemplate.objects.create(name="CRM", template=CRM)
    removed = admin.post(f"/links/{made.pk}/delete/", follow=True)
    assert [str(one) for one in removed.context["messages"]] == ["CRM is removed."]
    assert admin.get(f"/links/{made.pk}/").status_code == 404
    assert admin.post(f"/links/{made.pk}/", {}).status_code == 404
    assert admin.post(f"/links/{made.pk}/delete/").status_code == 404


@pytest.mark.django_db
def test_before_a_link_goes_the_page_asks(client):
    client.force_login(a_user("admin"))
    made = LinkTemplate.objects.create(name="CRM", template=CRM)
    page = client.get(f"/links/{made.pk}/delete/").content.decode()
    assert "Remove CRM?" in page
    assert "No call shows it any more: all sites." in page
    assert LinkTemplate.objects.exists()


@pytest.mark.django_db
def test_the_case_of_a_host_makes_no_other_place(client):
    client.force_login(a_user("admin"))
    LinkTemplate.objects.create(name="CRM", template=CRM)
    again = {"name": "Accounts", "template": CRM.replace("crm.example", "CRM.Example"), "site": ""}
    assert "CRM leads there already: all sites." in client.post("/links/", again).content.decode()
    # Of the path the case tells.
    again["template"] = CRM.replace("/calls/", "/Calls/")
    assert client.post("/links/", again).status_code == 302
