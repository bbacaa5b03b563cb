"""What a session is prepared with, of a desk whose figures are counted by hand (`Desk`)."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ccm.models import Agent, AuditEntry, TeamMembership
from coaching.following import progress
from coaching.holding import agenda
from coaching.holding import services as holding
from coaching.models import Action, AgendaItem, Preparation, Proposal
from coaching.preparing import finding, services, told
from coaching.triggers import services as triggers
from qa.models import CardCriterion
from scheduling.adherence import marks
from tests.builders import NINE, a_user, an_agent
from tests.coaching.builders import Floor
from tests.coaching.preparing.builders import LAST_TALK, Desk
from tests.coaching.preparing.test_pages import plain, post
from tests.coaching.triggers.builders import a_proposal, a_rule
from tests.qa.after.builders import House

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    with time_machine.travel(NINE, tick=False):
        yield Desk()


def points(session, user):
    items = AgendaItem.objects.filter(session=session).select_related("by")
    return told.points(session, list(items), services.agent_of(session), user)


def words(session, user):
    return {one.title: [line.words for line in one.lines] for one in points(session, user)}


def untold(session):
    told_ = told.of_preparation(session, None)
    return [one["why"] for one in told_.preparation.untold]


def test_a_session_opens_with_steps_strengths_changes_calls_answers_and_the_schedule(desk):
    desk.step(kpi="csat")
    Action.objects.update(made_at=LAST_TALK)
    house = House(desk.queue, desk.agent)
    for _review in range(2):
        house.released(cause="3")
    session = desk.session()
    services.prepare(session, desk.lead, NINE)
    session.refresh_from_db()
    said = words(session, desk.lead)
    assert list(said) == [
        "Asks before a remedy",
        "Customer satisfaction 95.0\u00a0%: better than before",
        "Average handling time 5:05: more than before, more than colleagues",
        "Found the cause: points lost in 2 of 2 reviews",
        "2 reviews were released",
        "A good call: 5 of 5 in the survey, and a talk of 5:04, where half of Billing take"
        " 5:05 and more",
        "A call: longest of 6 transfers of Billing (5:07)",
        "A call: lowest of 2 low answers in the survey (1 of 5)",
        "1 caller wrote something",
        "Schedule kept 94.9\u00a0%: better than before",
    ]
    # Since Tuesday 3 February of 38 answers 36 are good; as long before of 34 were 18.
    became = said["Asks before a remedy"][1]
    assert "94.7\u00a0% (n 38); as long before: 52.9\u00a0% (n 34): better" in became
    now, before = said["Customer satisfaction 95.0\u00a0%: better than before"]
    assert now == "2 Feb – 27 Feb 2026: 95.0\u00a0%, n 40"
    assert before.startswith(
        "before, 5 Jan – 1 Feb 2026: 50.0\u00a0%; 45.0\u00a0pts more (95\u00a0%: "
    )
    aht = said["Average handling time 5:05: more than before, more than colleagues"]
    assert aht[1].startswith("before, 5 Jan – 1 Feb 2026: 4:05; 1:00 more")
    assert aht[2].startswith("4 colleagues on the same mix of queues: 4:")
    assert said["1 caller wrote something"] == ["Satisfaction 1 of 5: Cut off twice"]
    assert said["A call: longest of 6 transfers of Billing (5:07)"] == ["call of 4 Feb 2026 09:50"]
    assert set(untold(session)) == {"few", "no_targets"}
    assert session.preparation.why == "since"


def test_what_a_rule_proposed_and_the_preparation_found_of_one_matter_is_one_point(desk):
    house = House(desk.queue, desk.agent)
    for _review in range(2):
        house.released(cause="3")
    cause = CardCriterion.objects.get(card=house.card, key="cause")
    lost, aht = "Found the cause: points lost in 2 of 2 reviews", "Average handling time 5:05: more"
    failed = a_proposal(
        desk.agent, a_rule(desk.site, "criterion"), cause=f"criterion:{cause.pk}",
        facts={"times": 3, "of": 5, "criterion": cause.pk, "name": cause.name,
               "card": house.card.name, "newest": "2026-02-27", "reviews": []},
    )  # fmt: skip
    slower = a_proposal(
        desk.agent, a_rule(desk.site, "kpi", kpi="aht", worse="up"), cause="kpi:aht",
        facts={"kpi": "aht", "unit": "seconds", "now": 305, "before": 245, "first": "2026-02-02",
               "last": "2026-03-01", "first_before": "2026-01-05", "last_before": "2026-02-01"},
    )  # fmt: skip
    session = desk.session()
    triggers.planned(failed, session, desk.lead, NINE)
    for _again in range(2):
        services.prepare(session, desk.lead, NINE)
        said = words(session, desk.lead)
        of_rule = said["“Found the cause” without points in 3 of 5 reviews that judge it"]
        assert of_rule == [lost, "What it was found by"]
        assert lost not in said
        assert any(title.startswith(aht) for title in said)
    # It is put on an agenda that is prepared already.
    triggers.planned(slower, session, desk.lead, NINE)
    for _again in range(2):
        said = words(session, desk.lead)
        beside = said["Average handling time got worse"]
        assert beside[0].startswith(aht)
        assert beside[-1] == "What it was found by"
        assert not any(title.startswith(aht) for title in said)
        services.prepare(session, desk.lead, NINE)
    # What somebody has worded stays as it is.
    other = desk.session(about="April")
    services.prepare(other, desk.lead, NINE)
    AgendaItem.objects.filter(session=other, found_as="kpi:aht").update(
        title="Talks are longer", edited_at=NINE
    )
    Proposal.objects.filter(pk=slower.pk).update(state="open", session=None)
    triggers.planned(slower, other, desk.lead, NINE)
    services.prepare(other, desk.lead, NINE)
    assert {"Talks are longer", "Average handling time got worse"} < words(other, desk.lead).keys()


def test_every_figure_and_call_leads_to_where_it_comes_from(desk, client):
    session = desk.session()
    services.prepare(session, desk.lead, NINE)
    client.force_login(desk.lead)
    urls = [line.url for one in points(session, desk.lead) for line in one.lines if line.url]
    assert len(urls) == 10
    for url in urls:
        assert client.get(url).status_code == 200, url
    # Of the days and the agent that it says.
    assert any("from=2026-02-02&to=2026-02-27" in one and "kpi=csat" in one for one in urls)


def test_what_the_coach_has_touched_stays_and_what_is_new_is_added_and_said(desk):
    session = desk.session()
    own = holding.add(session, "My breaks", "", desk.me, NINE, agent=desk.agent)
    services.prepare(session, desk.lead, NINE)
    assert session.preparation.changed == {}
    rows = {one.found_as: one for one in AgendaItem.objects.filter(session=session)}
    agenda.edit(rows["kpi:csat"], "Well done", "Tell me how", None, desk.lead, NINE)
    shown = [one.pk for one in rows.values()]
    kept = [one.pk for one in rows.values() if one.found_as != "survey"]
    holding.keep(session, kept, shown, desk.lead, NINE)
    desk.step()
    # Its figures are not what they were, and the schedule is not found any more.
    AgendaItem.objects.filter(found_as="kpi:aht").update(facts=rows["kpi:csat"].facts)
    desk.agent.adherence_days.all().delete()
    services.prepare(session, desk.lead, NINE + timedelta(hours=1))
    session.refresh_from_db()
    there = {one.found_as: one for one in AgendaItem.objects.filter(session=session)}
    assert there["kpi:csat"].title == "Well done"
    assert not there["survey"].is_kept
    assert "adherence" not in there
    assert there["kpi:aht"].facts["kpi"] == "aht"
    assert AgendaItem.objects.filter(pk=own.pk).exists()
    step = Action.objects.get()
    prepared = told.of_preparation(session, desk.agent)
    assert session.preparation.changed["added"] == [f"action:{step.pk}"]
    assert session.preparation.changed["renewed"] == ["kpi:aht"]
    assert prepared.gone == ["Schedule kept 94.9\u00a0%: better than before"]
    new = [one.title for one in points(session, desk.lead) if one.is_new]
    assert new == ["Asks before a remedy"]
    # The log has how many points each of the two put there, made anew and took off.
    first, second = AuditEntry.objects.filter(model="coaching.preparation").order_by("pk")
    of = {"session": session.pk}
    assert (first.who, first.before) == (desk.lead, None)
    assert first.after == of | {"added": sum(map(bool, rows))}
    assert (second.before, second.after) == (of, of | {"added": 1, "renewed": 1, "gone": 1})
    page = plain(a_user("admin"), "audit")
    assert f"Preparation of a coaching session with {desk.agent.name}" in page
    assert "Points renewed" in page


def test_once_its_agent_reads_the_agenda_nothing_goes_and_it_opens_with_what_is_new(desk):
    session = desk.session()
    services.prepare(session, desk.lead, NINE)
    holding.share(session, desk.lead, NINE)
    rows = {one.found_as: one for one in AgendaItem.objects.filter(session=session)}
    # It was prepared of other days, by when satisfaction had not changed and calls were others.
    Preparation.objects.update(
        first=date(2026, 1, 20), last=date(2026, 2, 20), before_first=date(2025, 12, 1),
        before_last=date(2026, 1, 19),
    )  # fmt: skip
    AgendaItem.objects.filter(found_as__in=["kpi:csat", "kpi:aht"]).delete()
    held = next(one for key, one in rows.items() if one.facts.get("reason") == "transfer")
    AgendaItem.objects.filter(pk=held.pk).update(found_as="call:x", words="Listen to the end")
    desk.step()
    desk.agent.adherence_days.all().delete()
    house = House(desk.queue, desk.agent)
    house.released(cause="3")
    services.prepare(session, desk.lead, NINE)
    there = list(AgendaItem.objects.filter(session=session))
    step, aht, reviews = f"action:{Action.objects.get().pk}", "kpi:aht", "reviews"
    keys = [one.found_as for one in there]
    assert keys[:3] == [step, "kpi:csat", aht]
    assert keys[-1] == "adherence"
    # What else is new waits for the coach.
    assert [one.found_as for one in there if not one.is_kept] == [aht, reviews]
    # The call has its newer form, and what was said of it.
    again = next(one for one in there if one.pk == held.pk)
    assert (again.found_as, again.words) == (held.found_as, "Listen to the end")
    session.refresh_from_db()
    for who in (desk.lead, desk.me):
        page = plain(who, "session", session.pk)
        assert page.count("of the earlier days, 20 Jan – 20 Feb 2026") == 1
    assert "1 stays that was not found again" in plain(desk.lead, "session", session.pk)
    # Done again, all stays where it is.
    services.prepare(session, desk.lead, NINE)
    assert list(AgendaItem.objects.filter(session=session)) == there
    # Found again, it is of these days.
    desk.keep_schedule()
    services.prepare(session, desk.lead, NINE)
    assert "of the earlier days" not in plain(desk.me, "session", session.pk)


def test_a_point_that_somebody_added_words_to_goes_on_being_what_its_figures_say(desk):
    session = desk.session()
    services.prepare(session, desk.lead, NINE)
    csat, aht = (AgendaItem.objects.get(found_as=key) for key in ("kpi:csat", "kpi:aht"))
    title = points(session, desk.lead)[0].title
    for one, said in ((csat, title), (aht, "Longer talks")):
        asked = {"title": said, "words": "Tell me how", "edited": ""}
        post(desk.lead, "session_item", session.pk, one.pk, **asked)
    for one in (csat, aht):
        AgendaItem.objects.filter(pk=one.pk).update(facts=one.facts | {"now": 0.5})
    page = plain(desk.lead, "session", session.pk)
    assert "Customer satisfaction 50.0" in page
    services.prepare(session, desk.lead, NINE)
    page = plain(desk.lead, "session", session.pk)
    assert "Customer satisfaction 95.0" in page
    assert page.count("Tell me how") == 2
    assert "Longer talks titled before its figures changed" in page


def test_the_schedule_is_told_of_the_days_that_are_known(desk):
    desk.agent.adherence_days.filter(day__lt=date(2026, 2, 16)).delete()
    session = desk.session()
    services.prepare(session, desk.lead, NINE)
    (told_,) = [one.lines[0].words for one in points(session, desk.lead) if "kept" in one.title]
    # Ten weekdays from the 16th on, of the days from 2 to 27 February.
    assert told_.startswith("16 Feb – 27 Feb 2026, 10 shifts: ")
    desk.agent.adherence_days.all().delete()
    marks.mark(desk.site.pk, [date(2026, 2, 20)])
    services.prepare(session, desk.lead, NINE)
    page = plain(desk.lead, "session", session.pk)
    words_ = "How the schedule was kept, 2 Feb – 27 Feb 2026, is not counted yet"
    assert words_ in page


def test_calls_of_the_last_agenda_are_not_chosen_again(desk):
    first = desk.session()
    services.prepare(first, desk.lead, NINE)
    calls = set(AgendaItem.objects.filter(session=first, source="call").values_list("call"))
    second = desk.session(about="April")
    services.prepare(second, desk.lead, NINE)
    again = set(AgendaItem.objects.filter(session=second, source="call").values_list("call"))
    assert len(calls) == len(again) == 3
    assert not calls & again
    assert "A call: number 2 by length of 6 transfers of Billing (5:06)" in words(second, desk.lead)


def test_a_coach_is_given_nothing_that_they_may_not_read(desk):
    session = desk.session(coach=desk.manager)
    blind = House(desk.queue, desk.agent)
    review = blind.finished()
    services.prepare(session, desk.manager, NINE)
    keys = set(AgendaItem.objects.filter(session=session).values_list("found_as", flat=True))
    # A review that is not released is nobody's to talk about.
    assert review.state == "finished"
    assert not any(one.startswith(("reviews", "lost", "criterion")) for one in keys)
    # A colleague who coaches reads no figures.
    peer = an_agent(desk.site, "Bo", user=a_user("agent"))
    alike = desk.session(kind="peer", coach=peer.user, about="Beside me")
    services.prepare(alike, desk.manager, NINE)
    assert untold(alike) == ["not_yours"]
    assert not AgendaItem.objects.filter(session=alike).exists()


def test_what_was_released_later_is_not_told_of_a_session_before(desk):
    house = House(desk.queue, desk.agent)
    house.released(cause="3")
    later = house.released(cause="3")
    type(later).objects.filter(pk=later.pk).update(released_at=NINE + timedelta(days=1))
    session = desk.session()
    services.prepare(session, desk.lead, NINE)
    assert "1 review was released" in words(session, desk.lead)


def test_an_average_of_few_is_not_told(desk):
    TeamMembership.objects.filter(agent=desk.mates[0]).delete()
    session = desk.session()
    services.prepare(session, desk.lead, NINE)
    assert "mates" in untold(session)
    assert "Average handling time 5:05: more than before" in words(session, desk.lead)


def test_a_call_that_somebody_is_to_review_is_not_chosen(desk):
    from tests.qa.builders import an_evaluation

    house = House(desk.queue, desk.agent)
    longest = next(one for one in desk.calls if one.transfer_kind and one.talk_ms == 307_000)
    an_evaluation(longest, house.reviewer)
    session = desk.session()
    services.prepare(session, desk.lead, NINE)
    assert "A call: longest of 5 transfers of Billing (5:06)" in words(session, desk.lead)


def test_where_nothing_is_counted_it_says_so(desk):
    with time_machine.travel(NINE, tick=False):
        floor = Floor()
        floor.step()
        session = floor.session()
        services.prepare(session, floor.lead, NINE)
        assert list(words(session, floor.lead)) == ["Asks before a remedy"]
        assert untold(session) == ["no_record"]
        assert session.preparation.first is None
        group = floor.session(
            kind="group", agents=(floor.agent, an_agent(floor.site, "Bo")), about="Both"
        )
        with pytest.raises(ValidationError, match="with several"):
            services.prepare(group, floor.lead, NINE)
        over = floor.held(about="Over")
        with pytest.raises(ValidationError, match="its agenda stays"):
            services.prepare(over, floor.lead, NINE)


def test_a_step_says_what_became_of_its_measure_or_why_it_cannot(desk):
    house = House(desk.queue, desk.agent)
    criterion = house.card.criteria.get(key="cause")
    steps = [
        desk.step("Asks twice", kpi="csat"),
        desk.step("Finds the cause", criterion=criterion),
        desk.step("Smiles"),
    ]
    said = told.of_steps(steps, desk.agent, desk.lead, NINE)
    assert said == {
        steps[0].pk: "Cannot be told yet: no day since then is counted.",
        steps[1].pk: "Cannot be told yet: no day since then is counted.",
    }
    # Five drawn reviews on each side: all points of the cause against none.
    for day, share in ((-3, "1"), (3, "5")):
        for n in range(5):
            at = NINE + timedelta(days=day, minutes=n)
            house.drawn(call=house.call(at=at), cause=share, n=5, of=50)
    house_reviews = house.agent.evaluations
    house_reviews.update(state="released", released_at=NINE)
    later = NINE + timedelta(days=4)
    became = progress.of_actions(steps, desk.agent, desk.lead, later)[steps[1].pk]
    assert (became.now, became.n, became.before, became.n_before) == (1.0, 5, 0.0, 5)
    assert became.word == "better"
    # Newcombe of 5 of 5 against 0 of 5: Wilson's ends are .566 and 1, 0 and .434.
    assert became.difference.low == pytest.approx(1 - (0.4345**2 + 0.4345**2) ** 0.5, abs=0.001)


def test_preparing_asks_the_same_however_much_there_is(desk, django_assert_max_num_queries):
    session = desk.session()
    with django_assert_max_num_queries(60) as few:
        finding.prepared(session, desk.agent, NINE)
    house = House(desk.queue, desk.agent)
    for n in range(6):
        house.released(cause="3")
        desk.step(f"Step {n}", kpi="aht")
    with django_assert_max_num_queries(60) as many:
        finding.prepared(session, Agent.objects.get(pk=desk.agent.pk), NINE)
    assert len(many) <= len(few) + 7


def test_an_agenda_holds_what_is_found_once_and_says_what_each_point_is(desk):
    session = desk.session()
    services.prepare(session, desk.lead, NINE)
    one = AgendaItem.objects.filter(session=session).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        AgendaItem.objects.create(
            session=session, source="call", found_as=one.found_as, made_at=NINE
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        AgendaItem.objects.create(session=session, source="coach", made_at=NINE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Preparation.objects.update(last=None)
