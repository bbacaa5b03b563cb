"""Pages are found by their words, the best first, marked where."""

import pytest

from coaching.library import finding
from coaching.library.reads import Asked
from coaching.models import LibraryPage, LibraryVersion
from tests import plans
from tests.builders import NINE, a_site, a_user
from tests.coaching.library.builders import a_page, a_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return a_user("admin")


def titles(user, text, **asked):
    found = finding.found(user, Asked(text=text, **asked), NINE)
    return [hit.version.title for hit in found.hits]


def test_a_word_of_the_title_counts_more_than_one_of_the_why_and_that_more_than_one_of_the_text(
    admin,
):
    a_page(title="C", body="All about a router and more words than it needs to say so.")
    a_page(title="B", why="The router was returned too often.")
    a_page(title="The router")
    a_page(title="Else")
    assert titles(admin, "router") == ["The router", "B", "C"]


def test_words_are_found_by_their_stems_phrases_by_quotes_and_left_out_by_a_minus(admin):
    a_page(title="One", body="Refunding customers takes two days.")
    a_page(title="Two", body="Customers who ask for a refund within days.")
    assert sorted(titles(admin, "refunds")) == ["One", "Two"]
    assert titles(admin, '"two days"') == ["One"]
    assert titles(admin, "refund -within") == ["One"]
    assert titles(admin, "refund -customer") == []
    assert sorted(titles(admin, "two or within")) == ["One", "Two"]


ASKED = {
    '"tell it again"': ["Tell"],
    "“TELL IT again”": ["Tell"],
    '"to be or not to be"': ["Be"],
    '"the amount"': ["Bill"],
    'amount -"the amount"': ["Sum"],
    '"tell it again" or amounts': ["Bill", "Sum", "Tell"],
    'the "tell it"': ["Tell"],
    'amount "tell it again"': [],
    '"two day"': [],
    '"two days"': ["Sum"],
    "two day": ["Sum"],
    '"why it rings"': ["Bill"],
}
"""Which of the pages below have it, by hand: words by their stems, phrases as written."""


def test_phrases_are_found_as_they_are_written_stop_words_and_all(admin):
    a_page(title="Tell", body="Nobody has to tell it again. Tell them what it is.")
    a_page(title="Be", body="To be, or not to be.")
    a_page(title="Bill", body="Read out the amount.", why="Nobody knew why it rings.")
    a_page(title="Sum", body="Another amount, within two days.")
    assert {text: sorted(titles(admin, text)) for text in ASKED} == ASKED
    # A phrase of stop words alone is found by its index, too.
    versions = LibraryVersion.objects.filter(is_current=True).order_by()
    found = versions.filter(finding.WORDS.says('"to be or not"'))
    assert plans.is_served_by(found, "library_phrases")


def test_a_phrase_is_marked_as_a_whole_where_it_stands(admin):
    long = "It is so and it is not so. " * 40
    a_page(title="Tell it again", why="Callers dislike to tell it again.", body=long)
    a_page(title="Late", body=f"{long} Do not have them tell it again for the router. {long}")
    first, second = finding.found(admin, Asked(text='"tell it again"'), NINE).hits
    assert first.title == "<mark>Tell it again</mark>"
    assert "Callers dislike to <mark>tell it again</mark>" in first.excerpt
    assert "have them <mark>tell it again</mark> for" in second.excerpt
    assert second.excerpt.count("<mark>") == 1
    (both,) = finding.found(admin, Asked(text='"tell it again" routers'), NINE).hits
    assert "<mark>tell it again</mark> for the <mark>router</mark>" in both.excerpt


def test_of_a_phrase_or_words_each_page_is_shown_where_it_has_one_of_them(admin):
    long = "It is so and it is not so. " * 40
    a_page(title="One", body=f"{long} Never tell it again. {long}")
    a_page(title="Two", body=f"{long} It is the router. {long}")
    hits = finding.found(admin, Asked(text='"tell it again" OR router'), NINE).hits
    told = {hit.version.title: hit.excerpt for hit in hits}
    assert "Never <mark>tell it again</mark>" in told["One"]
    assert "<mark>router</mark>" in told["Two"]
    assert max(map(len, told.values())) < 500


