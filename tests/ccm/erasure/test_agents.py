"""An agent who left is erased: their name is in no table, figures stay, an old log is nameless."""

import io
import zipfile
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session as Signed
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.erasure import agents, customers
from ccm.erasure import work as erasing
from ccm.models import (
    Agent,
    AgentAlias,
    AgentState,
    ApiToken,
    Call,
    CallNote,
    Erasure,
    Offer,
    RawEvent,
    SurveyResponse,
)
from coaching.models import Kudos
from kpis import rollups
from kpis.models import AgentTimeStat, DayStat
from qa.models import Evaluation, ReviewEvent
from tests.builders import NINE, a_record, a_site, a_user, an_agent, stored
from tests.coaching.suggestions import kept
from tests.lists import books, imported, reasons
from tests.qa.builders import an_evaluation

pytestmark = pytest.mark.django_db
NAME, LOGIN, MAIL = "Ada Byron", "abyron", "ada.byron@example.com"
MARKS = ("ada byron", "adabyron", LOGIN, "E-1127", "E1127", MAIL)


@pytest.fixture
def admin():
    return a_user("admin")


@pytest.fixture
def site():
    return a_site("Leeds")


def log(site, name=NAME):
    at = NINE + timedelta(seconds=9)
    return stored(
        site,
        a_record(NINE, external_id="c0", caller="01134960123", answered_at=at,
                 ended_at=at + timedelta(minutes=2), outcome="answered", agent=name),
        offers=[{"call": 0, "agent": name, "outcome": "answered", "ended_ms": 7,
                 "starts_at": NINE, "ring_ms": 9000}],
        states=[{"line": 2, "lines": 1, "agent": name, "state": "paused", "reason": "Tea",
                 "starts_at": NINE - timedelta(hours=1), "ends_at": NINE}],
    )  # fmt: skip


def planted(site):
    log(site)
    ada = Agent.objects.get(name=NAME)
    user = a_user("agent", site, name=LOGIN)
    user.first_name, user.last_name, user.email = "Ada", "Byron", MAIL
    user.save()
    ada.user, ada.employee_id, ada.left_on = user, "E-1127", date(2026, 4, 1)
    ada.save()
    call = Call.objects.get()
    review = an_evaluation(call, state="finished", finished_at=NINE, comment="She was tired")
    ReviewEvent.objects.create(
        evaluation=review, at=NINE, what="commented", words="Ada Byron said no"
    )
    Kudos.objects.create(site=site, agent=ada, words="Thank you, ADA BYRON", given_at=NINE)
    CallNote.objects.create(call=call, site=site, at=NINE, words=f"Ask {NAME} about it")
    SurveyResponse.objects.create(
        id=uuid4(), source="test", call=call, site=site, agent=ada, kind="csat", scale_min=1,
        scale_max=5, score=5, comment="Ada Byron was lovely", answered_at=NINE,
    )  # fmt: skip
    RawEvent.objects.create(source="test", text=f"NONE|{NAME}|PAUSE", reason="unknown")
    ApiToken.objects.create(user=user, name="Mine", hash="h" * 64, scopes=[], expires_at=NINE)
    return ada, user


def looked(ada, admin):
    one = agents.look_for(ada, "Left, asked for it", admin, timezone.now())
    erasing.run(one.job_id)
    one.refresh_from_db()
    return one


def erased(ada, admin):
    one = looked(ada, admin)
    assert one.found["ccm_call"] == 1
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()
    erasing.run(one.job_id)
    one.refresh_from_db()
    assert one.state == Erasure.State.DONE, (one.words, one.job.words)
    # What was promised to go is what went, each row once.
    assert one.gone == one.found
    return one


def naming():
    """The tables that have any name of hers, whatever its case."""
    return {
        table.split(".")[1]
        for table, rows in kept.rows().items()
        if any(mark.lower() in row.lower() for mark in MARKS for row in rows)
    }


def test_no_table_names_them_any_more_and_redis_neither(admin, site):
    ada, _user = planted(site)
    cache.set("rows:y", [NAME])
    before = naming()
    assert {"ccm_agent", "ccm_agentalias", "ccm_user", "ccm_callnote", "ccm_rawevent",
            "ccm_surveyresponse", "qa_reviewevent", "qa_evaluation", "coaching_kudos",
            "ccm_offer", "ccm_agentstate"} <= before  # fmt: skip
    erased(ada, admin)
    assert naming() == set()
    assert NAME not in str(kept.hints())
    ada.refresh_from_db()
    assert ada.name == f"Agent {ada.pk}"
    assert CallNote.objects.get().words == f"Ask Agent {ada.pk} about it"
    assert Evaluation.objects.get().comment == "•••"
    assert Kudos.objects.get().words == "•••"


