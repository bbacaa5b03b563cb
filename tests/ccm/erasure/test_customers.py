"""A customer is erased from every table, counts stay, and an old log does not bring them back."""

import csv
import io
import json
import re
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import addresses, surveys
from ccm.callers import caller_hash, erased_hash
from ccm.contact.reads import is_listed
from ccm.erasure import customers, traces
from ccm.erasure import work as erasing
from ccm.models import (
    AgentAlias,
    AuditEntry,
    Call,
    CallAddress,
    CallNote,
    DoNotCall,
    ErasedCaller,
    Erasure,
    ImportBatch,
    ImportChange,
    ImportFile,
    ImportIssue,
    ImportPiece,
    Job,
    LiveEvent,
    RawEvent,
    RejectedRow,
    SurveyOptOut,
    SurveyResponse,
)
from kpis import rollups
from kpis.models import DayStat, RepeatStat
from kpis.second import paths, runs
from qa.models import CallTranscript, Evaluation
from tests.builders import NINE, a_record, a_site, a_user, an_agent, stored
from tests.coaching.suggestions import kept
from tests.qa.builders import an_evaluation

pytestmark = pytest.mark.django_db

NUMBER, SPELLED = "01134960123", "(0113) 496 0123"
OTHER = "02079460999"
DIGITS = "1134960123"
NOW = timezone.now()


@pytest.fixture
def admin():
    return a_user("admin")


@pytest.fixture
def site():
    return a_site("Leeds")


def log(site):
    """The log of a day: they called twice, somebody else once."""
    records = [
        a_record(
            NINE + timedelta(minutes=30 * n), external_id=f"c{n}", line=n + 1, caller=number,
            answered_at=NINE + timedelta(minutes=30 * n, seconds=9), outcome="answered",
            agent="Ada", recording=f"r/{n}", transcript=f"t/{n}",
            extra=json.dumps({"callback": number, "account": "A-77"}),
        )
        for n, number in enumerate((NUMBER, NUMBER, OTHER))
    ]  # fmt: skip
    return stored(site, *records)


def planted(site):
    """Their number in the tables that hold words about calls."""
    log(site)
    ada = an_agent(site, "Eve", source="other")
    call = Call.objects.get(external_id="c0")
    SurveyResponse.objects.create(
        id=uuid4(), source="test", call=call, site=site, kind="csat", scale_min=1, scale_max=5,
        score=1, comment=f"Ring me: {SPELLED}", answered_at=NINE, extra={"tel": NUMBER},
    )  # fmt: skip
    CallNote.objects.create(call=call, site=site, at=NINE, words="Very upset, in the garden")
    CallTranscript.objects.create(
        call=call, site=site, called_at=NINE, made_at=NINE, lines=[{"text": "My name is Zoe"}]
    )
    job = Job.objects.create(kind="import", state=Job.State.DONE)
    batch = ImportBatch.objects.create(job=job, site=site, format="x", source="test")
    file = ImportFile.objects.create(batch=batch, name="a.csv", size=1, sha256="0" * 64)
    RejectedRow.objects.create(batch=batch, file=file, line=1, text=f"x;{SPELLED};y")
    ImportIssue.objects.create(batch=batch, file=file, line=1, value=NUMBER, rule="x",
                               message=f"{NUMBER} is no time", fate="rejected")  # fmt: skip
    RawEvent.objects.create(source="test", text=f"ENTERQUEUE|{NUMBER}|x", reason="unknown")
    LiveEvent.objects.create(
        source="live", event_id="1", site=site, kind="call.offered", at=NINE, call="9",
        payload={"caller": NUMBER, "id": "1"}, folded_at=NINE,
    )  # fmt: skip
    ImportChange.objects.create(
        batch=batch, relation="ccm_call", row=str(call.pk),
        before={"caller_hash": caller_hash(NUMBER), "caller_masked": "•••123", "talk_ms": 1},
    )  # fmt: skip
    call.agent = ada
    review = an_evaluation(call, state="finished", finished_at=NINE,
                           comment=f"Forgot to ask for {NUMBER}")  # fmt: skip
    now = timezone.now()
    CallAddress.objects.create(
        call=call, site=site, sealed=addresses.seal("zoe@example.com"), key=addresses.key_mark(),
        hash=addresses.address_hash("zoe@example.com"), kept_at=now,
        expires_at=now + timedelta(days=1),
    )  # fmt: skip
    SurveyOptOut.objects.create(caller_hash=caller_hash(NUMBER), at=NINE)
    return call, review


