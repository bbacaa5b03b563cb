"""Alerts: raised once, cleared where they are said to be, told once, and never of old data."""

import csv
import re
from datetime import UTC, datetime, time, timedelta
from io import StringIO

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ccm.models import Delivery, DirtyDay, Queue, User, Webhook
from ccm.outgoing import outbox
from kpis.alerts.judging import Bounds, Move, is_quiet, judged
from kpis.alerts.models import Alert, AlertRule
from kpis.alerts.tables import bound_words
from kpis.alerts.watchable import can_be_watched
from kpis.alerts.watching import watch
from kpis.rollups import rebuild
from kpis.walls import frames
from tests.builders import a_call, a_queue, a_site, a_team, a_user

MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)
BELOW = Bounds("below", 0.8, 0.85, least_n=10)
ABOVE = Bounds("above", 60, 45)


@pytest.mark.parametrize(
    ("bounds", "value", "n", "is_raised", "move"),
    [
        (BELOW, 0.79, 10, False, Move.RAISE),
        (BELOW, 0.80, 10, False, Move.STAY),
        (BELOW, 0.79, 9, False, Move.STAY),  # too few
        (BELOW, 0.84, 10, True, Move.STAY),  # not back yet
        (BELOW, 0.85, 10, True, Move.CLEAR),
        (BELOW, 1.0, 9, True, Move.STAY),
        (BELOW, None, 0, True, Move.CLEAR),  # nobody called at all
        (BELOW, None, 0, False, Move.STAY),
        (ABOVE, 61, 1, False, Move.RAISE),
        (ABOVE, 60, 1, False, Move.STAY),
        (ABOVE, 46, 1, True, Move.STAY),
        (ABOVE, 45, 1, True, Move.CLEAR),
    ],
)
def test_a_value_raises_beyond_the_bound_and_clears_where_it_is_back(
    bounds, value, n, is_raised, move
):
    assert judged(value, n, bounds, is_raised) == move


@given(st.lists(st.floats(0.8, 0.8499), max_size=50), st.booleans())
def test_a_figure_between_its_two_bounds_moves_nothing(values, is_raised):
    assert {judged(value, 99, BELOW, is_raised) for value in values} <= {Move.STAY}


def test_a_rule_that_could_never_be_over_is_none():
    with pytest.raises(ValueError, match="beyond"):
        Bounds("below", 0.8, 0.7)


@pytest.mark.parametrize(
    ("at", "quiet"), [("21:59", False), ("22:00", True), ("03:00", True), ("06:00", False)]
)
def test_quiet_hours_may_go_over_midnight(at, quiet):
    assert is_quiet(time.fromisoformat(at), time(22), time(6)) is quiet
    assert not is_quiet(time.fromisoformat(at), None, None)


def a_rule(site, **more):
    said = {
        "name": f"Level {AlertRule.objects.count()}", "kpi": "service_level", "side": "below",
        "raises_at": "0.8", "clears_at": "0.85", "window": 30, "least_n": 10, "level": "bad",
    }  # fmt: skip
    return AlertRule.objects.create(site=site, **said | more)


def calls(queue, good, bad, at=NOW - 10 * MINUTE):
    """So many answered at once and so many after a minute, about `at`."""
    for number in range(good + bad):
        a_call(queue, at + timedelta(seconds=number), wait=1 if number < good else 60)
    rebuild()


@pytest.fixture
def queue(db):
    return a_queue(a_site(zone="Europe/Berlin"), "Sales")


def test_a_level_under_its_bound_raises_one_alert_and_its_return_ends_it(queue):
    boss = a_user("manager", queue.site)
    boss.email = "boss@example.com"
    boss.save()
    rule = a_rule(queue.site, queue=queue)
    rule.told.add(boss)
    calls(queue, good=7, bad=3)  # 70 %
    assert (watch(NOW), watch(NOW + MINUTE)) == (1, 0)
    alert = Alert.objects.get()
    assert alert.words == (
        "Service level of Sales below 80.0\N{NO-BREAK SPACE}%: 70.0\N{NO-BREAK SPACE}% of 10,"
        " 30 minutes"
    )
    assert (alert.raised_at, alert.cleared_at, alert.raised_value) == (NOW, None, 0.7)

    calls(queue, good=5, bad=0)  # 12 of 15: 80 %, not back yet
    assert watch(NOW + 2 * MINUTE) == 0
    calls(queue, good=9, bad=0, at=NOW - 5 * MINUTE)  # 21 of 24: 87.5 %
    assert watch(NOW + 3 * MINUTE) == 1
    alert.refresh_from_db()
    assert (alert.cleared_at, alert.value) == (NOW + 3 * MINUTE, 0.875)

    subjects = [one.subject for one in Delivery.objects.order_by("pk")]
    assert subjects == [f"Critical: {rule} ({queue.site})", f"Over: {rule} ({queue.site})"]
    assert "2026-03-02 10:40 (Europe/Berlin)" in Delivery.objects.earliest("pk").body


