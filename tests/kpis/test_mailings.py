"""Reports that go out by mail: when they are due, once, each reader told what they may see, and
nothing that fails goes unsaid."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from ccm.intervals import day_of
from ccm.models import Attachment, Delivery, User
from ccm.outgoing import outbox
from kpis.mailings import letters, sending, services
from kpis.mailings.models import Mailing, MailingRun
from kpis.mailings.moments import Rhythm
from kpis.models import SavedReport
from kpis.reports import services as reports
from kpis.reports.asked import Asked
from kpis.rollups import rebuild
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.threads import elsewhere

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TUESDAY_7 = datetime(2026, 3, 3, 7, tzinfo=UTC)  # in London, in winter


def test_an_hour_of_the_clock_is_one_moment_of_each_day():
    def at(zone, day, hour):
        return Rhythm("day", 0, hour, ZoneInfo(zone)).at(date.fromisoformat(day))

    said = [
        ("Europe/Berlin", "2026-03-28", 2, "2026-03-28T01:00"),
        ("Europe/Berlin", "2026-03-29", 2, "2026-03-29T01:00"),  # 2:00 is 3:00
        ("Europe/Berlin", "2026-10-25", 2, "2026-10-25T00:00"),  # the first of two
        ("Australia/Lord_Howe", "2026-10-04", 2, "2026-10-03T15:30"),  # 2:00 is 2:30
        ("Australia/Lord_Howe", "2026-04-05", 1, "2026-04-04T14:00"),
        ("Asia/Beirut", "2026-03-29", 0, "2026-03-28T22:00"),  # midnight is 1:00
        ("Antarctica/Troll", "2026-03-29", 2, "2026-03-29T01:00"),  # 1:00 is 3:00
        ("Asia/Kathmandu", "2026-03-29", 7, "2026-03-29T01:15"),
    ]
    for zone, day, hour, moment in said:
        assert at(zone, day, hour) == datetime.fromisoformat(f"{moment}+00:00"), (zone, day)


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut")


@given(
    st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 364), st.lists(st.integers(1, 5000))
)
def test_however_often_one_looks_each_day_comes_once(zone, hour, start, steps):
    rhythm = Rhythm("day", 0, hour, ZoneInfo(zone))
    looks = [datetime(2026, 1, 1, tzinfo=UTC) + start * DAY]
    for minutes in steps:
        looks.append(looks[-1] + minutes * MINUTE)
    found = [day for before, now in pairwise(looks) for day in rhythm.between(before, now)]
    first, last = (day_of(looks[at], rhythm.calendar) for at in (0, -1))
    whole = [first + number * DAY for number in range((last - first).days + 1)]
    assert found == [day for day in whole if looks[0] < rhythm.at(day) <= looks[-1]]
    assert looks[-1] < rhythm.next_after(looks[-1]) <= looks[-1] + 25 * timedelta(hours=1)


def test_a_week_and_a_month_have_their_day():
    london = ZoneInfo("Europe/London")
    friday = Rhythm("week", 4, 7, london)
    assert friday.next_after(TUESDAY_7) == datetime(2026, 3, 6, 7, tzinfo=UTC)
    assert friday.next_after(friday.next_after(TUESDAY_7)).day == 13
    month = Rhythm("month", 0, 7, london)
    assert month.next_after(TUESDAY_7) == datetime(2026, 4, 1, 6, tzinfo=UTC)  # it is summer


# What is sent


def a_reader(*sites, role="manager", name=""):
    reader = a_user(role, *sites, name=name)
    reader.email = f"{reader.username}@example.com"
    reader.save()
    return reader


def a_report(owner, name="Mornings", **asked):
    question = {"kpi": ["answered"], "by": ["queue"], "period": ["yesterday"]} | asked
    return SavedReport.objects.create(
        owner=owner, name=name, roles=["manager"], question=question, form=1
    )


def a_mailing(owner, *told, since=TUESDAY_7 - MINUTE, **more):
    said = {"zone": "Europe/London", "hour": 7, "since": since} | more
    if "site" not in said and "report" not in said:
        said["report"] = a_report(owner)
    made = Mailing.objects.create(owner=owner, next_at=since, **said)
    made.told.set(told or [owner])
    return made


@pytest.fixture
def site(db):
    return a_site("Leeds", "Europe/London")


@pytest.fixture
def queue(site):
    """With three calls on Monday, 2 March."""
    queue = a_queue(site, "Sales")
    for number in range(3):
        a_call(queue, NINE + number * MINUTE)
    rebuild()
    return queue


def subjects():
    return [one.subject for one in Delivery.objects.order_by("pk")]


def test_each_reader_is_mailed_once_what_they_may_see(queue):
    pune = a_site("Pune", "Europe/London")
    a_call(a_queue(pune, "Orders"), NINE)
    rebuild()
    boss, other = a_reader(queue.site, pune, name="boss"), a_reader(pune, name="other")
    a_mailing(boss, boss, other, attached="csv")
    assert (sending.send_due(TUESDAY_7), sending.send_due(TUESDAY_7 + MINUTE)) == (1, 0)
    assert subjects() == ["Mornings: 2026-03-02"] * 2
    to_boss, to_other = Delivery.objects.order_by("pk")
    assert ("Sales" in to_boss.body, "Orders" in to_boss.body) == (True, True)
    assert ("Sales" in to_other.body, "Orders" in to_other.body) == (False, True)
    assert "Sales" not in to_other.html
    files = {one.delivery_id: bytes(one.data).decode() for one in Attachment.objects.all()}
    assert ("Sales" in files[to_boss.pk], "Sales" in files[to_other.pk]) == (True, False)
    # Monday's three calls, and where they are explained.
    assert "Sales" in next(line for line in to_boss.body.splitlines() if line.endswith(" 3"))
    passport = "http://localhost:8000/passport/?kpi=answered&amp;from=2026-03-02&amp;to=2026-03-02"
    assert passport in to_other.html
    assert "period=custom&from=2026-03-02&to=2026-03-02" in to_boss.body
    run = MailingRun.objects.get()
    assert (run.day, run.state, run.mails.count()) == (date(2026, 3, 3), "sent", 2)


def test_whoever_may_not_see_it_any_more_gets_nothing_and_that_is_said(queue):
    boss, gone = a_reader(queue.site), a_reader(queue.site, role="trainer", name="gone")
    a_mailing(boss, boss, gone)
    sending.send_due(TUESDAY_7)
    assert [one.address for one in Delivery.objects.all()] == [boss.email]
    assert MailingRun.objects.get().left_out == "gone: may not see the report"


def test_what_is_cut_off_in_the_middle_is_as_if_it_had_not_begun(queue, monkeypatch):
    boss, other = a_reader(queue.site), a_reader(queue.site)
    a_mailing(boss, boss, other)
    put = outbox.mail

    def killed(key, address, *args, **more):
        if address == other.email:
            raise KeyboardInterrupt
        return put(key, address, *args, **more)

    monkeypatch.setattr(outbox, "mail", killed)
    with pytest.raises(KeyboardInterrupt):
        sending.send_due(TUESDAY_7)
    assert (Delivery.objects.count(), MailingRun.objects.count()) == (0, 0)
    monkeypatch.setattr(outbox, "mail", put)
    assert sending.send_due(TUESDAY_7 + MINUTE) == 1
    assert Delivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_machines_that_look_at_once_send_one_mail(nothing_sent):
    queue = a_queue(a_site("Leeds", "Europe/London"))
    a_call(queue, NINE)
    rebuild()
    a_mailing(a_reader(queue.site))
    looks = [lambda: sending.send_due(TUESDAY_7)] * 3
    assert elsewhere(*looks) == ["done"] * 3
    assert (Delivery.objects.count(), MailingRun.objects.count()) == (1, 1)


def test_a_machine_that_was_off_sends_today_s_and_says_what_was_left_out(queue):
    boss = a_reader(queue.site)
    a_mailing(boss, since=TUESDAY_7 - 3 * DAY - MINUTE)
    sending.send_due(TUESDAY_7 + timedelta(hours=9))
    assert subjects() == ["Not sent: Mornings", "Mornings: 2026-03-02"]
    assert "2026-02-28, 2026-03-01, 2026-03-02" in Delivery.objects.earliest("pk").body
    states = [(run.day.day, run.state) for run in MailingRun.objects.order_by("day")]
    assert states == [(28, "skipped"), (1, "skipped"), (2, "skipped"), (3, "sent")]


def test_days_that_have_not_come_in_are_waited_for_until_they_have(queue):
    boss = a_reader(queue.site)
    a_mailing(boss)
    wednesday = TUESDAY_7 + DAY
    Mailing.objects.update(since=wednesday - MINUTE, next_at=wednesday)
    looks = [sending.send_due(wednesday + minutes * MINUTE) for minutes in (0, 1, 5, 10, 20, 50)]
    run = MailingRun.objects.get()
    assert (sum(looks), run.state, run.tries) == (0, "waiting", 4)  # at 0, 5, 20 and 50
    words = "Leeds: the calls of 2026-03-03 have not come in: the newest is of 2026-03-02 09:"
    assert run.error.startswith(words)
    assert subjects() == ["Not sent yet: Mornings"]  # once
    a_call(queue, NINE + DAY)
    rebuild()
    assert sending.send_due(wednesday + 110 * MINUTE) == 1
    assert subjects()[1:] == ["Mornings: 2026-03-03"]


def test_what_fails_until_its_day_is_over_is_given_up_and_announced(queue, monkeypatch):
    a_mailing(a_reader(queue.site))

    def broken(*args):
        raise ZeroDivisionError

    monkeypatch.setattr("kpis.mailings.letters.of", broken)
    sending.send_due(TUESDAY_7)
    sending.send_due(TUESDAY_7 + timedelta(hours=18))
    run = MailingRun.objects.get(day=date(2026, 3, 3))
    assert run.state == "failed"
    assert run.error == "It could not be made (ZeroDivisionError); the log says more."
    assert subjects() == ["Not sent yet: Mornings", "Given up: Mornings"]


def test_a_site_nothing_ever_came_from_and_days_not_counted_yet_are_no_empty_report(site):
    a_mailing(a_reader(site))
    sending.send_due(TUESDAY_7)
    assert MailingRun.objects.get().error == "No calls of Leeds have come in yet."


def test_one_that_cannot_even_be_looked_at_holds_up_no_other(queue):
    boss = a_reader(queue.site)
    a_mailing(boss, report=a_report(boss, "Evenings"), zone="Nowhere/Land")
    a_mailing(boss)
    assert sending.send_due(TUESDAY_7) == 1
    assert subjects() == ["Mornings: 2026-03-02"]


def test_a_mail_that_is_not_taken_is_told_to_whoever_it_belongs_to(queue):
    boss, other = a_reader(queue.site), a_reader(queue.site)
    a_mailing(boss, other)
    sending.send_due(TUESDAY_7)
    Delivery.objects.update(state=Delivery.State.FAILED, error="550 no such user")
    sending.send_due(TUESDAY_7 + MINUTE)
    sending.send_due(TUESDAY_7 + 2 * MINUTE)
    assert subjects()[1:] == ["Not delivered: Mornings"]
    assert f"{other.email}: 550 no such user" in Delivery.objects.latest("pk").body


def test_it_is_sent_at_once_when_asked_for_and_still_when_it_is_due(queue):
    boss = a_reader(queue.site)
    mailing = a_mailing(boss, since=TUESDAY_7)  # next on Wednesday
    noon = TUESDAY_7 + timedelta(hours=5)
    assert services.send_now(mailing, boss, noon)
    assert not services.send_now(mailing, boss, noon)
    assert sending.send_due(noon) == 1
    assert services.send_now(mailing, boss, noon + MINUTE)
    assert sending.send_due(noon + MINUTE) == 1
    a_call(queue, NINE + DAY)
    rebuild()
    assert sending.send_due(TUESDAY_7 + DAY) == 1
    assert subjects() == ["Mornings: 2026-03-02"] * 2 + ["Mornings: 2026-03-03"]


def test_other_times_begin_anew_and_off_is_off(queue):
    mailing = a_mailing(a_reader(queue.site))
    mailing.is_on = False
    services.keep(mailing, mailing.told.all(), mailing.owner, TUESDAY_7 - MINUTE)
    assert sending.send_due(TUESDAY_7) == 0
    mailing.is_on, mailing.hour = True, 5
    services.keep(mailing, mailing.told.all(), mailing.owner, TUESDAY_7)
    assert sending.send_due(TUESDAY_7) == 0  # five is past
    assert not MailingRun.objects.exists()
    assert mailing.next_at == TUESDAY_7 + timedelta(hours=22)


def test_the_mail_goes_out_with_its_table_and_its_workbook(queue, settings):
    settings.MAIL_IS_SET = True
    a_mailing(a_reader(queue.site), attached="xlsx")
    sending.send_due(TUESDAY_7)
    Delivery.objects.update(due_at=TUESDAY_7)
    assert outbox.send_due(TUESDAY_7) == 1
    (sent,) = mail.outbox
    assert [name for name, _data, _kind in sent.attachments] == [
        "report_2026-03-02_2026-03-02.xlsx"
    ]
    assert sent.alternatives[0][1] == "text/html"


@pytest.mark.parametrize("attached", ["csv", "xlsx"])
def test_of_a_report_of_what_is_out_of_reach_the_mail_says_so_and_shows_no_figure(queue, attached):
    reader = a_reader(queue.site)
    away = a_queue(a_site("York"), "Theirs")
    a_call(away, NINE)
    rebuild()
    report = a_report(reader, queue=[str(away.pk)], by=["day"])
    letter = letters.of_report(
        a_mailing(reader, report=report, attached=attached), reader, TUESDAY_7
    )
    words = "Queue: one that this report asks for is gone, or out of your reach. Nothing to show."
    for told in (letter.body, letter.html):
        assert words in told
        assert "Nothing was counted" not in told
        assert "Answered" not in told
    assert letter.files == []


# Its pages

FORM = {"every": "week", "weekday": "0", "hour": "7", "zone": "europe/berlin", "is_on": "on"}


def test_who_leads_a_team_is_offered_no_agent_of_another(client, queue):
    site = queue.site
    lead, ours, theirs = a_user("supervisor", site), a_user("agent", site), a_user("agent", site)
    User.objects.exclude(pk=lead.pk).update(email="x@example.com")
    a_team(site, lead, an_agent(site, "Ann", ours))
    a_team(site, a_user("supervisor", site), an_agent(site, "Eve", theirs))
    mine = SavedReport.objects.create(
        owner=lead, name="Ours", roles=["agent", "supervisor"], question={}, form=1
    )
    client.force_login(lead)
    offered = client.get(reverse("mailing_new", args=[mine.pk])).context["form"].fields["told"]
    assert ours in offered.queryset
    assert theirs not in offered.queryset


def test_a_manager_has_a_report_mailed_and_sees_how_it_went(queue, client):
    boss = a_reader(queue.site)
    reader, stranger = a_reader(queue.site), a_reader(a_site())
    report = a_report(boss)
    client.force_login(boss)
    new = reverse("mailing_new", args=[report.pk])
    offered = client.get(new).context["form"].fields["told"].queryset
    assert {*offered} == {boss, reader}
    refused = client.post(new, FORM | {"told": [stranger.pk]})
    assert "told" in refused.context["form"].errors
    client.post(new, FORM | {"told": [boss.pk, reader.pk]})
    mailing = Mailing.objects.get()
    assert (mailing.zone, mailing.told.count(), mailing.owner) == ("Europe/Berlin", 2, boss)
    assert mailing.next_at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%a %H") == "Mon 07"
    mailing.runs.create(
        day=date(2026, 3, 2), due_at=NINE, tries=1, error="Leeds: the counts are behind."
    )
    for page in (reverse("mailings"), reverse("mailing_edit", args=[mailing.pk])):
        assert "Leeds: the counts are behind." in client.get(page).content.decode()
    # Whom it tells may leave, and changes nothing else.
    client.force_login(reader)
    assert client.get(reverse("mailing_edit", args=[mailing.pk])).status_code == 404
    client.post(reverse("mailing_leave", args=[mailing.pk]))
    assert [*mailing.told.all()] == [boss]
    assert not client.get(reverse("mailings")).context["rows"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"hour": "24"}, "hour"),
        ({"weekday": "7"}, "weekday"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"told": []}, "told"),
        ({"told": ["x"]}, "told"),
        ({"every": "hour"}, "every"),
    ],
)
def test_a_mailing_that_makes_no_sense_is_refused_at_its_field(queue, client, changed, field):
    boss = a_reader(queue.site)
    client.force_login(boss)
    new = reverse("mailing_new", args=[a_report(boss).pk])
    page = client.post(new, FORM | {"told": [boss.pk]} | changed)
    assert field in page.context["form"].errors
    assert not Mailing.objects.exists()


def test_a_report_of_fixed_days_is_not_mailed_again_and_again(queue, client):
    boss = a_reader(queue.site)
    client.force_login(boss)
    report = a_report(boss, period=["custom"], **{"from": ["2026-03-02"]})
    page = client.post(reverse("mailing_new", args=[report.pk]), FORM | {"told": [boss.pk]})
    assert "fixed days" in page.content.decode()


def test_a_preview_is_the_letter_that_goes_out_or_says_why_there_is_none(
    queue, client, django_assert_max_num_queries
):
    mailing = a_mailing(boss := a_reader(queue.site))
    other = a_reader(queue.site)
    sending.send_due(TUESDAY_7)
    sent = Delivery.objects.get()
    client.force_login(boss)
    shown = reverse("mailing_preview", args=[mailing.pk])
    with time_machine.travel(TUESDAY_7):
        page = client.get(shown)
        asked = []
        for more in (0, 5):
            for number in range(more):
                a_call(a_queue(queue.site, f"Line {number}"), NINE)
            rebuild()
            with django_assert_max_num_queries(12) as queries:
                recap = client.get(reverse("recap_preview"), {"site": queue.site.slug})
            asked.append(len(queries))
    assert asked[0] == asked[1]
    assert page.context["letter"].subject == sent.subject
    assert f'srcdoc="{escape(sent.html)}"' in page.content.decode()
    assert recap.context["letter"].subject == "Leeds, 2026-03-02: nothing held against usual"
    with time_machine.travel(TUESDAY_7 + DAY):
        page = client.get(shown)
    assert "the calls of 2026-03-03 have not come in" in page.content.decode()
    client.force_login(other)
    assert client.get(shown).status_code == 404


@pytest.mark.parametrize(
    ("role", "said"), [("manager", "ask your administrator"), ("admin", "until CCM_MAIL_URL")]
)
def test_without_a_mail_server_nothing_is_on_its_way(queue, client, settings, role, said):
    settings.MAIL_IS_SET = False
    mailing = a_mailing(boss := a_reader(queue.site, role=role))
    sending.send_due(TUESDAY_7)
    outbox.send_due(TUESDAY_7 + DAY)
    client.force_login(boss)
    for page in (reverse("mailings"), reverse("mailing_edit", args=[mailing.pk])):
        words = client.get(page).content.decode()
        assert said in words
        assert ("CCM_MAIL_URL" in words) == (role == "admin")
        assert "on its way" not in words.lower()


@pytest.mark.parametrize("is_recap", [False, True])
def test_only_where_a_report_was_mailed_does_one_stay(queue, client, is_recap):
    boss = a_reader(queue.site)
    mailing = a_mailing(boss, **({"site": queue.site} if is_recap else {}))
    client.force_login(boss)
    page = client.get(reverse("mailing_remove", args=[mailing.pk])).content.decode()
    assert ("report itself stays" in page) != is_recap


def test_everybody_who_sees_figures_says_where_their_mails_go(queue, client):
    boss = a_user("manager", queue.site)
    client.force_login(boss)
    for said, kept, told in (
        ("boss@example.com", "boss@example.com", "Your address is kept."),
        ("x", "boss@example.com", "Enter a valid email address."),
        ("", "", "Your address is removed."),
    ):
        page = client.post(reverse("mailing_address"), {"email": said}, follow=True)
        boss.refresh_from_db()
        assert boss.email == kept
        assert told in page.content.decode()


def test_a_mailing_s_days_and_times_name_the_zone_that_they_are_of(queue, client):
    """Its report is of sites of several zones: 07:00 UTC is 02:00 in Bogota."""
    mailing = a_mailing(boss := a_reader(queue.site), zone="America/Bogota", since=TUESDAY_7)
    mailing.runs.create(
        day=date(2026, 3, 2), due_at=TUESDAY_7, state="waiting", tries=1, error="Not there yet."
    )
    client.force_login(boss)
    page = " ".join(client.get(reverse("mailings")).content.decode().split())
    assert '2 Mar 2026 <small class="aside">America/Bogota</small>' in page
    assert '3 Mar 2026 02:00</time> <small class="aside">America/Bogota</small>' in page
    assert "02:00</time> (America/Bogota)." in page


@pytest.mark.parametrize("name", ["mailings", "mailing_edit", "mailing_preview"])
def test_a_page_asks_the_same_of_one_mailing_as_of_many(
    queue, client, django_assert_max_num_queries, name
):
    boss = a_reader(queue.site)
    client.force_login(boss)
    asked = []
    for number in (1, 7):
        for again in range(number):
            one = a_mailing(
                boss, boss, a_reader(queue.site), report=a_report(boss, f"{number}{again}")
            )
            run = one.runs.create(day=date(2026, 3, number), due_at=NINE, state="sent")
            outbox.mail(f"{number} {again}", boss.email, "Mornings", "")
            run.mails.set(Delivery.objects.all())
        args = [] if name == "mailings" else [one.pk]
        with django_assert_max_num_queries(12) as queries:
            assert client.get(reverse(name, args=args)).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.django_db
def test_a_mailing_of_a_report_proposes_the_clock_of_its_site(client):
    """Bogota is first by name, and the report is of a queue of Leeds."""
    bogota, leeds = a_site("Bogota", "America/Bogota"), a_site("Leeds", "Europe/London")
    boss = a_user("manager", bogota, leeds)
    client.force_login(boss)
    for picked in ({"site": [leeds.slug]}, {"queue": [a_queue(leeds).pk]}):
        kept = Asked.of({name: [str(one) for one in many] for name, many in picked.items()})
        report = reports.save(boss, f"Of {picked}"[:60], kept, [], now=timezone.now())
        form = client.get(reverse("mailing_new", args=[report.pk])).context["form"]
        assert form["zone"].value() == "Europe/London"