def looked(admin, number=SPELLED):
    one = customers.look_for(number, "Request 12", admin, timezone.now())
    erasing.run(one.job_id)
    one.refresh_from_db()
    return one


def erased(admin):
    one = looked(admin)
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()
    erasing.run(one.job_id)
    one.refresh_from_db()
    assert one.state == Erasure.State.DONE, one.words
    assert one.gone == one.found
    return one


def tables_with(*marks):
    """The tables of which a row has a mark, whatever stands between its digits."""
    found = set()
    for table, rows in kept.rows().items():
        for row in rows:
            plain = re.sub(r"[\s().+/-]", "", row)
            if any(mark in plain for mark in marks):
                found.add(table.split(".")[1])
    return found


def test_no_table_has_them_any_more_and_redis_neither(admin, site):
    planted(site)
    cache.set("rows:x", [NUMBER])
    marks = (DIGITS, caller_hash(NUMBER), "Zoe", "garden", "A-77")
    before = tables_with(*marks)
    assert len(before) >= 11
    erased(admin)
    # What they wished stays: by a hash, not to be asked. Of somebody else's call all is there.
    assert tables_with(DIGITS, "Zoe", "garden") == set()
    assert {one.split("_20")[0] for one in tables_with(caller_hash(NUMBER))} == {"ccm_surveyoptout"}
    assert cache.get("rows:x") is None
    assert NUMBER not in str(kept.hints())
    other = Call.objects.get(external_id="c2")
    assert other.caller_hash == caller_hash(OTHER)
    assert other.extra["account"] == "A-77"
    assert other.recording == "r/2"


def test_every_text_of_every_table_there_is_a_row_of_is_looked_through(admin, site):
    planted(site)
    marked = set()
    for model, names in traces.texts():
        row = model._default_manager.values_list("pk", flat=True).first()
        if row is None or model._meta.label_lower in ("qa.reviewevent", "ccm.call"):
            continue
        for name in names:
            field = model._meta.get_field(name)
            if field.get_internal_type() in ("CharField", "TextField") and (
                field.max_length is None or field.max_length >= 20
            ):
                model._default_manager.filter(pk=row).update(**{name: f"no {SPELLED} x"})
                marked.add(f"{model._meta.db_table}.{name}")
    assert len(marked) >= 15
    assert not {"ccm_agentalias.raw_name", "ccm_user.email", "ccm_sale.reference"} & marked
    assert {"ccm_agent.name", "qa_evaluation.comment", "ccm_rejectedrow.text"} <= marked
    erased(admin)
    assert tables_with(DIGITS) == set()


def test_what_is_found_is_counted_and_nothing_changes_before_somebody_says_so(admin, site):
    planted(site)
    before = kept.rows()
    one = looked(admin)
    assert one.found["ccm_call"] == 2
    assert {"ccm_callnote", "ccm_surveyresponse", "qa_calltranscript", "ccm_rawevent",
            "ccm_rejectedrow", "ccm_liveevent"} <= set(one.found)  # fmt: skip
    changed = {name.split(".")[1] for name in kept.came(before, kept.rows())}
    assert changed == {"ccm_erasure", "ccm_job", "ccm_auditentry", "ccm_auditwaiting"}
    assert DIGITS not in str(kept.rows()["public.ccm_erasure"])


def test_counts_stay_and_both_paths_agree(admin, site):
    planted(site)
    rollups.rebuild([site])

    def counts():
        return [
            sorted(str(sorted((k, v) for k, v in row.items() if k != "id")) for row in rows)
            for rows in (
                DayStat.objects.values(),
                RepeatStat.objects.values(),
            )
        ]

    before = counts()
    # Who came again is among them.
    assert any(row.again for row in RepeatStat.objects.all())
    erased(admin)
    rollups.rebuild([site])
    assert counts() == before
    job = runs.start([site])
    runs.run(job.pk)
    job.refresh_from_db()
    assert "0 differences" in job.words
    assert paths.days_told(site)


def test_their_calls_are_one_persons_still_and_nobody_can_tell_whose(admin, site):
    planted(site)
    erased(admin)
    hashes = set(Call.objects.filter(external_id__in=("c0", "c1")).values_list("caller_hash"))
    ((stand_in,),) = hashes
    assert stand_in not in (caller_hash(NUMBER), erased_hash(NUMBER))
    assert re.fullmatch("[0-9a-f]{32}", stand_in)
    noted = ImportChange.objects.get(relation="ccm_call")
    assert (noted.before["caller_hash"], noted.before["caller_masked"]) == (stand_in, "")
    assert noted.before["talk_ms"] == 1
    review = Evaluation.objects.get()
    assert review.facts["caller_masked"] == ""
    assert review.comment == "Forgot to ask for •••"


