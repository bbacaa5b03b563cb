"""Trials: registered beforehand, locked from their start, told when they are over, decided once."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.models import Agent, AuditEntry, Team
from ccm.signals import names_merged
from coaching.models import Trial, TrialAgent, TrialChange
from coaching.progress import Refused
from coaching.trials import locks, reads, services, verdicts
from coaching.trials.services import Plan
from kpis.models import FillMark, KpiChoice
from tests.builders import NINE, a_site, a_user
from tests.coaching.effect.builders import COACHED, Centre
from tests.coaching.trials.builders import a_trial

pytestmark = pytest.mark.django_db

# Of the database's own clock: later than its now, whenever that is.
LATER = datetime(2100, 3, 1, 9, tzinfo=UTC)
TOMORROW = date(2100, 3, 2)


def a_plan(agents, **more):
    said = {
        "title": "Greet by name", "words": "The caller's name first.", "kpi": "aht",
        "hoped": "less", "team": None, "starts_on": TOMORROW,
        "ends_on": TOMORROW + timedelta(days=27), "agents": tuple(agents),
    }  # fmt: skip
    return Plan(**said | more)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def page(user, name, *args):
    answer = signed_in(user).get(reverse(name, args=args))
    return " ".join(answer.content.decode().split())


@pytest.fixture
def floor():
    """Thirty-four agents, ten of whom one leads."""
    made = Centre()
    made.team(made.lead, made.agents[:10])
    return made


@pytest.fixture
def over():
    """Ten tried it from 2 February to 1 March, and had 12 s less; it is Monday 2 March."""
    made = Centre(trigger=COACHED).works(*[-12.0] * 10)
    made.team(made.lead, made.agents[:10])
    with time_machine.travel(NINE, tick=False):
        made.trial = a_trial(
            made.site, made.agents[:10], starts_on=date(2026, 2, 2),
            made_at=datetime(2026, 1, 26, 9, tzinfo=UTC), made_by=made.lead,
        )  # fmt: skip
        yield made


def told(centre):
    trial = Trial.objects.with_agents().select_related("site", "team").get(pk=centre.trial.pk)
    return verdicts.of(trial, {*trial.agent_ids}, centre.manager, NINE)


def test_who_leads_a_team_registers_a_trial_of_it_before_it_begins(floor):
    team = Team.objects.get()
    client = signed_in(floor.lead)
    first = timezone.now().date() + timedelta(days=7)
    sent = {
        "title": "Greet by name", "words": "The caller's name first.", "kpi": "aht",
        "hoped": "less", "starts_on": first, "ends_on": first + timedelta(days=27),
        "team": team.pk,
    }  # fmt: skip
    answer = client.post(reverse("trial_new"), sent)
    made = Trial.objects.get()
    assert answer.url == reverse("trial", args=[made.pk])
    assert {*made.agents.values_list("agent", flat=True)} == {one.pk for one in floor.agents[:10]}
    assert (made.made_by, made.kpi, made.hoped, made.team) == (floor.lead, "aht", "less", team)
    said = page(floor.lead, "trial", made.pk)
    assert "less Average handling time" in said
    assert "It can be changed until" in said
    assert "Agent 03" in said
    # The same again within two minutes is one.
    client.post(reverse("trial_new"), sent)
    assert Trial.objects.count() == 1
    assert AuditEntry.objects.filter(model="coaching.trial").count() == 1


@pytest.mark.parametrize(
    ("more", "field", "why"),
    [
        ({"starts_on": TOMORROW - timedelta(days=1)}, "starts_on", "later day than today"),
        ({"ends_on": TOMORROW + timedelta(days=12)}, "ends_on", "14 to 91 days"),
        ({"ends_on": TOMORROW + timedelta(days=91)}, "ends_on", "14 to 91 days"),
        ({"kpi": "service_level"}, "kpi", "No effect is told"),
    ],
)
def test_what_cannot_be_tried_is_refused(floor, more, field, why):
    with pytest.raises(ValidationError) as refused:
        services.register(floor.site, a_plan(floor.agents[:5], **more), floor.manager, LATER)
    assert why in refused.value.message_dict[field][0]


def test_who_takes_part_is_coached_by_who_registers_and_is_in_no_other_trial(floor):
    for agents, who, why in (
        (floor.agents[:4], floor.manager, "fewer than 5"),
        (floor.agents[8:14], floor.lead, "4 of them are none whom you coach"),
        (Centre().agents[:5], floor.manager, "5 of them are none whom you coach"),
    ):
        with pytest.raises(ValidationError, match=why):
            services.register(floor.site, a_plan(agents), who, LATER)
    services.register(floor.site, a_plan(floor.agents[:5]), floor.lead, LATER)
    with pytest.raises(ValidationError, match="In another trial on these days: Agent 04"):
        services.register(floor.site, a_plan(floor.agents[4:9], title="B"), floor.manager, LATER)
    # After that one is over they may be in the next.
    first = TOMORROW + timedelta(days=28)
    later = a_plan(
        floor.agents[4:9], title="B", starts_on=first, ends_on=first + timedelta(days=20)
    )
    services.register(floor.site, later, floor.manager, LATER)
    assert Trial.objects.count() == 2


def test_before_its_start_it_is_changed_and_what_it_said_is_kept(floor):
    made = services.register(floor.site, a_plan(floor.agents[:6]), floor.lead, LATER)
    plan = a_plan(floor.agents[1:7], hoped="more")
    with pytest.raises(services.Stale):
        services.change(made, plan, 7, floor.lead, LATER)
    services.change(made, plan, 0, floor.lead, LATER)
    services.change(made, plan, 1, floor.lead, LATER)  # nothing new: nothing is kept
    change = TrialChange.objects.get()
    assert (change.by, change.at, change.said["hoped"]) == (floor.lead, LATER, "less")
    assert change.said["agents"] == sorted(one.pk for one in floor.agents[:6])
    with time_machine.travel(LATER, tick=False):
        said = page(floor.lead, "trial", made.pk)
    assert "<b>Hoped for</b> less of it → more of it" in said
    assert "<b>Agents</b> 6 → 6 (1 more, 1 fewer)" in said
    with pytest.raises(ValidationError, match="It has begun"):
        services.change(made, plan, 1, floor.lead, LATER + timedelta(days=1))


def test_nobody_hopes_for_what_is_worse_by_the_definition_and_of_handling_time_one_says_which(
    floor,
):
    first = timezone.now().date() + timedelta(days=7)
    sent = {
        "title": "Greet by name", "words": "x", "starts_on": first,
        "ends_on": first + timedelta(days=27), "agents": [one.pk for one in floor.agents[:6]],
    }  # fmt: skip
    client = signed_in(floor.lead)
    for kpi, hoped, words in (
        ("csat", "less", "By its definition the other is better."),
        ("aht", "", "Neither is better by its definition"),
    ):
        answer = client.post(reverse("trial_new"), sent | {"kpi": kpi, "hoped": hoped})
        assert words in answer.context["form"].errors["hoped"][0]
    client.post(reverse("trial_new"), sent | {"kpi": "csat", "hoped": ""})
    assert Trial.objects.get().hoped == "more"


def test_a_form_that_lay_open_keeps_what_was_typed_beside_what_it_says_by_now(floor):
    with time_machine.travel(LATER, tick=False):
        made = services.register(floor.site, a_plan(floor.agents[:6]), floor.lead, LATER)
        services.change(made, a_plan(floor.agents[:6], hoped="more"), 0, floor.lead, LATER)
        sent = {
            "title": "Greet them", "words": "x", "kpi": "aht", "hoped": "less",
            "starts_on": TOMORROW, "ends_on": TOMORROW + timedelta(days=27),
            "agents": [one.pk for one in floor.agents[:6]], "revision": 0,
        }  # fmt: skip
        url = reverse("trial_edit", args=[made.pk])
        answer = signed_in(floor.lead).post(url, sent)
        said = " ".join(answer.content.decode().split())
        assert "Somebody has changed it meanwhile" in said
        assert "Greet them" in said
        assert "<dt>Hoped for</dt><dd>more of it</dd>" in said
        assert signed_in(floor.lead).post(url, sent | {"revision": 1}).status_code == 302


def test_from_its_start_on_the_database_keeps_it_as_it_was_registered(over):
    trial = over.trial
    for said in (
        {"title": "Else"}, {"kpi": "csat"}, {"hoped": "more"}, {"ends_on": date(2026, 4, 1)},
        {"starts_on": date(2026, 1, 1)}, {"begins_at": NINE + timedelta(days=9)},
        {"made_at": NINE - timedelta(days=99)}, {"words": "Else"},
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            Trial.objects.filter(pk=trial.pk).update(**said)
    for act in (
        lambda: TrialAgent.objects.create(trial=trial, agent=over.agents[12]),
        lambda: TrialAgent.objects.filter(trial=trial).first().delete(),
        lambda: TrialAgent.objects.filter(agent=over.agents[0]).update(agent=over.agents[13]),
        trial.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert Trial.objects.get().title == "Greet by name"
    assert TrialAgent.objects.count() == 10


def test_nobody_moves_a_planned_one_to_days_that_are_known_or_registers_one_afterwards(floor):
    made = a_trial(floor.site, floor.agents[:5])
    past = timezone.now() - timedelta(seconds=30)
    with pytest.raises(DatabaseError), transaction.atomic():
        Trial.objects.filter(pk=made.pk).update(begins_at=past)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_trial(floor.site, made_at=made.begins_at)
    change = TrialChange.objects.create(trial=made, at=NINE, said={"title": "x"})
    with pytest.raises(DatabaseError), transaction.atomic():
        TrialChange.objects.filter(pk=change.pk).update(said={})


def test_while_it_runs_nothing_is_told(floor):
    now = timezone.now()
    made = a_trial(
        floor.site, floor.agents[:6], starts_on=now.date() - timedelta(days=3),
        made_at=now - timedelta(days=9),
    )  # fmt: skip
    said = page(floor.manager, "trial", made.pk)
    assert "It runs as it was registered." in said
    assert "By covariances" not in said
    assert reads.state(Trial.objects.get(), now) is reads.State.RUNNING
    answer = signed_in(floor.manager).post(
        reverse("trial_decide", args=[made.pk]), {"decision": "keep", "words": "It seems good"}
    )
    assert "It is not over yet." in answer.content.decode()
    # Its form leads back to it.
    assert signed_in(floor.manager).get(reverse("trial_edit", args=[made.pk])).status_code == 302


def test_when_it_is_over_it_is_told_beside_the_others(over):
    found = told(over)
    # Its days are compared with the four weeks from 5 January and the twelve before those.
    assert found.effect.covariances.value == pytest.approx(-12.0, abs=1e-4)
    assert (found.coached, found.compared, found.passed, found.apart) == (10, 24, {}, 0)
    said = page(over.lead, "trial", over.trial.pk)
    assert "It ran as registered and moved Average handling time by −12" in said
    assert "beside 24 colleagues who were not in it." in said
    assert "as hoped" in said


def test_colleagues_who_try_something_else_and_who_came_into_the_team_are_set_aside(over):
    a_trial(
        over.site, over.agents[30:33], starts_on=date(2026, 2, 20),
        made_at=datetime(2026, 1, 1, 9, tzinfo=UTC), title="Else",
    )  # fmt: skip
    found = told(over)
    assert (found.compared, found.apart) == (21, 3)
    assert "3 colleagues are none to compare with" in page(over.lead, "trial", over.trial.pk)


def test_a_record_that_does_not_reach_its_last_day_makes_it_wait(over):
    FillMark.objects.update(newest_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert told(over).found is None
    said = page(over.lead, "trial", over.trial.pk)
    assert "The record is whole up to 28 Feb 2026" in said


def test_what_counts_who_comes_again_is_told_after_the_days_in_which_they_may(over):
    """It ended on 1 March. Of its last day's callers it is known on 9 March who came within seven
    days; where the site counts three, on 5 March. What callers say is known at once."""
    trial = Trial.objects.with_agents().select_related("site").get()
    assert reads.told_on(trial) == date(2026, 3, 2)
    with locks.unlocked():
        Trial.objects.update(kpi="fcr")
    trial.refresh_from_db()
    assert reads.told_on(trial) == date(2026, 3, 9)
    said = page(over.lead, "trial", trial.pk)
    assert "it is told from Mon 9 Mar 2026 on" in said
    assert "over, not yet told" in page(over.lead, "trials")
    answer = signed_in(over.lead).post(
        reverse("trial_decide", args=[trial.pk]), {"decision": "keep", "words": "It seems good"}
    )
    assert "Its last calls have their figures on 9 Mar 2026" in answer.content.decode()
    week = timedelta(days=7)
    assert reads.state(trial, NINE + week) is reads.State.OVER
    # The record has to hold them, too.
    late = verdicts.of(trial, {*trial.agent_ids}, over.manager, NINE + week)
    assert (late.found, late.whole_on) == (None, date(2026, 3, 8))
    KpiChoice.objects.create(kpi="fcr", valid_from=date(2000, 1, 1), parameters={"window_days": 3})
    assert reads.told_on(trial) == date(2026, 3, 5)
    KpiChoice.objects.update(variant="F4")
    assert reads.told_on(trial) == date(2026, 3, 2)


def test_beside_too_few_it_cannot_be_told(over):
    Agent.objects.filter(pk__in=[one.pk for one in over.agents[20:]]).update(site=a_site())
    assert told(over).found is Refused.FEW_COMPARED
    assert "10 colleagues can be compared, 20 are needed." in page(
        over.lead, "trial", over.trial.pk
    )


def test_it_is_decided_once_with_words_and_what_was_told_is_kept(over):
    client = signed_in(over.lead)
    url = reverse("trial_decide", args=[over.trial.pk])
    assert "This field is required." in client.post(url, {"decision": "keep"}).content.decode()
    said = {"decision": "keep", "words": "Twelve seconds less, and callers like it."}
    assert client.post(url, said).status_code == 302
    assert client.post(url, said).status_code == 302  # the same post twice
    made = Trial.objects.get()
    assert (made.decision, made.decided_by, made.decided_at) == ("keep", over.lead, NINE)
    assert made.told["value"] == pytest.approx(-12.0, abs=1e-4)
    assert (made.told["coached"], made.told["compared"]) == (10, 24)
    assert AuditEntry.objects.filter(model="coaching.trial").count() == 1
    assert (
        "It is decided already." in client.post(url, said | {"decision": "drop"}).content.decode()
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        Trial.objects.update(decision="drop")
    # A trial that came later takes colleagues away: what it was decided by stays what came of it.
    a_trial(
        over.site, over.agents[28:34], starts_on=date(2026, 2, 26),
        made_at=datetime(2026, 1, 1, 9, tzinfo=UTC), title="Else",
    )  # fmt: skip
    then, today = page(over.lead, "trial", made.pk).split("Reckoned today")
    assert "moved Average handling time by −12" in then
    assert "beside 24 colleagues who were not in it." in then
    assert "can be told" not in then
    assert "18 colleagues can be compared, 20 are needed." in today
    assert "Keep it" in page(over.lead, "trials")


def test_one_that_was_stopped_says_why_and_tells_nothing(over):
    a_running = a_trial(
        over.site, over.agents[10:15], starts_on=date(2026, 2, 20), title="B",
        made_at=datetime(2026, 2, 1, 9, tzinfo=UTC),
    )  # fmt: skip
    client = signed_in(over.manager)
    assert client.post(reverse("trial_stop", args=[a_running.pk]), {}).status_code == 200
    client.post(reverse("trial_stop", args=[a_running.pk]), {"why": "The queue closed"})
    a_running.refresh_from_db()
    assert (a_running.stopped_by, a_running.why_stopped) == (over.manager, "The queue closed")
    assert "nothing is told of it" in page(over.manager, "trial", a_running.pk)
    answer = client.post(reverse("trial_stop", args=[over.trial.pk]), {"why": "x"})
    assert "It is over: decide what becomes of the idea." in answer.content.decode()


def test_a_lead_sees_trials_with_own_agents_and_changes_those_they_registered(over):
    stranger = a_user("supervisor")
    over.team(stranger, over.agents[20:23])
    assert signed_in(stranger).get(reverse("trial", args=[over.trial.pk])).status_code == 404
    beside = a_trial(over.site, over.agents[19:25], made_by=over.lead)
    assert "Agent 21" in page(stranger, "trial", beside.pk)
    assert "Agent 24" not in page(stranger, "trial", beside.pk)
    client = signed_in(stranger)
    assert client.get(reverse("trial_edit", args=[beside.pk])).status_code == 404
    assert client.post(reverse("trial_stop", args=[beside.pk]), {"why": "x"}).status_code == 404
    assert "Greet by name" not in page(a_user("manager", a_site()), "trials")


def test_agents_who_become_one_take_part_once(over):
    loser, keeper, third = over.agents[0], over.agents[1], over.agents[15]
    names_merged.send(sender=Agent, loser=loser.pk, keeper=keeper.pk)
    assert TrialAgent.objects.count() == 9
    names_merged.send(sender=Agent, loser=keeper.pk, keeper=third.pk)
    assert TrialAgent.objects.filter(agent=third).count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        TrialAgent.objects.filter(agent=third).delete()


@pytest.mark.parametrize("many", [1, 12])
def test_pages_ask_the_same_of_one_as_of_twelve(over, many, django_assert_max_num_queries):
    for number in range(many):
        first = date(2026, 5, 4) + timedelta(weeks=5 * number)
        a_trial(over.site, over.agents[: 5 + number], starts_on=first, title=f"Trial {number}",
                made_by=over.manager)  # fmt: skip
        TrialChange.objects.create(
            trial=over.trial, at=NINE, by=over.lead,
            said=services.said_by(over.trial) | {"agents": [], "title": f"It {number}"},
        )  # fmt: skip
    FillMark.objects.update(past_at=NINE + timedelta(minutes=many))
    client = signed_in(over.manager)
    for url in (
        reverse("trials"), reverse("trial", args=[over.trial.pk]), reverse("trial_new"),
        reverse("trial_edit", args=[Trial.objects.latest("pk").pk]),
    ):  # fmt: skip
        with django_assert_max_num_queries(12):
            assert client.get(url).status_code == 200


def test_the_list_is_a_file_too(over):
    client = signed_in(over.manager)
    url = f"{reverse('trials_csv')}?site={over.site.slug}"
    header, row = csv.reader(
        b"".join(client.get(url).streaming_content).decode("utf-8-sig").splitlines()
    )
    said = dict(zip(header, row, strict=True))
    assert (said["Idea"], said["State"], said["Agents"]) == ("Greet by name", "to be decided", "10")
    assert AuditEntry.objects.get(action="exported").after["site"] == over.site.pk


def test_a_site_without_trials_says_what_one_is():
    said = page(a_user("manager", a_site()), "trials")
    assert "Nothing is tried yet" in said
