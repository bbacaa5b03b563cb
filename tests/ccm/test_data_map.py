"""The data map: nothing held is passed over, and the document is the one that the models make."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from ccm import personal
from ccm.models import Call, Site
from ccm.personal import data_map
from tests.builders import a_user

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "data-map.md"


def test_the_document_is_the_one_the_models_make():
    """When this fails: `python manage.py data_map`, and read what changed."""
    with translation.override("en"):
        assert DOCUMENT.read_text(encoding="utf-8") == data_map.render()


def test_of_every_model_and_every_column_that_may_hold_anything_it_is_said_of_whom_it_tells():
    """When this fails: say it in the app's `columns_held.py` (`ccm/personal/columns.py`)."""
    assert data_map.unsaid() == []


def test_a_column_that_nothing_is_said_of_is_missed(monkeypatch):
    told = next(one for one in personal.told() if "ccm.call" in one.kept)
    said = told.kept["ccm.call"]
    less = said.callers.replace("caller_masked ", "")
    kept = {**told.kept, "ccm.call": personal.Kept(said.lasts, less, said.staff, said.plain)}
    kept.pop("ccm.queue")
    monkeypatch.setattr(told, "kept", kept)
    assert data_map.unsaid() == ["ccm.queue", "ccm.call.caller_masked"]


def test_what_may_hold_anything_is_text_that_is_no_choice_and_values_with_parts():
    found = set(data_map.texts(Call))
    assert {"caller_masked", "extra", "noted"} <= found
    assert not found & {"outcome", "channel", "talk_ms", "offered_at"}
    assert "opening" in set(data_map.texts(Site))


def test_a_call_is_of_its_caller_and_of_who_took_it():
    (call,) = (one for one in data_map.entries() if one.model is Call)
    assert [str(words) for words in call.whom] == ["callers", "people who work here"]
    assert call.leads_to == ("agent",)
    assert "caller_hash" in call.callers
    assert "agent_name" in call.staff


def test_of_every_table_it_is_said_what_for():
    unsaid = [
        one.table
        for one in data_map.entries()
        if not one.words.removeprefix(str(one.model._meta.verbose_name)).strip(": ")
    ]
    assert unsaid == []


def test_what_a_model_says_of_itself_is_its_first_sentence_without_what_tells_who_reads_the_code():
    class Plain:
        """An `id` of one (`ccm.models`). And more of it."""

    class Bare:
        """Bare(id, name)"""

    assert data_map.said_of(Plain) == "an id of one"
    assert data_map.said_of(Bare) == ""


@pytest.mark.django_db
def test_the_page_is_narrowed_by_words_and_by_whom():
    client = Client()
    client.force_login(a_user("admin"))

    def tables(**asked):
        groups = client.get(reverse("data_map"), asked).context["groups"]
        return {one.table for _app, entries in groups for one in entries}

    everything = tables()
    assert "ccm_call" in tables(q="caller_hash") <= everything
    assert tables(q="CALLER_HASH  ccm_call") == {"ccm_call"} & tables(q="caller_hash")
    assert "ccm_agent" in tables(whom="staff") < everything
    assert "ccm_agent" not in tables(whom="callers") < everything
    assert tables(q="no-such-word") == set()
    assert tables(whom="strange") == everything
    shown = client.get(reverse("data_map"), {"q": "no-such-word"}).content.decode()
    assert "Nothing that tells of people has these words" in shown
    assert client.get(reverse("data_map"), {"q": "<b>" * 500}).status_code == 200


@pytest.mark.django_db
def test_the_page_names_every_table():
    client = Client()
    client.force_login(a_user("admin"))
    shown = client.get(reverse("data_map")).content.decode()
    tables = [one.table for one in data_map.entries()]
    assert len(tables) > 150
    assert [table for table in tables if table not in shown] == []