def test_an_old_log_read_again_does_not_bring_them_back_and_a_new_call_is_theirs(admin, site):
    planted(site)
    erased(admin)
    before = list(Call.objects.order_by("pk").values())
    fates = log(site)
    assert (fates.stored, fates.updated) == (0, 0)
    assert list(Call.objects.order_by("pk").values()) == before
    # A row that went is not there: it comes in as somebody's.
    Call.objects.filter(external_id="c1").delete()
    log(site)
    again = Call.objects.get(external_id="c1")
    assert (again.caller_hash, again.caller_masked, again.recording, again.extra) == (
        "", "", "", None
    )  # fmt: skip
    # What they said with it stays away, too.
    answer = {"call": 0, "kind": "csat", "scale_min": 1, "scale_max": 5, "score": 2.0,
              "answered_at": NINE, "comment": "It is I, from the corner shop"}  # fmt: skip
    stored(site, a_record(external_id="c9", caller=NUMBER), surveys=[answer])
    said = SurveyResponse.objects.get(call__external_id="c9")
    assert (said.score, said.comment) == (2.0, "")
    later = timezone.now() + timedelta(hours=1)
    stored(site, a_record(later, external_id="new", caller=NUMBER))
    assert Call.objects.get(external_id="new").caller_hash == caller_hash(NUMBER)


def test_twice_is_once_and_a_job_that_was_cut_off_goes_on(admin, site, monkeypatch):
    planted(site)
    one = looked(admin)
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()

    class Killed(BaseException):
        pass

    def dies(*_args):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(customers, "_hide", dies)
        with pytest.raises(Killed):
            erasing.run(one.job_id)
    erasing.run(one.job_id)
    erasing.run(one.job_id)
    one.refresh_from_db()
    assert (one.state, one.sealed) == (Erasure.State.DONE, "")
    assert tables_with(DIGITS) == set()
    assert ErasedCaller.objects.count() == 1
    with pytest.raises(customers.Refused):
        customers.erase(one, admin, timezone.now())


def test_numbers_between_other_spaces_and_dashes_are_found_in_tables(admin, site):
    planted(site)
    between = ("\u00a0\u202f", "\u2011\u2013", "\r\n", "\u2212,")
    said = [f"0113{a}496{b}0123" for a, b in between]
    lines = [
        RawEvent.objects.create(source="test", text=f"ring {one}, please", reason="unknown")
        for one in said
    ]
    erased(admin)
    words = [RawEvent.objects.get(pk=one.pk).text for one in lines]
    # A comma parts numbers.
    assert words == [*["ring •••, please"] * 3, f"ring {said[3]}, please"]


def test_a_login_or_name_that_is_the_number_stays_and_is_told_of(admin, site):
    planted(site)
    user = a_user("agent", site, name=NUMBER)
    eve = an_agent(site, "Eva", source="third")
    for source in ("fourth", "fifth"):
        AgentAlias.objects.create(source=source, raw_name=NUMBER, agent=eve)
    one = looked(admin)
    assert "ccm_agentalias, ccm_user" in one.words
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()
    erasing.run(one.job_id)
    one.refresh_from_db()
    assert one.state == Erasure.State.DONE
    user.refresh_from_db()
    assert user.username == NUMBER
    assert AgentAlias.objects.filter(raw_name=NUMBER).count() == 2


def test_killed_between_calls_one_caller_stays_one(admin, site, monkeypatch):
    planted(site)
    one = looked(admin)
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()
    monkeypatch.setattr(customers, "BATCH", 1)
    does, done = customers._erase_calls, []

    class Killed(BaseException):
        pass

    def dies(*args):
        if done:
            raise Killed
        done.append(does(*args))

    with monkeypatch.context() as patched:
        patched.setattr(customers, "_erase_calls", dies)
        with pytest.raises(Killed):
            erasing.run(one.job_id)
    erasing.run(one.job_id)
    calls = Call.objects.filter(external_id__in=("c0", "c1"))
    assert len(set(calls.values_list("caller_hash"))) == 1
    one.refresh_from_db()
    assert (one.state, one.stand_in) == (Erasure.State.DONE, "")