def test_where_no_page_has_all_words_those_with_some_are_found_and_it_says_so(admin):
    a_page(title="Modem", body="It blinks.")
    a_page(title="Bill", body="It is late.")
    found = finding.found(admin, Asked(text="modem zebra"), NINE)
    assert ([hit.version.title for hit in found.hits], found.is_any) == (["Modem"], True)
    nothing = finding.found(admin, Asked(text="zebra giraffe"), NINE)
    assert (nothing.hits, nothing.many, nothing.is_any) == ([], 0, False)


@pytest.mark.parametrize("text", ["", "the", "'", '"', "-", ":*", "a & | ! (b", "\\", "%", "<->"])
def test_whatever_is_asked_it_answers(admin, text):
    a_page()
    assert finding.found(admin, Asked(text=text), NINE).hits == []


def test_what_is_found_is_marked_and_nothing_of_it_is_html(admin):
    a_page(title="<b>Router</b>", body="Restart the router <script>alert(1)</script> & wait.")
    (hit,) = finding.found(admin, Asked(text="router"), NINE).hits
    assert "&lt;b&gt;<mark>Router</mark>&lt;/b&gt;" in hit.title
    assert "<mark>router</mark>" in hit.excerpt
    assert "<script" not in hit.excerpt


def test_of_what_the_why_alone_says_the_why_is_told(admin):
    a_page(title="One", why="A fine was paid once.", body="Nothing of it.")
    (hit,) = finding.found(admin, Asked(text="fine"), NINE).hits
    assert "<mark>fine</mark> was paid once" in hit.excerpt


def test_what_is_not_in_use_is_not_found(admin):
    page = a_page(title="Old words", body="zebra")
    a_version(page, 2, body="giraffe")
    a_version(page, 3, published=False, body="hyena")
    a_page(title="Draft", body="zebra", published=False)
    a_page(title="Gone", body="zebra", retired_at=NINE)
    assert titles(admin, "zebra") == []
    assert titles(admin, "giraffe") == ["Refunds"]
    assert titles(admin, "hyena") == []
    assert titles(admin, "zebra", state="withdrawn") == ["Gone"]


@pytest.mark.parametrize("role", ["agent", "trainer", "manager", "planner"])
def test_nobody_finds_what_they_may_not_read(role):
    site, other = a_site(), a_site()
    for where, title in ((site, "Own"), (other, "Far"), (None, "All")):
        a_page(where, title=title, body="zebra")
    user = a_user(role, site)
    if role == "agent":
        from tests.builders import an_agent

        an_agent(site, user=user)
    assert sorted(titles(user, "zebra")) == ["All", "Own"]
    assert titles(user, "zebra", site=site.slug) == ["Own"]
    assert titles(user, "zebra", site="all") == ["All"]
    assert titles(a_user("", site), "zebra") == []


def test_they_come_by_twenty(admin):
    for number in range(45):
        a_page(title=f"Zebra {number}")
    pages = [finding.found(admin, Asked(text="zebra"), NINE, page) for page in (0, 1, 2, 3, 99)]
    assert [len(one.hits) for one in pages] == [20, 20, 20, 5, 5]
    assert [(one.before, one.after) for one in pages[1:4]] == [(None, 2), (1, 3), (2, None)]
    seen = {hit.version.title for one in pages[1:4] for hit in one.hits}
    assert len(seen) == pages[0].many == 45


@pytest.mark.parametrize("many", [1, 20])
def test_one_is_found_by_as_many_questions_as_twenty(admin, django_assert_max_num_queries, many):
    for _ in range(many):
        a_page(title="Zebra")
    assert LibraryPage.objects.count() == many
    admin = type(admin).objects.get(pk=admin.pk)
    with django_assert_max_num_queries(4):  # scope, how many, which, what they say
        assert len(finding.found(admin, Asked(text="zebra"), NINE).hits) == many