def test_the_window_trails_and_another_queue_is_not_in_it(queue):
    a_rule(queue.site, queue=queue, window=15)
    calls(queue, good=0, bad=20, at=NOW - 30 * MINUTE)  # 9:10, before 9:30
    calls(a_queue(queue.site), good=0, bad=20)
    calls(queue, good=10, bad=0, at=NOW - 5 * MINUTE)
    assert watch(NOW) == 0
    AlertRule.objects.update(window=30, checked_at=None)
    assert watch(NOW) == 0  # 9:15 on
    AlertRule.objects.update(window=60, checked_at=None)
    assert watch(NOW) == 1


def test_a_webhook_is_told_with_the_figure_in_its_unit(queue):
    hook = Webhook.objects.create(site=queue.site, name="Room", url="https://example.com/x")
    a_rule(queue.site, kpi="asa", side="above", raises_at=30, clears_at=20).webhooks.add(hook)
    calls(queue, good=0, bad=10)
    watch(NOW)
    told = Delivery.objects.get().payload
    assert (told["state"], told["kpi"], told["value"], told["bound"]) == ("raised", "asa", 60.0, 30)
    assert told["raised_at"] == "2026-03-02T09:40:00+00:00"


def test_in_quiet_hours_the_alert_stands_and_is_told_when_they_are_over(queue):
    hook = Webhook.objects.create(site=queue.site, name="Room", url="https://example.com/x")
    # 10:40 in Berlin.
    rule = a_rule(queue.site, quiet_from=time(10), quiet_until=time(11))
    rule.webhooks.add(hook)
    calls(queue, good=0, bad=10)
    assert (watch(NOW), Delivery.objects.count()) == (1, 0)
    calls(queue, good=0, bad=10, at=NOW + 20 * MINUTE)
    watch(NOW + 21 * MINUTE)
    assert [one.payload["state"] for one in Delivery.objects.all()] == ["raised"]


def test_whoever_sees_to_it_spares_the_others_the_message(queue, client):
    hook = Webhook.objects.create(site=queue.site, name="Room", url="https://example.com/x")
    rule = a_rule(queue.site, quiet_from=time(10), quiet_until=time(11))
    rule.webhooks.add(hook)
    calls(queue, good=0, bad=10)
    watch(NOW)
    user = a_user("supervisor")
    a_team(queue.site, user)
    client.force_login(user)
    url = reverse("alert_seen", args=[Alert.objects.get().pk])
    told = client.post(url, {"note": "x" * 301}, follow=True).content.decode()
    assert "A note has at most 300 characters: nothing was noted." in told
    client.post(url, {"note": "two more come at eleven"})
    client.post(url, {"note": "no, I"})
    alert = Alert.objects.get()
    assert (alert.seen_by, alert.note) == (user, "two more come at eleven")
    calls(queue, good=0, bad=10, at=NOW + 20 * MINUTE)
    watch(NOW + 21 * MINUTE)
    assert not Delivery.objects.exists()


def test_of_old_data_nothing_is_said_and_an_alert_stays_as_it_is(queue):
    rule = a_rule(queue.site)
    calls(queue, good=0, bad=10)
    watch(NOW)
    # Nothing comes in for an hour while the site is open: is it quiet, or is the feed away?
    assert watch(NOW + 60 * MINUTE) == 0
    rule.refresh_from_db()
    assert rule.unknown.startswith("Nothing has come in since 2026-03-02 10:3")
    assert Alert.objects.get().cleared_at is None


