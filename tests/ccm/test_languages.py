"""Pages are in the reader's language where it is translated, and say which language they are in."""

import re
import struct
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import surveys
from ccm.languages import spoken
from tests.builders import a_call, a_queue, a_user


def a_catalogue(folder, language, words):
    """Compile these words, as msgfmt does: all originals, then all translations, sorted."""
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **words}.items())
    texts = [text.encode() for column in zip(*pairs, strict=True) for text in column]
    place = 28 + 8 * len(texts)
    table, data = b"", b""
    for text in texts:
        table += struct.pack("<II", len(text), place + len(data))
        data += text + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, place)
    target = folder / language / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    target.write_bytes(head + table + data)


@pytest.fixture
def link(db):
    call = a_call(a_queue())
    now = timezone.now()
    _made, words = surveys.invite(
        ["csat"], a_user("admin"), now + timedelta(days=1), now=now, site=call.site, call=call
    )
    return reverse("survey", args=[words])


def seen(path, language):
    page = Client(headers={"accept-language": language}).get(path)
    text = page.content.decode()
    lang = re.search(r'<html lang="([^"]+)"', text)[1]
    assert page["Content-Language"] == lang
    return lang, text


def test_a_language_is_spoken_once_its_catalogue_is_compiled(tmp_path):
    a_catalogue(tmp_path, "pt_BR", {})
    a_catalogue(tmp_path, "de", {})
    (tmp_path / "fr" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "fr" / "LC_MESSAGES" / "django.po").write_text("")
    assert spoken("en", [tmp_path, tmp_path / "none"]) == [
        ("en", "English"), ("de", "Deutsch"), ("pt-br", "Português Brasileiro"),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["de", "de-CH, fr;q=0.8", "en-GB", "tlh", "*", ""])
def test_a_page_that_is_not_translated_says_that_it_is_english(link, language):
    lang, text = seen(link, language)
    assert lang == "en"
    # Nor are days written as elsewhere.
    assert ">2 Mar 2026<" in text
    assert "How was it?" in text


def test_a_page_is_in_the_reader_s_language_where_that_is_translated(link, settings, tmp_path):
    german = {"How was it?": "Wie war es?", "not at all": "gar nicht"}
    a_catalogue(tmp_path, "de", german)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = spoken("en", [tmp_path])
    lang, text = seen(link, "de-CH, fr;q=0.8")
    assert lang == "de"
    for words in german.values():
        assert words in text
    assert "How was it?" not in text
    lang, text = seen(link, "fr")
    assert lang == "en"
    assert "How was it?" in text


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/s/guess/", "/accounts/login/"])
def test_every_page_says_what_language_it_is_in(path):
    assert seen(path, "de")[0] == "en"