def test_the_account_signs_in_no_more_by_any_way(admin, site):
    ada, user = planted(site)
    client = Client()
    client.force_login(user)
    assert client.get(reverse("home")).status_code in (200, 302)
    erased(ada, admin)
    user.refresh_from_db()
    assert not user.is_active
    assert not user.has_usable_password()
    assert (user.first_name, user.email, user.groups.count(), user.sites.count()) == ("", "", 0, 0)
    assert not ApiToken.objects.exists()
    assert not any(
        one.get_decoded().get("_auth_user_id") == str(user.pk) for one in Signed.objects.all()
    )
    answer = client.get(reverse("home"))
    assert answer.status_code == 302
    assert "login" in answer.url


def test_figures_and_whose_calls_they_were_stay(admin, site):
    ada, _user = planted(site)
    rollups.rebuild([site])

    def counts():
        return [
            sorted(
                str(sorted((k, v) for k, v in row.items() if k != "id"))
                for row in model.objects.values()
            )
            for model in (DayStat, AgentTimeStat)
        ]

    before = counts()
    assert DayStat.objects.filter(agent=ada).exists()
    share = Evaluation.objects.get().share
    erased(ada, admin)
    rollups.rebuild([site])
    assert counts() == before
    assert Call.objects.get().agent_id == ada.pk
    assert Evaluation.objects.get().share == share


def test_an_old_log_read_again_finds_whose_it_was_and_not_the_name(admin, site):
    ada, _user = planted(site)
    erased(ada, admin)
    before = {
        model: list(model.objects.order_by("pk").values())
        for model in (Agent, AgentAlias, Call, Offer, AgentState)
    }
    fates = log(site)
    assert (fates.stored, fates.updated) == (0, 0)
    for model, rows in before.items():
        assert list(model.objects.order_by("pk").values()) == rows, model
    # Read into an empty record it is theirs, too: all is there again but the name.
    for model in (Offer, AgentState, SurveyResponse, CallNote):
        model.objects.all().delete()
    Call.objects.all().delete()
    log(site)
    assert Call.objects.get().agent_id == Offer.objects.get().agent_id == ada.pk
    assert AgentState.objects.get().agent_id == ada.pk
    assert naming() == set()
    assert Agent.objects.count() == 1


def test_somebody_else_of_another_name_is_somebody_else(admin, site):
    ada, _user = planted(site)
    erased(ada, admin)
    log(site, "Bob Stone")
    assert Agent.objects.get(name="Bob Stone").pk != ada.pk


def test_a_name_of_a_seat_that_is_anothers_too_stays(admin, site):
    ada, _user = planted(site)
    bob = an_agent(site, "Bob Stone", source="x")
    AgentAlias.objects.create(source="test", raw_name="Agent/1127", agent=ada)
    AgentAlias.objects.create(
        source="test", raw_name="Agent/1127", agent=bob, valid_from=date(2026, 4, 1)
    )
    erased(ada, admin)
    assert AgentAlias.objects.filter(raw_name="Agent/1127").count() == 2
    assert naming() == set()


def test_a_colleague_of_the_same_name_at_another_source_keeps_rows_and_words(admin, site):
    ada, _user = planted(site)
    york = a_site("York")
    other = an_agent(york, "ADA Byron", source="york")
    stored(
        york,
        a_record(NINE, external_id="y0", answered_at=NINE, ended_at=NINE, outcome="answered",
                 agent="ADA Byron"),
        source="york",
    )  # fmt: skip
    theirs = Call.objects.get(external_id="y0")
    assert theirs.agent_id == other.pk
    erased(ada, admin)
    theirs.refresh_from_db()
    assert theirs.agent_name == "ADA Byron"
    assert AgentAlias.objects.get(agent=other).raw_name == "ADA Byron"
    # In texts nobody can tell which of them is meant.
    assert CallNote.objects.get().words == f"Ask {NAME} about it"