def test_whose_erasing_failed_is_forgotten_after_some_days(admin, site, monkeypatch):
    planted(site)
    one = looked(admin)
    now = timezone.now()
    customers.erase(one, admin, now)
    one.refresh_from_db()
    customers.forget(now + customers.SEALED + timedelta(minutes=1))
    one.refresh_from_db()
    assert one.sealed

    def breaks(*_args):
        raise LookupError

    monkeypatch.setattr(customers, "_hide", breaks)
    with pytest.raises(LookupError):
        erasing.run(one.job_id)
    customers.forget(now + customers.SEALED - timedelta(minutes=1))
    one.refresh_from_db()
    assert one.sealed
    customers.forget(now + customers.SEALED + timedelta(minutes=1))
    one.refresh_from_db()
    assert (one.state, one.sealed, one.stand_in) == (Erasure.State.LEFT, "", "")


def test_whom_somebody_leaves_while_they_are_looked_for_is_left(admin, site, monkeypatch):
    planted(site)
    one = customers.look_for(SPELLED, "Request 12", admin, timezone.now())
    does = customers.calls_of

    def left(number):
        customers.leave(one, admin, timezone.now())
        return does(number)

    monkeypatch.setattr(customers, "calls_of", left)
    erasing.run(one.job_id)
    one.refresh_from_db()
    assert (one.state, one.sealed, one.found) == (Erasure.State.LEFT, "", {})


def test_while_files_wait_to_be_read_nothing_is_erased_and_it_is_said_why(admin, site):
    planted(site)
    piece = ImportPiece.objects.create(file=ImportFile.objects.get(), number=0, data=b"x")
    one = looked(admin)
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()
    erasing.run(one.job_id)
    one.refresh_from_db()
    assert one.state == Erasure.State.FOUND
    assert "wait to be read" in one.words
    assert Call.objects.filter(caller_hash=caller_hash(NUMBER)).count() == 2
    piece.delete()


def test_whom_nobody_erases_is_forgotten_after_some_days(admin, site):
    planted(site)
    one = looked(admin)
    now = timezone.now()
    customers.forget(now + customers.SEALED - timedelta(minutes=1))
    one.refresh_from_db()
    assert one.sealed
    customers.forget(now + customers.SEALED + timedelta(minutes=1))
    one.refresh_from_db()
    assert (one.state, one.sealed) == (Erasure.State.LEFT, "")


def test_where_the_key_is_gone_the_page_says_so_in_place_of_a_file(admin, site, settings):
    planted(site)
    one = looked(admin)
    settings.ADDRESS_KEYS = ["k" * 50]
    client = Client()
    client.force_login(admin)
    answer = client.get(reverse("erasure_file", args=[one.pk]), follow=True)
    assert answer.redirect_chain == [(reverse("erasure", args=[one.pk]), 302)]
    assert "The key is gone" in answer.content.decode()


def test_the_file_has_all_that_is_held_and_nothing_of_others(admin, site):
    planted(site)
    one = looked(admin)
    client = Client()
    client.force_login(admin)
    answer = client.get(reverse("erasure_file", args=[one.pk]))
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
        told = {
            name: list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"))))
            for name in packed.namelist()
        }
    assert len(told["ccm_call.csv"]) == 3
    assert len(told["ccm_surveyresponse.csv"]) == 2
    assert "garden" in str(told["ccm_callnote.csv"])
    assert OTHER not in str(told)
    assert AuditEntry.objects.filter(action="exported", model="ccm.erasure").count() == 1
    # Once it is erased there is nothing to take along.
    customers.erase(one, admin, timezone.now())
    one.refresh_from_db()
    erasing.run(one.job_id)
    assert client.get(reverse("erasure_file", args=[one.pk])).status_code == 404


@pytest.mark.parametrize("number", ["", "12", "Zoe", "x" * 41, "\x00", "1" * 41])
def test_what_is_no_number_is_said_beside_its_field(admin, number):
    client = Client()
    client.force_login(admin)
    answer = client.post(reverse("erasures"), {"number": number, "why": "Request"})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not Erasure.objects.exists()