def test_counts_that_lag_say_nothing(queue):
    rule = a_rule(queue.site)
    calls(queue, good=0, bad=10)
    DirtyDay.objects.create(site=queue.site, queue=queue, day=NOW.date())
    DirtyDay.objects.update(marked_at=NOW - 10 * MINUTE)
    assert watch(NOW) == 0
    rule.refresh_from_db()
    assert rule.unknown == "The counts are behind."


def test_after_closing_an_alert_of_no_calls_is_over(queue):
    queue.site.opening = {"0": [["08:00", "11:00"]]}
    queue.site.save()
    a_rule(queue.site)
    calls(queue, good=0, bad=10)
    watch(NOW)
    assert watch(NOW + 60 * MINUTE) == 1
    assert Alert.objects.get().cleared_at == NOW + 60 * MINUTE


def test_an_alert_stands_on_the_walls_of_its_site_and_of_its_queue_only(queue):
    rule = a_rule(queue.site, queue=queue)
    Alert.objects.create(
        rule=rule, level="bad", words="Sales is low", raised_at=NOW, raised_value=0.7, n=10
    )
    low, now = "Critical: Sales is low", "; now 75.0\N{NO-BREAK SPACE}% of 40"
    board = queue.site.boards.get()
    assert frames.frame(board, NOW)["alert"] == low
    board.queues.set([a_queue(queue.site)])
    assert frames.frame(board, NOW)["alert"] == ""
    board.queues.add(queue)
    assert frames.frame(board, NOW)["alert"] == low
    Alert.objects.update(seen_at=NOW, value=0.75, n=40)
    frame = frames.frame(board, NOW)
    assert (frame["alert"], frame["alert_level"]) == (f"{low}{now} (seen to)", "bad")
    Alert.objects.update(seen_by=a_user("supervisor", name="marta"))
    assert frames.frame(board, NOW)["alert"] == f"{low}{now} (seen to)", "walls name nobody"


FORM = {
    "name": "Level", "kpi": "service_level", "side": "below", "raises_at": "80%",
    "clears_at": "85 %", "window": "30", "least_n": "10", "level": "warn", "is_on": "on",
}  # fmt: skip


