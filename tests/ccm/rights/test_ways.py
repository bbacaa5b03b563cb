"""What leads to closed addresses is taken from a page, and nothing else of it is touched."""

import pytest

from ccm.rights.ways import without


def is_closed(to, method):
    return to.startswith("/shut/") or (to == "/half/" and method == "POST")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        # A link becomes its words; one that looks like a button goes.
        ('<p><a href="/shut/1/">Ann <b>B</b></a> x</p>', "<p>Ann <b>B</b> x</p>"),
        ('<p><a class="btn btn-plain" href="/shut/1/">New</a></p>', "<p></p>"),
        ("<a class=link href='/shut/1/'>Ann</a>", "Ann"),
        ('<a href="/open/">A</a><a href="/shut/">B</a>', '<a href="/open/">A</a>B'),
        # A form goes with all that is in it, and so does a button of it elsewhere.
        ('<form method="post" action="/half/"><button>Go</button></form>.', "."),
        (
            '<button form="f">Go</button><form id="f" action="/shut/"></form>'
            '<button form="g">On</button>',
            '<button form="g">On</button>',
        ),
        ('<form action="/half/"><input></form>', '<form action="/half/"><input></form>'),
        ('<form><button formaction="/half/">a</button><button>b</button></form>',
         "<form><button>b</button></form>"),
        ('<audio src="/shut/a"><p>x</p></audio>!', "!"),
        # Of what else asks for it the attribute goes.
        ('<tr hx-get="/shut/" class="a"><td>1</td></tr>', '<tr class="a"><td>1</td></tr>'),
        ('<div data-url="/shut/">1</div>', "<div>1</div>"),
        ('<div data-words="/shut is not an address"></div>', '<div data-words="/shut is not an'
         ' address"></div>'),
        ('<a href="/shut/?a=1&amp;b=2">x</a>', "x"),
        # What only looks like it stays.
        ('<script>var a = "<a href=\\"/shut/\\">";</script><i>', '<script>var a = "<a href=\\"'
         '/shut/\\">";</script><i>'),
        ("<!-- <a href='/shut/'>x</a> -->", "<!-- <a href='/shut/'>x</a> -->"),
        ('<p title="a > b"><a href="/open/">x</a></p>', '<p title="a > b"><a href="/open/">x</a>'
         "</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_ways(page, expected):
    assert without(page, is_closed) == expected


def test_a_form_without_an_address_leads_to_its_own_page():
    page = '<form method="post"><input></form>'
    assert without(page, lambda to, how: (to, how) == ("", "POST")) == ""
    assert without(page, is_closed) == page
