"""Markdown becomes HTML that is safe, words, and steps."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.library import text
from coaching.library.highlights import BEGIN, END, marked


def drawn(body: str, top: int = 2) -> str:
    return text.html(body, "Table", top)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Say **hello**", "<p>Say <strong>hello</strong></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("~~old~~", "<p><s>old</s></p>\n"),
        # HTML is shown as it was written.
        ("<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>\n"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>\n"),
        # A picture is a link at most.
        ("![pic](/x.png)", '<p>!<a href="/x.png">pic</a></p>\n'),
    ],
)
def test_markdown_is_drawn(body, expected):
    assert drawn(body) == expected


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///x",
        "//evil.example", "/\\evil.example", "/%5Cevil.example", "ftp://x.example", "calls/",
        "java\tscript:alert(1)", "&#106;avascript:alert(1)", "http:evil", "https:///evil",
    ],
)  # fmt: skip
def test_a_link_to_anywhere_else_stays_text(address):
    for body in (f"[x]({address})", f"<{address}>", f"[x][r]\n\n[r]: {address}"):
        assert "<a" not in drawn(body), body


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("https://example.com/a?b=1&c=2", "https://example.com/a?b=1&amp;c=2"),
        ("http://example.com", "http://example.com"),
        ("mailto:ann@example.com", "mailto:ann@example.com"),
        ("/calls/?site=leeds", "/calls/?site=leeds"),
        ("#no-sound", "#s-no-sound"),
        ('https://example.com/"><b>', "https://example.com/%22%3E%3Cb%3E"),
    ],
)
def test_a_link_to_where_it_may_lead_is_one(address, href):
    assert f'href="{href}"' in drawn(f"[x]({address})")
    is_elsewhere = address.startswith("http")
    assert ('rel="noopener noreferrer"' in drawn(f"[x]({address})")) == is_elsewhere


def test_the_highest_heading_stands_below_that_of_the_page_whatever_it_was_written_as():
    assert drawn("## A\n\n### B") == '<h2 id="s-a">A</h2>\n<h3 id="s-b">B</h3>\n'
    assert drawn("# A\n\n###### B", top=3) == '<h3 id="s-a">A</h3>\n<h4 id="s-b">B</h4>\n'


def test_a_table_can_be_scrolled_and_has_no_style_of_its_own():
    said = drawn("| a | b |\n|---|--:|\n| 1 | 2 |\n\nx\n\n| c |\n|:-:|\n| 3 |\n")
    assert 'role="region" aria-label="Table 1"><table>' in said
    assert 'aria-label="Table 2"' in said
    assert '<td data-align="right">2</td>' in said
    assert '<td data-align="center">3</td>' in said
    assert "style=" not in said


TREE = """# Start

Is there [sound](#sound) or [none](#no-sound)?

## Sound

[Back](#start)

## No sound?

Go to [the mixer](#mixer).

## Lonely
"""


def test_steps_lead_to_headings_and_what_leads_nowhere_is_known():
    found = text.outline(TREE)
    assert [(one.level, one.anchor) for one in found.headings] == [
        (1, "start"), (2, "sound"), (2, "no-sound"), (2, "lonely"),
    ]  # fmt: skip
    assert [(one.under, one.words, one.anchor) for one in found.steps] == [
        ("start", "sound", "sound"), ("start", "none", "no-sound"), ("sound", "Back", "start"),
        ("no-sound", "the mixer", "mixer"),
    ]  # fmt: skip
    assert [one.anchor for one in found.dead] == ["mixer"]
    assert [one.anchor for one in found.unreached] == ["lonely"]


def test_two_that_lead_to_each_other_alone_are_not_reached():
    body = "# Start\n\n## A\n\n[b](#b)\n\n## B\n\n[a](#a)\n"
    assert [one.anchor for one in text.outline(body).unreached] == ["a", "b"]


def test_headings_of_one_name_are_told_apart():
    anchors = [one.anchor for one in text.outline("# A\n\n# A\n\n# A").headings]
    assert anchors == ["a", "a-1", "a-2"]


def test_words_are_told_without_marks():
    body = "# Say *this*\n\nA [link](/x/) and `code`\non two lines.\n\n"
    body += "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```\n"
    assert text.plain(body).split("\n") == [
        "Say this", "A link and code on two lines.", "a", "b", "1", "2", "x = 1",
    ]  # fmt: skip


def test_a_text_is_kept_with_plain_ends_of_lines_and_without_controls():
    assert text.clean("\r\na  \r\n\tb\x02c\x00\r\n\r\n") == "a  \n\tbc"


TAG = re.compile(r"<(/?)([a-z0-9]+)((?: [a-z-]+=\"[^\"<>]*\")*) ?/?>")
KNOWN = {
    "p", "a", "em", "strong", "s", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "h2",
    "h3", "h4", "h5", "h6", "div", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
PIECES = st.sampled_from(
    ["[", "](", ")", "<", ">", '"', "'", "&", "#", "!", "`", "*", "_", "|", "-", "\n", " ", "x",
     "javascript:", "//", "/", "\\", "https://", "onerror=", "<script>", "\t", "~~", "&lt;", ":"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_whatever_is_written_there_are_known_elements_alone_and_safe_links(body):
    said = drawn(body)
    rest = TAG.sub("", said)
    assert "<" not in rest
    assert ">" not in rest
    for _end, name, attributes in TAG.findall(said):
        assert name in KNOWN
        for one in re.findall(r" ([a-z-]+)=\"([^\"]*)\"", attributes):
            assert one[0] in {
                "href", "id", "rel", "class", "title", "start", "tabindex", "role", "aria-label",
                "data-align",
            }  # fmt: skip
            if one[0] == "href" and one[1]:
                assert re.match(r"https?://[^/]|mailto:|/(?!/)|#", one[1], re.IGNORECASE)


def test_what_was_found_is_marked_and_all_else_escaped():
    assert marked(f"a <b> {BEGIN}x & y{END}") == "a &lt;b&gt; <mark>x &amp; y</mark>"
    assert marked(f"{END}a{BEGIN}b{BEGIN}c{END}{END}") == "ab<mark>c</mark>"


@given(st.text(alphabet=[BEGIN, END, "<", "a", '"', "&"], max_size=30))
def test_marks_are_in_pairs_whatever_the_text_holds(body):
    said = marked(body)
    assert said.count("<mark>") == said.count("</mark>")
    assert not set(said.replace("<mark>", "").replace("</mark>", "")) & set('<>"' + BEGIN + END)