def test_a_manager_makes_a_rule_and_sees_what_it_raised(queue, client):
    boss = a_user("manager", queue.site)
    client.force_login(boss)
    said = FORM | {"site": queue.site.pk, "queue": queue.pk}
    assert client.post(reverse("alert_rule_new"), said).status_code == 302
    rule = AlertRule.objects.get()
    assert (float(rule.raises_at), float(rule.clears_at), rule.made_by) == (0.8, 0.85, boss)
    now = timezone.now()
    calls(queue, good=0, bad=10, at=now - MINUTE)
    watch(now)
    page = client.get(reverse("alerts")).content.decode()
    assert "Service level of Sales below 80.0" in page
    assert "now 0.0" in page
    assert "I see to it" in page


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"clears_at": "70%"}, "clears_at"),
        ({"raises_at": "120%"}, "raises_at"),
        ({"raises_at": "soon"}, "raises_at"),
        ({"raises_at": "0.8"}, "raises_at"),  # 0.8 % or 80 %?
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"kpi": "luck"}, "kpi"),
        ({"least_n": "0"}, "least_n"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_field(queue, client, changed, field):
    client.force_login(a_user("manager", queue.site))
    page = client.post(reverse("alert_rule_new"), FORM | {"site": queue.site.pk} | changed)
    assert field in page.context["form"].errors
    assert not AlertRule.objects.exists()


def test_what_is_private_or_not_told_by_the_quarter_hour_is_not_watched(queue):
    """Costs, whom an alert on a wall would tell everybody; and who came again, told by the day."""
    refused = (
        "cost_per_call",
        "conversion",
        "revenue",
        "fcr",
        "turnover",
        "calls_per_agent",
        "luck",
    )
    assert [one for one in refused if can_be_watched(one)] == []
    assert can_be_watched("asa")
    assert can_be_watched("occupancy:O2")
    rule = a_rule(queue.site, kpi="cost_per_call", side="above", raises_at=0, clears_at=0)
    calls(queue, good=10, bad=0)
    assert watch(NOW) == 0
    rule.refresh_from_db()
    assert rule.unknown == "This KPI cannot be watched any more."


@pytest.mark.parametrize("name", ["alerts", "alert_rule_list", "deliveries", "webhook_list"])
def test_a_page_asks_the_same_of_one_row_as_of_many(
    queue, client, django_assert_max_num_queries, name
):
    client.force_login(a_user("admin"))
    asked = []
    for rows in (1, 8):
        for number in range(rows):
            rule = a_rule(queue.site, name=f"Rule {rows}-{number}", unknown="x", queue=queue)
            for over in (None, NOW):
                Alert.objects.create(
                    rule=rule, level="bad", words="Low", raised_at=timezone.now(), n=10,
                    raised_value=0.7, cleared_at=over and timezone.now(), seen_by=a_user(),
                )  # fmt: skip
            hook = Webhook.objects.create(
                site=queue.site, name=f"Room {rows}-{number}", url="https://example.com"
            )
            outbox.tell(f"key {rows}-{number}", hook, "Low", {})
        client.get(reverse(name))
        with django_assert_max_num_queries(12) as queries:
            client.get(reverse(name))
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_another_bound_ends_what_stood_under_the_old_one(queue, client):
    client.force_login(a_user("manager", queue.site))
    rule = a_rule(queue.site, name="Level")
    calls(queue, good=7, bad=3)
    watch(NOW)
    client.post(reverse("alert_rule_edit", args=[rule.pk]), FORM | {"raises_at": "60%"})
    assert Alert.objects.get().cleared_at is not None
    assert watch(NOW + MINUTE) == 0


def test_alerts_of_other_sites_are_not_there(queue, client):
    rule = a_rule(queue.site)
    alert = Alert.objects.create(
        rule=rule, level="bad", words="Sales is low", raised_at=NOW, raised_value=0.7, n=10
    )
    client.force_login(a_user("manager", a_site()))
    assert "Sales is low" not in client.get(reverse("alerts")).content.decode()
    assert client.post(reverse("alert_seen", args=[alert.pk])).status_code == 404


def test_what_stands_is_on_home_and_counted_in_the_sidebar_for_who_may_see_it(
    queue, client, django_assert_max_num_queries
):
    """Two stand at the site and one at another; a fourth is over."""
    elsewhere = a_queue(a_site("Elsewhere"))
    for number, site in enumerate((queue.site, queue.site, elsewhere.site, queue.site)):
        rule = a_rule(site, name=f"Rule {number}")
        Alert.objects.create(
            rule=rule, level="bad", words=f"Low of rule {number}", raised_at=NOW, n=10,
            raised_value=0.7, value=0.6, cleared_at=NOW if number == 3 else None,
            seen_at=NOW if number == 1 else None,
        )  # fmt: skip
    client.force_login(a_user("manager", queue.site))
    client.get(reverse("home"))
    with django_assert_max_num_queries(12):
        response = client.get(reverse("home"))
    page = response.content.decode()
    found = [(one.words, one.word, one.now, one.since) for one in response.context["needs"]]
    now = "60.0\N{NO-BREAK SPACE}% of 10"
    assert found == [
        ("Low of rule 0", "Critical", now, NOW),
        ("Low of rule 1", "seen to", now, NOW),
    ]
    assert page.count("See to it") == 1  # of the one that nobody sees to
    first = Alert.objects.get(rule__name="Rule 0")
    assert f'href="{reverse("alerts")}#alert-{first.pk}"' in page
    assert f'id="alert-{first.pk}"' in client.get(reverse("alerts")).content.decode()
    assert "10:40</time>" in page  # by the clock of Berlin
    counts = {
        str(entry["words"]): entry["count"]
        for group in response.context["navigation"]
        for entry in group["entries"]
    }
    assert {name: many for name, many in counts.items() if many} == {"Alerts": 2}
    client.force_login(a_user("admin"))
    assert len(client.get(reverse("home")).context["needs"]) == 3
    client.force_login(a_user("manager", a_site("Third")))
    response = client.get(reverse("home"))
    assert response.context["needs"] == []
    assert "Needs you" not in response.content.decode()


def test_a_wall_says_a_figure_once_while_it_is_the_one_that_raised_the_alert(queue):
    a_rule(queue.site, queue=queue)
    calls(queue, good=7, bad=3)
    watch(NOW)
    board = queue.site.boards.get()
    raised = Alert.objects.get()
    assert frames.frame(board, NOW)["alert"] == f"Critical: {raised.words}"
    Alert.objects.update(value=0.6, n=15)
    said = f"Critical: {raised.words}; now 60.0\N{NO-BREAK SPACE}% of 15"
    assert frames.frame(board, NOW)["alert"] == said
    # A count is a whole one, then and now.
    AlertRule.objects.all().delete()
    a_rule(queue.site, kpi="offered", side="above", raises_at="5", clears_at="5", window=0)
    watch(NOW)
    said = f"Offered of {queue.site} above 5: 10 of 10, today"
    assert frames.frame(board, NOW)["alert"] == f"Critical: {said}"


def test_a_new_rule_offers_the_queues_of_the_site_once_it_is_chosen(queue, client):
    other = a_queue(a_site(), "Elsewhere")
    client.force_login(a_user("manager", queue.site, other.site))
    new = reverse("alert_rule_new")

    def offered(form):
        return [str(words) for _value, words in form["queue"].field.choices]

    form = client.get(new).context["form"]
    assert "hx-get" in form["site"].as_widget()
    assert len(offered(form)) == 3  # no queue, and those of each site under its name
    drawn = form["queue"].as_widget()
    for one in Queue.objects.select_related("site"):
        _before, _label, its = drawn.partition(f'<optgroup label="{one.site}">')
        assert f">{one.name}<" in its.partition("</optgroup>")[0]
    form = client.get(new, {"site": queue.site.pk}).context["form"]
    assert offered(form) == ["the whole site", "Sales"]
    assert form["site"].value() == queue.site.pk
    assert not form.errors


def test_boxes_of_people_and_webhooks_are_kept_when_a_rule_is_made_and_when_it_is_changed(
    queue, client
):
    """Several of each: what a browser sends is a list."""
    boss, ada = (a_user("manager", queue.site, name=one) for one in ("boss", "ada"))
    User.objects.update(email="mail@example.com")
    rooms = [
        Webhook.objects.create(site=queue.site, name=one, url="https://example.com").pk
        for one in ("Room", "Wall")
    ]
    client.force_login(boss)
    said = FORM | {"site": queue.site.pk, "told": [boss.pk, ada.pk], "webhooks": rooms}
    assert client.post(reverse("alert_rule_new"), said).status_code == 302
    rule = AlertRule.objects.get()
    assert {*rule.told.all()} == {boss, ada}
    assert rule.webhooks.count() == 2
    page = reverse("alert_rule_edit", args=[rule.pk])
    drawn = client.get(page).context["form"].as_drawn
    fewer = FORM | {"told": [ada.pk], "webhooks": rooms, "drawn": drawn}
    assert client.post(page, fewer).status_code == 302
    assert [*rule.told.all()] == [ada]
    assert rule.webhooks.count() == 2
    # Another had opened the page before, and unticks a room alone.
    later = FORM | {"told": [boss.pk, ada.pk], "webhooks": rooms[:1], "drawn": drawn}
    assert client.post(page, later).status_code == 302
    assert [*rule.told.all()] == [ada]
    assert [*rule.webhooks.values_list("pk", flat=True)] == rooms[:1]


@pytest.mark.django_db
def test_with_several_sites_each_that_can_be_told_says_of_which_and_another_sites_is_refused(
    client,
):
    leeds, york = a_site("Leeds"), a_site("York")
    ada = a_user("manager", york, name="ada")
    a_user("agent", leeds, name="clerk")
    User.objects.update(email="mail@example.com")
    hook = Webhook.objects.create(site=york, name="Room", url="https://example.com")
    boss = a_user("admin", name="boss")
    client.force_login(boss)
    new = reverse("alert_rule_new")
    form = client.get(new).context["form"]
    assert form.fields["told"].choices == [(ada.pk, "ada (York)")]
    assert form.fields["webhooks"].choices == [(hook.pk, "Room (York)")]
    said = FORM | {"site": leeds.pk, "told": [ada.pk], "webhooks": [hook.pk]}
    form = client.post(new, said).context["form"]
    assert form.errors["told"] == ["ada is not of this site: Leeds."]
    assert form.errors["webhooks"] == ["Room is of another site: York."]
    assert form.fields["told"].help_text == (
        "Nobody of the site has a mail address. Everybody gives one under "
        f'<a class="link" href="{reverse("mailings")}">By mail</a>.'
    )
    words = "The site has no webhook yet."
    assert form.fields["webhooks"].help_text == (
        f'{words} <a class="link" href="{reverse("webhook_new")}">New webhook</a>'
    )
    assert client.post(new, said | {"site": york.pk}).status_code == 302
    page = client.get(reverse("alert_rule_list")).content.decode()
    assert "ada, Room" in page


def test_a_file_of_rules_says_whom_each_tells_and_nothing_where_it_tells_nobody(queue, client):
    ada, boss = (a_user("manager", queue.site, name=one) for one in ("ada", "boss"))
    a_rule(queue.site, name="Alone")
    rule = a_rule(queue.site, name="Heard")
    rule.told.set([ada, boss])
    rule.webhooks.set([Webhook.objects.create(site=queue.site, name="Room", url="https://x.org")])
    client.force_login(boss)
    file = b"".join(client.get(reverse("alert_rule_csv")).streaming_content).decode("utf-8-sig")
    told = {row["Name"]: row["Tells"] for row in csv.DictReader(StringIO(file))}
    assert told == {"Alone": "", "Heard": "ada; boss; Room"}


def test_who_is_told_already_stays_offered_to_whoever_changes_the_rule(queue, client):
    """An admin of no site had made it, and tells themself."""
    root = a_user("admin", name="root")
    rule = a_rule(queue.site, queue=queue)
    rule.told.set([root])
    client.force_login(a_user("manager", queue.site, name="boss"))
    page = reverse("alert_rule_edit", args=[rule.pk])
    form = client.get(page).context["form"]
    assert client.post(page, FORM | form.written | {"drawn": form.as_drawn}).status_code == 302
    assert [*rule.told.all()] == [root]


def test_times_of_several_zones_name_theirs_and_those_of_one_name_it_once(queue, client):
    """09:40 UTC is 10:40 in Berlin and 15:10 in Kolkata."""
    for site in (queue.site, a_site(zone="Asia/Kolkata")):
        rule = a_rule(site)
        for cleared in (None, NOW + MINUTE):
            Alert.objects.create(
                rule=rule, level="bad", words="Low", raised_at=NOW, n=10, raised_value=0.7,
                cleared_at=cleared,
            )  # fmt: skip
    alerts = reverse("alerts")
    with time_machine.travel(NOW + 2 * MINUTE):
        client.force_login(a_user("manager", queue.site, rule.site))
        page = " ".join(client.get(alerts).content.decode().split())
        assert page.count('10:40</time> <small class="aside">Europe/Berlin</small>') == 2
        assert page.count('15:10</time> <small class="aside">Asia/Kolkata</small>') == 2
        assert "times of" not in page
        home = client.get(reverse("home")).content.decode()
        assert "10:40</time> (Europe/Berlin)" in home
        assert "15:10</time> (Asia/Kolkata)" in home
        client.force_login(a_user("manager", queue.site))
        page = client.get(alerts).content.decode()
        assert page.count("times of Europe/Berlin") == 2
        assert ">Europe/Berlin</small>" not in page
        assert "(Europe/Berlin)" not in client.get(reverse("home")).content.decode()


@pytest.mark.parametrize(
    ("kpi", "bound", "words"),
    [
        ("asa", "5", "Average speed of answer rises above 0:05"),
        ("service_level", "0.8", "Service level rises above 80.0\N{NO-BREAK SPACE}%"),
        ("offered", "5", "Offered rises above 5"),
    ],
)
def test_a_rule_s_bound_is_written_as_its_kpi_s_figures_are(queue, kpi, bound, words):
    rule = a_rule(queue.site, kpi=kpi, side="above", raises_at=bound, clears_at=bound)
    rule.refresh_from_db()
    assert bound_words(rule) == words


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"kpi": "", "raises_at": "80%"}, {"kpi": ["Choose a KPI."]}),
        ({"raises_at": ""}, {"raises_at": ["This field is required."]}),
        ({"raises_at": "much"}, {"raises_at": ["It is no number, share or time."]}),
    ],
)
def test_what_is_wrong_with_a_bound_is_said_once_and_where_it_is(queue, client, sent, said):
    client.force_login(a_user("manager", queue.site))
    page = client.post(reverse("alert_rule_new"), FORM | {"site": queue.site.pk} | sent)
    assert page.context["form"].errors == said


