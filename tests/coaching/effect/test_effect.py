"""The effect of coaching as the record tells it: what is found, to whom it is told, and what is
refused with its why. The centre's figures can be worked out by hand (`builders`)."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from ccm.models import AuditEntry
from coaching.courses import events as courses
from coaching.effect import measures, told, words
from coaching.effect.sources import Event, Source
from coaching.effect.told import Asked, NotTold
from coaching.models import Action, AgendaItem, CourseAssignment
from coaching.progress import Estimate, Refused, Why
from kpis import rollups
from kpis.models import DayStat, FillMark, KpiChoice
from tests.builders import NINE, a_call, a_queue, a_site, a_user
from tests.coaching.courses.builders import a_course
from tests.coaching.effect.builders import Centre

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NINE, tick=False):
        yield


@pytest.fixture
def centre():
    return a_centre()


def a_centre(**more):
    """Ten were coached, five by each of two; all have 12 s less afterwards."""
    made = Centre().works(*[-12.0] * 10, **more)
    made.team(made.lead, made.agents[:6])
    for one in made.agents[:5]:
        made.held(made.lead, [one])
    for one in made.agents[5:10]:
        made.held(made.other, [one], kind="side_by_side")
    return made


def asked(user, centre, **more):
    return told.of(user, centre.site, Asked(**more), NINE)


def page(user, query=""):
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("coaching_effect") + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_what_was_done_is_found_beside_colleagues_who_were_not_coached(centre):
    found = asked(centre.manager, centre)
    assert found.effect.covariances.value == pytest.approx(-12.0, abs=1e-4)
    assert (found.coached, found.compared, found.talks) == (10, 24, 10)
    # The talks of the last thirteen periods that have one after them.
    assert (found.first, found.last) == (date(2025, 2, 3), date(2026, 2, 1))
    assert (found.passed, found.recent, found.unhired) == ({}, 0, 34)


def test_the_page_says_it_in_one_sentence():
    said = page(a_centre(wobble=0.5).manager)
    assert "Coaching moved Average handling time by" in said
    assert "in the four weeks after, beside 24 colleagues who were not coached." in said
    assert "10 coached agents" in said
    assert "By differences" in said
    # What coaches give is the same, and so are kinds.
    assert "The 2 coaches that have a figure cannot be told apart." in said
    assert "The 2 kinds that have a figure cannot be told apart." in said


def test_coaches_who_are_surely_apart_have_ranks():
    made = Centre().works(*[-30.0] * 5)
    for one in made.agents[:5]:
        made.held(made.lead, [one])
    for one in made.agents[5:10]:
        made.held(made.other, [one])
    FillMark.objects.update(past_at=NINE + timedelta(seconds=1))
    found = asked(made.manager, made)
    lines = {line.id: line for line in found.coaches}
    assert lines[made.lead.pk].estimate.value == pytest.approx(-30.0, abs=1e-4)
    assert lines[made.other.pk].estimate.value == pytest.approx(0.0, abs=1e-4)
    # Handling time is higher with the other: first of two by size, and the lead second.
    assert (lines[made.other.pk].rank.best, lines[made.lead.pk].rank.best) == (1, 2)
    assert "cannot be told apart" not in page(made.manager)


def test_a_lead_is_told_of_own_agents_beside_everybodys_colleagues(centre):
    found = asked(centre.lead, centre)
    # Five of their own talks, and one of another coach with an agent of their team.
    assert (found.coached, found.compared, found.talks, found.is_of_all) == (6, 24, 6, False)
    assert {row.name for row in found.rows} == {f"Agent 0{n}" for n in range(6)}
    said = page(centre.lead)
    assert "Agent 03" in said
    assert "Agent 08" not in said
    assert "agents whom you coach" in said
    # Of another site's manager nothing is there.
    assert page(a_user("manager", a_site())).count("Agent 0") == 0


def test_three_coached_are_too_few_and_the_page_says_how_many_it_takes():
    made = Centre().works(*[-12.0] * 3)
    for one in made.agents[:3]:
        made.held(made.lead, [one])
    found = asked(made.manager, made)
    assert found.found is Refused.FEW_COACHED
    assert "3 coached agents can be compared, 5 are needed." in page(made.manager)
    # Each has a figure beyond what colleagues foretell; 31 of these are too few for an interval.
    assert [row.single.value for row in found.rows] == [pytest.approx(-12.0, abs=1e-4)] * 3
    assert {row.single.interval for row in found.rows} == {None}


def test_where_everybody_is_coached_nobody_is_left_to_compare_with():
    made = Centre(agents=24).works()
    for one in made.agents[:14]:
        made.held(made.lead, [one])
    found = asked(made.manager, made)
    assert found.found is Refused.FEW_COMPARED
    assert "10 colleagues who were not coached can be compared, 20 are needed." in page(
        made.manager
    )


def test_who_is_left_out_is_counted_by_why(centre):
    late = centre.agents[20]
    centre.held(centre.lead, [centre.agents[0]], starts_at=datetime(2026, 1, 20, 9, tzinfo=UTC),
                held_at=datetime(2026, 1, 20, 9, tzinfo=UTC))  # fmt: skip
    centre.held(centre.lead, [late], starts_at=NINE - timedelta(days=3), held_at=NINE)
    before = datetime(2025, 11, 20, 9, tzinfo=UTC)
    centre.held(centre.lead, [centre.agents[9]], starts_at=before, held_at=before)
    found = asked(centre.manager, centre)
    assert found.passed == {Why.SAME_PERIOD: 1, Why.COACHED_BEFORE: 1, Why.NO_EARLIER: 1}
    # The four weeks after those of 2 February end on 29 March.
    assert (found.recent, found.later, found.coached) == (1, date(2026, 3, 30), 9)
    said = page(centre.manager)
    assert "1 followed another within the sixteen weeks before" in said
    assert "1 is too recent; the first is told from 30 Mar 2026 on." in said


def test_a_session_counts_on_the_earlier_of_its_two_moments_and_only_if_it_was_held(centre):
    # Planned for March and held in January; planned for January and not held.
    early = datetime(2026, 1, 14, 9, tzinfo=UTC)
    centre.held(centre.lead, [centre.agents[20]], starts_at=NINE + timedelta(days=9), held_at=early)
    centre.held(centre.lead, [centre.agents[21]], state="planned", held_at=None)
    found = asked(centre.manager, centre)
    assert found.talks == 11
    assert "Agent 20" in {row.name for row in found.rows}


def test_quick_notes_count_where_they_are_asked_for(centre):
    centre.held(centre.lead, [centre.agents[20]], kind="quick_note")
    assert asked(centre.manager, centre).talks == 10
    assert asked(centre.manager, centre, kinds=("quick_note",)).talks == 1
    query = f"?site={centre.site.slug}&kind=all"
    assert "11 times that one of your agents was coached" in page(centre.manager, query)


def test_coaching_about_the_kpi_is_told_by_steps_and_points(centre):
    assert asked(centre.manager, centre, is_about=True).why is NotTold.NOTHING_HAPPENED
    session = centre.held(centre.lead, centre.agents[10:12], kind="group")
    said = {"session": session, "made_at": NINE, "title": "x"}
    step = {"session": session, "words": "x", "due_on": NINE.date(), "made_at": NINE}
    Action.objects.create(agent=centre.agents[10], kpi="csat", **step)
    AgendaItem.objects.create(agent=centre.agents[11], facts={"kpi": "aht"}, **said)
    found = asked(centre.manager, centre, is_about=True)
    # One of the two; and with nobody else coached for it the ten are colleagues.
    assert (found.talks, found.coached, found.compared) == (1, 1, 33)
    Action.objects.create(agent=centre.agents[10], kpi="aht", **step)
    assert asked(centre.manager, centre, is_about=True).talks == 2
    # A point that was struck off was not talked about.
    AgendaItem.objects.update(is_kept=False)
    assert asked(centre.manager, centre, is_about=True).talks == 1


def test_figures_are_read_once_until_a_past_day_is_counted_anew(centre):
    asked(centre.manager, centre)
    day = DayStat.objects.filter(agent=centre.agents[0]).latest("day")
    day.handle_ms = [0, 1, *[0] * 6]
    day.save()
    assert asked(centre.manager, centre).effect.covariances.value == pytest.approx(-12.0, abs=1e-4)
    FillMark.objects.update(past_at=NINE + timedelta(minutes=1))
    assert asked(centre.manager, centre).effect.covariances.value < -20


@pytest.mark.parametrize("many", [1, 10])
def test_a_page_asks_the_same_of_one_as_of_ten(many, django_assert_max_num_queries):
    made = Centre().works()
    for one in made.agents[:many]:
        made.held(made.lead, [one])
    client = Client()
    client.force_login(made.manager)
    FillMark.objects.update(past_at=NINE + timedelta(minutes=many))
    with django_assert_max_num_queries(12):
        client.get(reverse("coaching_effect"))


def test_what_cannot_be_told_says_why(centre):
    empty = Centre()
    said = page(empty.manager)
    assert "Too little is counted: it takes sixteen weeks before a session" in said
    short = Centre()
    a_call(a_queue(short.site), NINE - timedelta(days=20), agent=short.agents[0], talk=60)
    a_call(a_queue(short.site), NINE, agent=short.agents[0], talk=60)
    rollups.rebuild()
    begun = f"{NINE - timedelta(days=20):%-d %b %Y}"
    assert f"Calls are counted from {begun} on: 2 whole weeks so far." in page(short.manager)
    quiet = Centre().works()
    assert "Nothing of what is chosen happened to anybody whom you coach" in page(quiet.manager)
    KpiChoice.objects.create(kpi="aht", site=centre.site, variant="H3", valid_from=date(2026, 1, 1))
    said = page(centre.manager)
    assert "Average handling time, as this site makes it (H3), is told of no single agent." in said


def test_effects_are_told_of_what_agents_have_by_queue_and_day():
    """How easy callers found it, too, which is a mean of scores; no count, and nothing of time."""
    known = measures.known()
    assert {"aht", "fcr", "csat", "nps", "ces"} <= {*known}
    assert known["ces"] == "Customer effort"
    assert {"answered", "occupancy", "turnover"}.isdisjoint(known)


def test_words_in_the_address_that_are_none_are_passed_over(centre):
    said = page(centre.manager, "?kpi=nonsense&span=7&kind=nonsense&of_what=nonsense&about=7")
    assert "Coaching moved Average handling time" in said
    assert "KPI: there is no “nonsense”. Shown instead: Average handling time." in said
    assert "In: there is no “7”. Shown instead: a year." in said
    assert "there is no" not in page(centre.manager, "?kpi=aht&span=13&kind=&about=1")


def test_the_tables_are_files_and_that_they_were_taken_is_noted(centre):
    client = Client()
    client.force_login(centre.lead)

    def rows(of):
        url = f"{reverse('coaching_effect_csv')}?site={centre.site.slug}&of={of}"
        told_there = b"".join(client.get(url).streaming_content).decode("utf-8-sig")
        return list(csv.reader(told_there.splitlines()))

    header, *agents = rows("agents")
    assert header[0] == "Agent"
    assert sorted(row[0] for row in agents) == [f"Agent 0{n}" for n in range(6)]
    assert {row[1] for row in agents} == {"2026-01-05"}
    assert float(agents[0][5]) == pytest.approx(-12.0, abs=1e-4)
    _header, whole, beside, *_lines = rows("effects")
    assert (whole[0], beside[0]) == ("all, by covariances", "all, by differences")
    assert float(whole[4]) == pytest.approx(-12.0, abs=1e-4)
    noted = AuditEntry.objects.filter(model="coaching.session", action="exported")
    assert [one.after["narrowed"] for one in noted] == [True, True]
    assert client.get(f"{reverse('coaching_effect_csv')}?of=x").status_code == 404


def test_other_events_are_told_by_the_same_estimator(centre, monkeypatch):
    def finished(site, first, last, narrowed):
        assert narrowed.kinds == ("course",)
        return [Event(one.pk, date(2026, 1, 12), "course", None) for one in centre.agents[:10]]

    source = Source("courses", "Courses", "Training", lambda site: {"course": "Course"}, (), False,
                    finished, courses.SOURCE.said)  # fmt: skip
    from coaching.effect import sources

    monkeypatch.setattr(sources, "_sources", {**sources.known(), "courses": source})
    found = asked(centre.manager, centre, source="courses")
    assert found.effect.covariances.value == pytest.approx(-12.0, abs=1e-4)
    said = page(centre.manager, f"?site={centre.site.slug}&of_what=courses&kpi=aht")
    assert "Training moved Average handling time by" in said
    assert "nobody in particular" in said


def test_courses_that_were_passed_are_told_by_their_title(centre, django_assert_max_num_queries):
    course = a_course(centre.site, "Shorter calls")
    a_course(centre.site, "Nobody's")
    passed = datetime(2026, 1, 12, 10, tzinfo=UTC)
    for agent in centre.agents[:10]:
        agent.user = a_user("agent")
        agent.save()
        CourseAssignment.objects.create(
            course=course, user=agent.user, source="hand", state="done", due_on=passed.date(),
            assigned_at=passed, ended_at=passed,
        )  # fmt: skip
    client = Client()
    client.force_login(centre.manager)
    asked_for = {"site": centre.site.slug, "of_what": "courses", "kpi": "aht"}
    with django_assert_max_num_queries(12):
        answer = client.get(reverse("coaching_effect"), asked_for)
    said = " ".join(answer.content.decode().split())
    assert "Training moved Average handling time by" in said
    assert "Shorter calls" in said
    assert "colleagues who were not trained" in said
    assert "all courses" in said
    for other in ("a session", "coached agent", "all kinds", "docs/coaching"):
        assert other not in said


@pytest.mark.parametrize(
    ("value", "error", "unit", "said"),
    [
        (-12.0, 4.0, "seconds", "−12 s (−20 to −4)"),
        (-120.0, 40.0, "seconds", "−120 s (−198 to −42)"),
        (0.014, 0.004, "fraction", "+1.4 pts (+0.6 to +2.2)"),
        (0.2, 0.2, "score", "+0.2 (−0.2 to +0.6)"),
    ],
)
def test_a_change_is_said_with_both_ends_and_as_many_decimals_as_they_are_worth(
    value, error, unit, said
):
    # 1.96 errors either way, as the degrees are many.
    spoken = words.estimate(Estimate(value, error, 1e9), unit)
    assert spoken.replace("\xa0", " ") == said


def test_who_trains_is_told_of_courses_and_of_nobody_by_name(centre):
    course = a_course(centre.site, "Shorter calls")
    passed = datetime(2026, 1, 12, 10, tzinfo=UTC)
    for agent in centre.agents[:10]:
        agent.user = a_user("agent")
        agent.save()
        CourseAssignment.objects.create(
            course=course, user=agent.user, source="hand", state="done", due_on=passed.date(),
            assigned_at=passed, ended_at=passed,
        )  # fmt: skip
    trainer = a_user("trainer", centre.site)
    said = page(trainer, "?of_what=sessions&kpi=aht")
    assert "Training effect" in said
    assert "Training moved Average handling time by" in said
    assert "10 trained agents" in said
    assert "Agent 0" not in said
    client = Client()
    client.force_login(trainer)
    url = reverse("coaching_effect_csv") + "?kpi=aht&of="
    assert client.get(url + "agents").status_code == 404
    assert "Agent 0" not in client.get(url + "effects").getvalue().decode()
    other = Client()
    other.force_login(a_user("trainer", a_site()))
    away = f"{reverse('coaching_effect')}?site={centre.site.slug}"
    assert other.get(away).status_code == 404
