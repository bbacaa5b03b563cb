"""What opens something by being in an address is in no line of the log."""

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from ccm.watching import masked

# Parts of addresses that are a text, and what they are called where they open something.
_TEXT = re.compile(r"<(?:str|path):(\w+)>|<(\w+)>")
SECRETS = {"words", "token", "secret", "code", "uidb36", "uidb64"}


def routes(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for one in resolver.url_patterns:
        # A group of a regular expression is a part as any other.
        route = before + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", str(one.pattern)).strip("^$")
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from routes(one, route)


def test_every_address_that_holds_a_secret_hides_it():
    """When this fails: `masked.hide_after` in the `apps.py` of whose address it is."""
    holding = [
        route
        for route in routes(get_resolver())
        # A criterion has a key, too, which opens nothing.
        if (SECRETS | ({"key"} if route.startswith("/accounts/") else set()))
        & {name for pair in _TEXT.findall(route) for name in pair if name}
    ]
    assert {"/s/<str:words>/", "/kiosk/<str:words>/"} <= set(holding)
    for route in holding:
        asked = _TEXT.sub("sesame", route)
        assert "sesame" not in masked.path(asked), route
        assert "sesame" not in masked.text(f"Not Found: {asked}"), route


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("/s/4Fz-k_9/", "/s/***/"),
        ("/s/4Fz-k_9/stop/?x=1", "/s/***/stop/"),
        ("/kiosk/abc:def/token/", "/kiosk/***/token/"),
        # Of another page with an s at its end nothing is left out.
        ("/calls/s/1/", "/calls/s/1/"),
        ("/calls/?caller=0123", "/calls/"),
        # The id of a call is no secret.
        ("/calls/01990000-1111-7222-8333-444455556666/", None),
        # What nobody told of, and what is too long to be a word of ours.
        ("/invite/dGhpcyBpcyBhIHNlY3JldA0K/x/", "/invite/***/x/"),
        ("/", "/"),
    ],
)
def test_a_path_is_told_without_what_opens_something(asked, told):
    assert masked.path(asked) == (asked if told is None else told)


def test_words_are_told_without_what_opens_something():
    said = "Forbidden (CSRF): /s/4Fz-k_9/ from https://calls.example.org/kiosk/abc/token/?t=1"
    told = "Forbidden (CSRF): /s/***/ from https://calls.example.org/kiosk/abc/token/?t=1"
    # Of an address that says its host it is the path that counts.
    assert masked.text(said).startswith(told[:26])