def plain(page):
    return " ".join(re.sub("<[^>]*>", " ", page.content.decode()).split())


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("window", "told", "link"),
    [
        # A passport is of whole days: what the last half hour was has none.
        (30, "now 60.0 % of 15, 30 minutes", ">the day’s figure</a>"),
        (0, "now 60.0 % of 15, today", ">60.0\N{NO-BREAK SPACE}% of 15</a>, today"),
    ],
)
def test_an_alert_s_figure_opens_the_passport_of_its_scope_and_day(
    queue, client, window, told, link
):
    rule = a_rule(queue.site, queue=queue, window=window)
    calls(queue, good=7, bad=3)
    watch(NOW)
    Alert.objects.update(value=0.6, n=15)
    client.force_login(a_user("manager", queue.site))
    url = (
        f"/passport/?kpi=service_level&amp;from=2026-03-02&amp;to=2026-03-02"
        f"&amp;site={queue.site.slug}&amp;queue={queue.pk}"
    )
    for name in ("alerts", "home"):
        page = client.get(reverse(name))
        assert told in plain(page).replace("\N{NO-BREAK SPACE}", " ").replace(" ,", ","), name
        assert f'href="{url}" data-drawer{link}' in page.content.decode(), name
    assert client.get(url.replace("&amp;", "&")).context["passport"]["value"] == 0.7
    # One that is over has the figure of the day on which it began.
    Alert.objects.update(cleared_at=NOW + timedelta(days=1))
    page = client.get(reverse("alerts")).content.decode()
    assert f'href="{url}" data-drawer>the day’s figure</a>' in page
    assert rule.name in page


