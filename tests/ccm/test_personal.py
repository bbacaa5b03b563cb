"""What the record holds of an agent, as they read it and as the file that they take along."""

import csv
import io
import re
import zipfile
from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils.safestring import mark_safe

from ccm import personal
from ccm.models import Call
from ccm.personal import reads, values
from coaching.models import Kudos, Preparation, PrivateNote, Session
from qa.models import AgentDraw, CallTranscript, Evaluation
from scheduling.models import Pairing
from tests.builders import NINE, a_call, a_queue, a_site, a_user, an_agent
from tests.qa.builders import an_evaluation

pytestmark = pytest.mark.django_db
OURS = ("ccm", "kpis", "scheduling", "qa", "coaching", "axes")
# Of those that are not ours, what says whose a sign-in is.
OF_SIGNING_IN = ("account", "mfa", "socialaccount", "usersessions")


@pytest.fixture
def site():
    return a_site("Leeds", "Europe/London")


@pytest.fixture
def ada(site):
    return an_agent(site, "Ada", user=a_user("agent"))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def page(agent, name="my_data", *args):
    return signed_in(agent.user).get(reverse(name, args=args))


def files(agent):
    """The files of what an agent takes along: rows by the name of the file."""
    sent = b"".join(page(agent, "my_data_file").streaming_content)
    with zipfile.ZipFile(io.BytesIO(sent)) as packed:
        assert packed.testzip() is None
        return {
            name: list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"))))
            for name in packed.namelist()
        }


def found(agent):
    return {kind.held.name: kind for kind in reads.kinds(agent)}


def test_of_every_model_it_is_said_once_whether_its_rows_are_about_people():
    known = {*OURS, *OF_SIGNING_IN}
    models = [one._meta.label_lower for one in apps.get_models() if one._meta.app_label in known]
    assert Counter(personal.labels()) == Counter(models)


def test_every_kind_can_be_read(ada):
    for _title, held in personal.everything():
        rows = reads.rows_of(held, ada)[:1]
        for row in reads.cells(held, rows, ada.site.tz):
            assert len(row) == len(reads.header(held))


def test_own_calls_are_counted_and_nobody_elses(site, ada):
    queue, other = a_queue(site, "Sales"), an_agent(site, "Bob")
    for days in (0, 3):
        a_call(queue, NINE + timedelta(days=days), agent=ada)
    a_call(queue, NINE, agent=other)
    kind = found(ada)["ccm.call"]
    assert (kind.shown, kind.withheld) == (2, 0)
    assert (kind.first, kind.last) == (NINE.date(), NINE.date() + timedelta(days=3))
    shown = page(ada, "my_data_kind", "ccm", "call").content.decode()
    assert "Sales" in shown
    assert "5 Mar 2026 09:00:00" in shown


def test_of_when_rows_are_the_persons_own_clock_says():
    there = a_site("Auckland", "Pacific/Auckland")
    kim = an_agent(there, "Kim", user=a_user("agent"))
    # One in the morning of the 3rd.
    a_call(a_queue(there), NINE + timedelta(hours=3), agent=kim)
    assert found(kim)["ccm.call"].first == NINE.date() + timedelta(days=1)


def test_a_review_is_counted_and_read_once_it_is_released(site, ada):
    queue = a_queue(site)
    first, second = (a_call(queue, NINE + timedelta(hours=n), agent=ada) for n in (0, 1))
    an_evaluation(first, state="finished", finished_at=NINE, comment="Not to be read yet")
    an_evaluation(second, state="released", finished_at=NINE, released_at=NINE, comment="Well done",
                  share="0.9845454545")  # fmt: skip
    kind = found(ada)["qa.evaluation"]
    assert (kind.shown, kind.withheld) == (1, 1)
    shown = page(ada, "my_data_kind", "qa", "evaluation").content.decode()
    assert "Well done" in shown
    assert "Not to be read yet" not in shown
    # What tells a person nothing is in the file alone.
    assert "98.5" in shown
    assert "Session call" not in shown
    told = files(ada)
    assert len(told["qa_evaluation.csv"]) == 2
    assert {"facts", "session call"} <= set(told["qa_evaluation.csv"][0])
    assert "Not to be read yet" not in str(told)