def test_the_pages_show_what_was_found_and_the_log_says_who_did_what_without_the_number(
    admin, site, django_capture_on_commit_callbacks, monkeypatch
):
    planted(site)
    client = Client()
    client.force_login(admin)
    client.post(reverse("erasures"), {"number": SPELLED, "why": "Request 12"})
    one = Erasure.objects.get()
    erasing.run(one.job_id)
    page = client.get(reverse("erasure", args=[one.pk])).content.decode()
    assert "Erase for good" in page
    assert "qa_calltranscript" in page
    client.post(reverse("erasure_do", args=[one.pk]))
    one.refresh_from_db()
    erasing.run(one.job_id)
    page = client.get(reverse("erasure", args=[one.pk])).content.decode()
    assert "What went" in page
    entries = AuditEntry.objects.filter(model="ccm.erasure")
    assert entries.count() == 2
    assert DIGITS not in str(list(entries.values()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ccm_erasure WHERE sealed <> ''")
        assert cursor.fetchone() == (0,)


def test_who_was_not_to_be_called_is_promised_no_call_back_once_erased(admin, site):
    log(site)
    due = timezone.now() + timedelta(hours=3)
    calls = {one.external_id: one for one in Call.objects.all()}
    for call in calls.values():
        CallNote.objects.create(
            call=call, site=site, at=NINE, callback_due_at=due, is_current=True,
            callback_done_at=NINE if call.external_id == "c1" else None,
        )  # fmt: skip
    DoNotCall.objects.create(site=site, caller_hash=caller_hash(NUMBER), caller_masked="•••123")
    erased(admin)
    promised = CallNote.objects.filter(callback_due_at__isnull=False)
    assert {one.call.external_id for one in promised} == {"c1", "c2"}


def test_who_was_not_listed_is_still_promised_their_call_back_once_erased(admin, site):
    log(site)
    call = Call.objects.get(external_id="c0")
    CallNote.objects.create(
        call=call, site=site, at=NINE, callback_due_at=timezone.now(), is_current=True
    )
    over = timezone.now().date() - timedelta(days=3)
    DoNotCall.objects.create(
        site=site, caller_hash=caller_hash(NUMBER), caller_masked="•••123", last_on=over
    )
    erased(admin)
    assert CallNote.objects.get().callback_due_at is not None


@pytest.mark.parametrize(("days", "stays"), [(None, True), (30, True), (-3, False)])
def test_who_asked_for_a_call_back_and_stands_on_the_list_stays_there_once_erased(
    admin, site, days, stays
):
    log(site)
    now = timezone.now()
    last_on = None if days is None else now.date() + timedelta(days=days)
    own = caller_hash(NUMBER)
    its = list(Call.objects.filter(caller_hash=own).values_list("pk", flat=True))
    Call.objects.filter(pk__in=its).update(outcome="callback_requested")
    DoNotCall.objects.create(
        site=site, caller_hash=own, caller_masked="•••123", last_on=last_on, note="Solicitor"
    )
    erased(admin)
    listed = Call.objects.filter(is_listed(now), pk__in=its)
    assert listed.count() == (len(its) if stays else 0)
    # Nothing of the entry but that it is there.
    made = DoNotCall.objects.exclude(caller_hash=own)
    assert [(one.caller_masked, one.last_on, one.note, one.made_by) for one in made] == (
        [("•••", None, "", None)] if stays else []
    )
    assert not Call.objects.filter(is_listed(now)).exclude(pk__in=its).exists()


def test_a_link_of_who_is_erased_takes_no_answer_any_more(admin, site):
    log(site)
    now = timezone.now()
    Call.objects.update(ended_at=NINE + timedelta(hours=2))
    made = {
        one.external_id: surveys.invite(
            ["csat"], None, now + surveys.GOOD_FOR, now=now, site=site, call=one
        )
        for one in Call.objects.filter(external_id__in=("c0", "c2"))
    }
    assert all(surveys.invitation_of(words, now) for _row, words in made.values())
    erased(admin)
    now = timezone.now()
    assert surveys.invitation_of(made["c0"][1], now) is None
    assert surveys.invitation_of(made["c2"][1], now) is not None


def test_a_page_says_what_it_waits_for_and_asks_again_until_that_is_done(admin, monkeypatch):
    monkeypatch.setattr(customers, "queue", lambda _job: None)
    one = customers.look_for(SPELLED, "Request 12", admin, NOW)
    client = Client()
    client.force_login(admin)

    def page():
        return client.get(reverse("erasure", args=[one.pk])).content.decode()

    asks = 'hx-trigger="every 2s"'
    waits = page()
    assert "It waits for a worker since" in waits
    assert asks in waits
    # Nobody has looked yet: there may be much.
    assert "Nothing" not in waits
    Job.objects.update(state="running", done=3, total=10)
    works = page()
    assert "A worker looks through all tables." in works
    assert 'max="10" value="3"' in works
    assert asks in works
    Job.objects.update(state="queued")
    erasing.run(one.job.pk)
    found = page()
    assert asks not in found
    assert ">Nothing<" in found
    one.refresh_from_db()
    customers.erase(one, admin, NOW)
    waits = page()
    assert "It waits for a worker since" in waits
    assert asks in waits
    # A job that ended badly is no work that goes on.
    Job.objects.filter(finished_at=None).update(state="failed", finished_at=NOW, words="It broke.")
    broken = page()
    assert "It broke." in broken
    assert asks not in broken