def test_one_word_is_looked_for_in_what_leads_to_them_and_no_part_of_a_value_is_renamed(
    admin, site
):
    ada, user = planted(site)
    AgentAlias.objects.create(source="x", raw_name="Text", agent=ada)
    bob = an_agent(site, "Bob Stone", source="b")
    at = NINE + timedelta(days=1)
    theirs = stored(site, a_record(at, external_id="b0", source="test"))
    assert theirs.stored == 1
    words = {"Ada": "Text me", "Bob": "A text came"}
    notes = {}
    for name, call in (("Ada", Call.objects.get(external_id="c0")),
                       ("Bob", Call.objects.get(external_id="b0"))):  # fmt: skip
        CallNote.objects.filter(call=call).delete()
        notes[name] = CallNote.objects.create(call=call, site=site, at=NINE, words=words[name])
    extra = {"text": "Text", NAME: f"by {NAME}"}
    Call.objects.filter(external_id="c0").update(extra=extra, agent=ada)
    one = looked(ada, admin)
    # The preview tells of it: a note, the name in a call's own values, and lines no rule knew.
    assert one.found["ccm_callnote"] == one.found["ccm_rawevent"] == 1
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()
    erasing.run(one.job_id)
    for note in notes.values():
        note.refresh_from_db()
    assert notes["Ada"].words == f"Agent {ada.pk} me"
    assert notes["Bob"].words == "A text came"
    assert Call.objects.get(external_id="c0").extra == {
        "text": "Text", NAME: f"by Agent {ada.pk}"
    }  # fmt: skip
    assert bob.name == "Bob Stone"
    assert user.pk


def test_killed_once_names_are_hidden_it_still_knows_them_and_keeps_them_no_longer(
    admin, site, monkeypatch
):
    ada, _user = planted(site)
    AgentAlias.objects.create(source="old", raw_name="Ada Lovelace", agent=ada)
    RawEvent.objects.create(source="old", text="NONE|Ada Lovelace|PAUSE", reason="unknown")
    one = looked(ada, admin)
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()

    class Killed(BaseException):
        pass

    def dies(*_args):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(agents, "_through_texts", dies)
        with pytest.raises(Killed):
            erasing.run(one.job_id)
    one.refresh_from_db()
    assert one.sealed
    assert "Lovelace" not in one.sealed
    erasing.run(one.job_id)
    one.refresh_from_db()
    assert (one.state, one.sealed) == (Erasure.State.DONE, "")
    assert not RawEvent.objects.filter(text__contains="Lovelace").exists()


def test_who_works_here_is_not_erased(admin, site):
    ada, _user = planted(site)
    for day in (None, timezone.now().date() + timedelta(days=9)):
        Agent.objects.filter(pk=ada.pk).update(left_on=day)
        ada.refresh_from_db()
        with pytest.raises(customers.Refused, match="works here"):
            agents.look_for(ada, "x", admin, timezone.now())
    assert not Erasure.objects.exists()
    client = Client()
    client.force_login(admin)
    answer = client.post(reverse("erasures"), {"agent": ada.pk, "why": "x"})
    assert 'role="alert"' in answer.content.decode()


def test_killed_it_goes_on_and_twice_is_once(admin, site, monkeypatch):
    ada, _user = planted(site)
    one = looked(ada, admin)
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()

    class Killed(BaseException):
        pass

    def dies(*_args):
        raise Killed

    for name in ("_hide_names", "_through_texts", "_empty"):
        with monkeypatch.context() as patched:
            patched.setattr(agents, name, dies)
            with pytest.raises(Killed):
                erasing.run(one.job_id)
    erasing.run(one.job_id)
    erasing.run(one.job_id)
    one.refresh_from_db()
    assert one.state == Erasure.State.DONE
    assert one.gone == one.found
    assert naming() == set()


def test_what_happened_to_a_review_is_else_only_added_to(site):
    planted(site)
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic():
        ReviewEvent.objects.update(words="otherwise")


def test_what_is_held_of_them_can_be_taken_along_before(admin, site):
    ada, _user = planted(site)
    one = looked(ada, admin)
    client = Client()
    client.force_login(admin)
    answer = client.get(reverse("erasure_file", args=[one.pk]))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
        assert {"index.csv", "ccm_call.csv", "coaching_kudos.csv"} <= set(packed.namelist())
        assert "Thank you" in packed.read("coaching_kudos.csv").decode()


def test_a_list_of_people_does_not_bring_them_back(admin, site):
    ada, _user = planted(site)
    erased(ada, admin)
    head = "Employee ID,Name,Team,Team since,Contract hours\n"
    rest = "Red,2026-01-05,40\n"
    rows = f"E-1,{NAME},{rest}E-1127,Bob Stone,{rest}E-9,Cy Reed,{rest}"
    batch = imported(site, head + rows)
    assert reasons(batch) == [(2, "Name", "erased"), (3, "Name", "erased")]
    assert books(batch) == {"read": 3, "stored": 1, "rejected": 2}
    assert not Agent.objects.filter(name__in=[NAME, "Bob Stone"]).exists()