def test_the_file_has_the_rows_of_each_kind_and_a_list_of_them(site, ada):
    a_call(a_queue(site), NINE, agent=ada, caller_masked="•••• 1234")
    Kudos.objects.create(site=site, agent=ada, words="=HYPERLINK(1)", given_at=NINE)
    told = files(ada)
    listed = {row[2]: row for row in told["index.csv"]}
    assert listed["ccm_call.csv"][3:5] == ["1", "0"]
    (titles, row) = told["coaching_kudos.csv"]
    assert "'=HYPERLINK(1)" in row
    assert len(titles) == len(row)
    # Whose number it is, is the caller's.
    assert "1234" not in str(told)


def test_bytes_are_told_by_their_digits_in_the_file_alone(site):
    """As PostgreSQL's driver gives them."""
    held = reads.kind("qa.agentdraw")
    row = AgentDraw(eligible=1, calls=memoryview(b"\x01\xff"), of_strata=memoryview(b"\x00\x02"))
    (told,) = reads.cells(held, [row], site.tz)
    named = dict(zip(reads.header(held), told, strict=True))
    assert (named["calls"], named["of strata"]) == ("01ff", "0002")
    assert not {"calls", "of strata"} & set(reads.drawn_header(held))


def test_values_of_several_parts_are_told_as_labels_and_words():
    zone = ZoneInfo("Europe/London")
    call = "01a21d53-12ed-7808-982b-c0354c672c20"
    links = {call: mark_safe("<a>it</a>")}
    said = values.html(
        {"now": 0.9134149, "n": 10, "to": "2026-11-29", "at": "2026-07-01T10:38:26+00:00",
         "start_ms": 61000, "holds": True, "calls": [call, "other"], "words": "<b>", "of": None,
         "rest": [{"label": "Agent"}, {"label": "Caller"}]},
        zone, links,
    )  # fmt: skip
    plain = re.sub("<time[^>]*>|</time>", "", said).replace("\xa0", " ")
    assert plain == (
        '<ul class="told"><li><span>Now</span> 91.3 %</li><li><span>N</span> 10</li>'
        "<li><span>To</span> 29 Nov 2026</li><li><span>At</span> 1 Jul 2026 11:38</li>"
        "<li><span>Start</span> 1:01</li><li><span>Holds</span> yes</li>"
        "<li><span>Calls</span> <a>it</a>, other</li><li><span>Words</span> &lt;b&gt;</li>"
        '<li><span>Of</span> –</li><li><span>Rest</span> <ol class="told">'
        '<li><ul class="told"><li><span>Label</span> Agent</li></ul></li>'
        '<li><ul class="told"><li><span>Label</span> Caller</li></ul></li></ol></li></ul>'
    )
    many = values.html([{"n": 1}] * 4, zone)
    assert "<details><summary>4 entries</summary>" in many
    assert values.html({}, zone) == "–"


def test_what_the_person_reads_elsewhere_is_a_link_and_what_others_have_is_none(site, ada):
    queue = a_queue(site)
    mine, other = a_call(queue, agent=ada), a_call(queue, agent=an_agent(site))
    lines = [{"speaker": "agent", "words": f"Of {one.pk}", "refers": str(one.pk)}
             for one in (mine, other)]  # fmt: skip
    CallTranscript.objects.create(
        call=mine, site=site, agent=ada, called_at=NINE, made_at=NINE, lines=lines, digest="x"
    )
    said = page(ada, "my_data_kind", "qa", "calltranscript").content.decode()
    assert said.count(f'href="{reverse("call", args=[mine.pk])}"') == 2  # the row's, and in a line
    assert f'href="{reverse("call", args=[other.pk])}"' not in said
    assert "<span>Words</span>" in said
    assert "&#x27;speaker&#x27;" not in said


