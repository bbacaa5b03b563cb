"""The log of the web process as it is run, at its most talkative, beside a suggestion of nobody."""

import re
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from django.test import Client

from coaching.models import Suggestion
from tests.builders import a_site, a_user, an_agent
from tests.program import Web

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(tmp_path, monkeypatch):
    monkeypatch.setenv("CCM_LOG_LEVEL", "DEBUG")
    web = Web(tmp_path / "web.log")
    try:
        web.wait()
        yield web
    finally:
        web.stop()


def test_what_the_program_writes_tells_nothing_of_the_post(web):
    user = a_user("agent", name="wanda-the-whistle")
    an_agent(a_site(), user=user)
    client = Client()
    client.force_login(user)
    browser = build_opener(HTTPCookieProcessor())
    signed_in = f"sessionid={client.cookies['sessionid'].value}"

    def ask(path, **sent):
        body = urlencode(sent).encode() if sent else None
        cookie = signed_in if not sent else f"{signed_in}; csrftoken={sent['csrf']}"
        headers = {"Cookie": cookie, "Referer": f"{web.address}{path}"}
        with browser.open(Request(f"{web.address}{path}", body, headers)) as answer:
            return answer.read().decode(), answer.headers.get_all("Set-Cookie", [])

    page, cookies = ask("/coaching/suggestions/new/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    (secret,) = [one for cookie in cookies for one in re.findall(r"csrftoken=(\w+)", cookie)]
    said = {"title": "Two screens", "words": "", "name": "nameless", "csrfmiddlewaretoken": token}
    page, _cookies = ask("/coaching/suggestions/new/", csrf=secret, **said)
    assert "It is in the box" in page
    ask("/coaching/suggestions/")
    ask("/coaching/recognition/")
    assert Suggestion.objects.get().is_anonymous
    log = web.log.read_text()
    assert "path=/coaching/recognition/" in log
    assert "suggestions" not in log
    assert "wanda" not in log
    assert "POST" not in log
