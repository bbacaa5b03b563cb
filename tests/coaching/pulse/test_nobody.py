"""An answer is nobody's: no user, no moment, no order, and nothing of what else they answered."""

import logging
from datetime import timedelta

import pytest
import structlog
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from ccm import unlogged
from ccm.models import AuditEntry, BrowserSession, User
from coaching import pulse
from coaching.models import PulseAnswer, PulseTurn
from coaching.pulse import mixing, reads, services
from coaching.pulse.marks import mark
from coaching.tasks import mix_pulses
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.pulse.builders import a_pulse
from tests.coaching.suggestions import kept

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# An id and a name that nothing else has, to look for in what is kept.
NUMBER, NAME = 918_273_645, "wanda-the-whistle"
SAID = {"q1": "3", "q2": "2", "q3": "A second pause"}


@pytest.fixture(autouse=True)
def nine():
    with time_machine.travel(NINE, tick=False):
        yield


@pytest.fixture
def survey():
    site = a_site()
    user = User.objects.create_user(NAME, id=NUMBER, email=f"{NAME}@example.com")
    user.groups.add(Group.objects.get(name="agent"))
    a_team(site, None, an_agent(site, "Wanda", user=user), *(an_agent(site) for _ in range(5)))
    return a_pulse(site)


@pytest.fixture
def wanda(survey):
    client = Client()
    client.force_login(User.objects.get(pk=NUMBER))
    return client


def url(survey):
    return reverse("pulse_answer", args=[survey.pk])


def names_her(text):
    return any(one in text for one in (NAME, str(NUMBER), "Wanda"))


def test_after_it_no_table_holds_who_answered(wanda, survey):
    before, counted = kept.rows(), kept.counters()
    sessions = [*BrowserSession.objects.values_list()]
    answer = wanda.post(url(survey), SAID)
    assert answer.url == reverse("pulse_kept")
    assert wanda.get(answer.url).status_code == 200
    new = kept.came(before, kept.rows())
    assert set(new) == {"public.coaching_pulseanswer", "public.coaching_pulseturn"}
    assert kept.gone(before, kept.rows()) == {}
    assert kept.counters() == counted
    assert not any(names_her(row) for rows in new.values() for row in rows)
    # Each answer stands alone: nothing joins it to the others, or to the mark.
    assert {field.name for field in PulseAnswer._meta.concrete_fields} == {
        "id", "question", "score", "words",
    }  # fmt: skip
    assert {field.name for field in PulseTurn._meta.concrete_fields} == {"id", "survey", "mark"}
    assert len(new["public.coaching_pulseanswer"]) == 3
    assert len(new["public.coaching_pulseturn"]) == 1
    assert not AuditEntry.objects.exists()
    assert sessions == [*BrowserSession.objects.values_list()]


def test_a_mark_tells_of_nobody_without_the_key_and_differs_by_survey(survey):
    mine = mark(survey.pk, NUMBER)
    assert len(mine) == 64
    assert mine == mark(survey.pk, NUMBER)
    assert mine not in (mark(survey.pk, NUMBER + 1), mark(survey.pk + 1, NUMBER))
    with override_settings(SECRET_KEY="another key of the same length, made up"):
        assert mine != mark(survey.pk, NUMBER)


def test_nobody_answers_twice(wanda, survey):
    wanda.post(url(survey), SAID)
    again = wanda.post(url(survey), SAID | {"q1": "9"})
    assert again.url == reverse("pulse_kept")
    # Nor where two posts come at once, after the page has looked.
    services.answer(survey.pk, mark(survey.pk, NUMBER), {1: 9, 2: 1}, NINE)
    assert sorted(PulseAnswer.objects.values_list("score", flat=True).exclude(score=None)) == [2, 3]
    assert PulseTurn.objects.count() == 1
    assert not reads.to_answer(User.objects.get(pk=NUMBER), NINE)


def test_no_line_of_any_log_names_who_answered(wanda, survey, caplog, monkeypatch):
    lines = structlog.stdlib.ProcessorFormatter(
        processor=structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    with caplog.at_level(logging.DEBUG):
        wanda.get(url(survey))
        wanda.post(url(survey), {"q1": "99"})

        def breaks(*_args):
            raise RuntimeError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr("coaching.pulse.services.answer", breaks)
            wanda.raise_request_exception = False
            assert wanda.post(url(survey), SAID).status_code == 500
        wanda.post(url(survey), SAID)
        wanda.get(reverse("pulse_kept"))
        said = [lines.format(record) for record in caplog.records]
    assert any("the disk is full" in one for one in said)
    assert [one for one in said if names_her(one)] == []


def test_the_access_log_leaves_out_the_page_that_takes_it(survey):
    assert url(survey).startswith(pulse.UNLOGGED)
    assert reverse("pulse_kept").startswith(pulse.UNLOGGED)
    assert unlogged.is_kept_out(url(survey))
    # Nor what leads there.
    assert unlogged.is_kept_out(reverse("pulse"))
    assert not unlogged.is_kept_out(reverse("huddles"))


def notes(table, by):
    """What the database itself notes of rows: (where, by which transaction), in the order of
    what is random in them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ctid::text, xmin::text FROM {table} ORDER BY {by}")
        return cursor.fetchall()


def place(where):
    page, number = where.strip("()").split(",")
    return int(page), int(number)


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_tells_neither_order_nor_moment_nor_what_belongs_together():
    survey = a_pulse(a_site())
    for number in range(6):
        services.answer(survey.pk, mark(survey.pk, number), {1: number, 2: 3, 3: "x"}, NINE)
    told = [("coaching_pulseanswer", "id"), ("coaching_pulseturn", "mark")]
    before = {table: notes(table, by) for table, by in told}
    # All answers and all marks are of one transaction, in the order of what is random.
    assert len({by for rows in before.values() for _where, by in rows}) == 1
    for rows in before.values():
        places = [place(where) for where, _by in rows]
        assert places == sorted(places)
    mix_pulses()
    after = {table: notes(table, by) for table, by in told}
    assert not {by for rows in after.values() for _w, by in rows} & {
        by for rows in before.values() for _w, by in rows
    }
    # Once it is over, who has answered is forgotten, and the answers stay.
    assert mixing.forget(NINE + 6 * DAY) == 0
    assert mixing.forget(NINE + 7 * DAY) == 6
    assert PulseAnswer.objects.count() == 18


def test_the_form_says_what_is_kept_and_chooses_nothing(wanda, survey):
    page = wanda.get(url(survey))
    said = " ".join(page.content.decode().split())
    for words in (
        "not who you are, no time, no address on the network",
        "request log leaves this page out",
        "a mark that cannot be read without the server",
        "if 5 or more have answered",
    ):
        assert words in said
    assert "checked" not in said
    assert page["Cache-Control"].count("no-store") == 1


def test_it_is_asked_of_whom_it_is_for_while_it_is_open(survey):
    lead = a_user("supervisor")
    stranger = a_user("agent")
    an_agent(a_site(), user=stranger)
    mate = a_user("agent")
    an_agent(survey.site, user=mate)
    a_team(survey.site, lead, an_agent(survey.site))
    client = Client()
    for user, status in ((lead, 404), (stranger, 404), (mate, 200), (a_user("admin"), 404)):
        client.force_login(user)
        assert client.get(url(survey)).status_code == status
    for moment in (NINE - DAY, NINE + 7 * DAY):
        with time_machine.travel(moment, tick=False):
            assert client.get(url(survey)).status_code == 404
        with pytest.raises(services.Over):
            services.answer(survey.pk, "x", {1: 1, 2: 1}, moment)