def test_secrets_and_private_notes_are_in_neither(site, ada):
    ada.user.set_password("a-long-test-passphrase")
    ada.user.save()
    session = Session.objects.create(
        site=site, coach=a_user("manager", site), starts_at=NINE, made_at=NINE
    )
    session.participants.create(agent=ada)
    PrivateNote.objects.create(
        session=session, author=session.coach, words="For my eyes", saved_at=NINE
    )
    told = str(files(ada))
    assert ada.user.password not in told
    assert "For my eyes" not in told
    assert "coaching_session.csv" in told
    assert "Notes that a coach writes for themselves" in page(ada).content.decode()


def test_points_that_a_coach_wrote_are_told_once_they_are_shared_and_a_led_session_is(site, ada):
    bob = an_agent(site, "Bob", user=a_user("agent"))
    said = {"site": site, "starts_at": NINE, "made_at": NINE}
    session = Session.objects.create(coach=a_user("manager", site), **said)
    peer = Session.objects.create(kind="peer", coach=ada.user, **said)
    for agent in (ada, bob):
        session.participants.create(agent=agent)
    peer.participants.create(agent=bob)
    session.agenda.create(source="coach", title="Greets by name", made_at=NINE)
    peer.agenda.create(source="coach", title="Of Bob alone", made_at=NINE)
    Preparation.objects.create(session=session, made_at=NINE, untold=[{"why": "few"}])
    kind = found(ada)["coaching.agendaitem"]
    assert (kind.shown, kind.withheld) == (0, 1)
    Session.objects.update(shared_at=NINE)
    told = files(ada)
    assert "Greets by name" in str(told["coaching_agendaitem.csv"])
    assert "Of Bob alone" not in str(told)
    assert len(told["coaching_session.csv"]) == 3
    assert len(told["coaching_preparation.csv"]) == 2


def test_whom_one_is_kept_apart_from_is_counted_and_not_told(site, ada):
    bob, cleo = an_agent(site, "Bob"), an_agent(site, "Cleo")
    for other, together in ((bob, False), (cleo, True)):
        Pairing.objects.create(
            one=ada, other=other, together=together, starts_on=NINE.date(), note="As Bob asked"
        )
    kind = found(ada)["scheduling.pairing"]
    assert (kind.shown, kind.withheld) == (1, 1)
    told = str(files(ada))
    assert "Cleo" in told
    assert "Bob" not in told


def test_only_an_agent_has_a_page_of_own_data(site, ada):
    for role in ("admin", "manager", "supervisor"):
        client = signed_in(a_user(role, site))
        for name, args in (
            ("my_data", ()),
            ("my_data_file", ()),
            ("my_data_kind", ("ccm", "call")),
        ):
            assert client.get(reverse(name, args=args)).status_code == 404
    assert page(ada, "my_data_kind", "ccm", "queue").status_code == 404
    assert page(ada, "my_data_kind", "coaching", "privatenote").status_code == 404


@pytest.mark.parametrize("many", [1, 12])
def test_the_page_asks_the_same_of_few_as_of_many(site, ada, django_assert_max_num_queries, many):
    queue = a_queue(site)
    for n in range(many):
        a_call(queue, NINE + timedelta(hours=n), agent=ada)
    client = signed_in(ada.user)
    with time_machine.travel(NINE), django_assert_max_num_queries(8):
        assert client.get(reverse("my_data")).status_code == 200
    with django_assert_max_num_queries(12):
        answer = client.get(reverse("my_data_kind", args=["ccm", "call"]))
    assert len(answer.context["rows"]) == many == Call.objects.count()
    assert Evaluation.objects.count() == 0