def test_what_a_changed_rule_ended_is_not_told_as_come_back(queue, client):
    client.force_login(a_user("manager", queue.site))
    rule = a_rule(queue.site, name="Level")
    edit = reverse("alert_rule_edit", args=[rule.pk])
    now = timezone.now()
    calls(queue, good=7, bad=3, at=now - MINUTE)
    watch(now)
    # Another name is no other rule: what it raised still stands.
    same = FORM | {"clears_at": "85%", "level": "bad", "name": "Level of all"}
    client.post(edit, same)
    rule.refresh_from_db()
    assert (rule.name, Alert.objects.get().cleared_at) == ("Level of all", None)
    client.post(edit, same | {"raises_at": "60%"})
    alert = Alert.objects.get()
    assert (alert.cleared_at is not None, alert.ended_by_change) == (True, True)
    assert "its rule was changed" in plain(client.get(reverse("alerts")))
    Alert.objects.update(ended_by_change=False)
    assert "its rule was changed" not in plain(client.get(reverse("alerts")))


def test_the_list_of_rules_says_where_each_is_over_again_and_when_it_is_quiet(queue, client):
    a_rule(queue.site, quiet_from=time(22), quiet_until=time(6))
    a_rule(queue.site, raises_at="0.7", clears_at="0.7")
    client.force_login(a_user("manager", queue.site))
    said = plain(client.get(reverse("alert_rule_list"))).replace("\N{NO-BREAK SPACE}", " ")
    assert "falls below 80.0 % over again at 85.0 %" in said
    assert "falls below 70.0 % over" not in said
    assert "quiet from 22:00 to 06:00" in said
    file = b"".join(client.get(reverse("alert_rule_csv")).streaming_content).decode("utf-8-sig")
    rows = [(one["Quiet from"], one["Quiet until"]) for one in csv.DictReader(StringIO(file))]
    assert rows == [("22:00", "06:00"), ("", "")]


def test_where_nobody_can_be_told_the_form_says_where_that_is_changed(queue, client):
    client.force_login(a_user("manager", queue.site))
    page = client.get(reverse("alert_rule_new"), {"site": queue.site.pk}).content.decode()
    assert "---------" not in page
    assert f'href="{reverse("webhook_new")}"' in page
    assert f'href="{reverse("mailings")}"' in page.split('id="id_told_helptext"')[1][:200]
    assert 'name="webhooks"' not in page
