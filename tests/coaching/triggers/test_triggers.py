"""What rules find, what they propose and how much of it, and what becomes of a proposal."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.html import strip_tags

from ccm.models import Agent, AuditEntry, Call, TeamMembership
from ccm.personal import reads as held
from ccm.signals import names_merged
from coaching import tasks
from coaching.holding import services as holding
from coaching.holding.forms import measures
from coaching.models import AgendaItem, Proposal, Session, TriggerRule, TriggerRun
from coaching.triggers import looking, services
from kpis import rollups
from kpis.models import KpiChoice
from scheduling.models import AdherenceDay, AdherenceRules
from tests.builders import (
    NINE,
    a_call,
    a_leave,
    a_queue,
    a_site,
    a_user,
    an_agent,
    many_calls,
    unsaved_call,
)
from tests.coaching.builders import Floor
from tests.coaching.holding.test_pages import get, post, signed_in, text
from tests.coaching.rhythm.builders import team_of, was_held
from tests.coaching.triggers.builders import (
    DAY,
    a_day,
    a_proposal,
    a_review,
    a_rule,
    an_answer,
    an_opinion,
)

pytestmark = pytest.mark.django_db
TODAY = NINE.date()


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        yield Floor()


def found(rule, *agents):
    return looking.found(rule, {one.pk for one in agents}, TODAY)


def failed_twice(agent):
    for ago in (2, 3):
        a_review(agent, NINE - ago * DAY, failed=True)


def test_a_kpi_is_told_where_it_got_worse_by_more_than_chance_and_never_for_a_raw_dip(floor):
    """Sixteen days of five calls: one agent's take twice as long in the last eight; another's are
    longer on one day; a third one's are shorter by half."""
    queue = a_queue(floor.site)
    dips, better = an_agent(floor.site, "Dips"), an_agent(floor.site, "Better")
    calls = []
    for ago in range(1, 17):
        late = ago <= 8
        for agent, talk in (
            (floor.agent, 600 if late else 300),
            (dips, 900 if ago == 3 else 300),
            (better, 150 if late else 300),
        ):
            calls += [
                unsaved_call(
                    queue, NINE - ago * DAY + n * timedelta(minutes=20), agent=agent,
                    talk=talk + 10 * (ago % 3) + n,
                )
                for n in range(5)
            ]  # fmt: skip
    many_calls(calls)
    rollups.rebuild()
    rule = a_rule(floor.site, "kpi", kpi="aht", worse="up", days=8)
    (one,) = found(rule, floor.agent, dips, better)
    assert (one.agent, one.cause) == (floor.agent.pk, "kpi:aht")
    assert one.surprise > 3
    assert one.facts["now"] == pytest.approx(2 * one.facts["before"], rel=0.1)
    assert (one.facts["first"], one.facts["last_before"]) == ("2026-02-22", "2026-02-21")


def test_what_is_read_beside_calls_is_told_too_and_in_the_unit_that_the_site_has_chosen(floor):
    """The rule that a site begins with. Forty days of six calls: of a caller each, but that in the
    last ten that are known two callers call twice (every fourth day before: one)."""
    queue, calls = a_queue(floor.site), []
    for ago in range(1, 41):
        twice = 2 + ago % 2 if 8 <= ago <= 17 else ago % 4 == 0
        for n in range(6):
            caller = f"{ago}-{n % (6 - twice)}"
            at = NINE - ago * DAY + n * timedelta(minutes=30)
            calls.append(unsaved_call(queue, at, agent=floor.agent, caller_hash=caller))
    many_calls(calls)
    rollups.rebuild()
    (one,) = found(a_rule(floor.site, "kpi", kpi="fcr", days=17), floor.agent)
    assert one.facts["unit"] == "fraction"
    assert one.facts["now"] < one.facts["before"] - 0.2
    # Answers told as the content less the discontent are points, and no share.
    KpiChoice.objects.create(kpi="csat", valid_from=TODAY - 90 * DAY, variant="C3")
    for ago in range(1, 29):
        call = Call.objects.filter(offered_at__date=TODAY - ago * DAY).first()
        an_opinion(floor.agent, 1 + ago % 2 if ago <= 14 else 4 + ago % 2, call.ended_at, call=call)
    rollups.rebuild()
    (one,) = found(a_rule(floor.site, "kpi", kpi="csat", days=14), floor.agent)
    assert (one.facts["unit"], one.facts["now"], one.facts["before"]) == ("points", -1, 1)


def test_which_way_a_kpi_is_worse_its_definition_says_or_the_rule(floor):
    assert [looking.worse_way(one) for one in ("csat", "missed_rate", "aht")] == ["down", "up", ""]
    url = reverse("trigger_rule_new") + f"?site={floor.site.slug}&kind=kpi"
    client = signed_in(floor.manager)
    said = {"days": 28, "revision": 0}
    assert b"does not say" in client.post(url, said | {"kpi": "aht"}).content
    assert b"says otherwise" in client.post(url, said | {"kpi": "fcr", "worse": "up"}).content
    assert client.post(url, said | {"kpi": "aht", "worse": "up"}).status_code == 302
    # What a site begins with can be told of agents.
    assert {one["kpi"] for one in services.STARTERS if "kpi" in one} <= dict(measures()).keys()


def test_a_criterion_is_told_by_the_last_reviews_that_the_agent_may_read(floor):
    for ago, share in ((2, "0"), (3, "1"), (4, "0"), (5, "0")):
        criterion = an_answer(a_review(floor.agent, NINE - ago * DAY), share)
    # Not released, of a calibration, too long ago, of another criterion: none of them counts.
    an_answer(a_review(floor.agent, NINE - DAY, state="finished", released_at=None), "0")
    an_answer(a_review(floor.agent, NINE - 40 * DAY), "0")
    rule = a_rule(floor.site, "criterion")
    (one,) = found(rule, floor.agent)
    assert one.cause == f"criterion:{criterion.pk}"
    assert (one.facts["times"], one.facts["of"], len(one.facts["reviews"])) == (2, 3, 2)
    assert found(a_rule(floor.site, "criterion", times=3), floor.agent) == []
    assert found(a_rule(floor.site, "criterion", criterion=criterion), floor.agent)


def test_failed_reviews_low_answers_and_days_are_counted(floor):
    failed_twice(floor.agent)
    a_review(floor.agent, NINE - 4 * DAY)
    (one,) = found(a_rule(floor.site), floor.agent)
    assert (one.facts["times"], one.facts["of"]) == (2, 3)
    # On a scale of 1 to 5 a 2 is a quarter of it, which is not above.
    for ago, score in ((1, 2), (2, 1), (3, 5)):
        an_opinion(floor.agent, score, NINE - ago * DAY)
    low = a_rule(floor.site, "survey", survey="csat", below=0.25)
    assert found(low, floor.agent)[0].facts["times"] == 2
    assert found(a_rule(floor.site, "survey", survey="csat", below=0.2), floor.agent) == []
    assert found(a_rule(floor.site, "survey", survey="nps", below=0.25), floor.agent) == []
    for ago, share in ((1, 0.7), (2, 0.9), (3, 0.84)):
        a_day(floor.agent, ago, share)
    a_day(floor.agent, 4, 0.1, leave="Ill")
    a_day(floor.agent, 5, 0.1, is_told=False)
    kept = a_rule(floor.site, "adherence", below=0.85)
    assert found(kept, floor.agent)[0].facts["days"] == ["2026-03-01", "2026-02-27"]
    # Where the site counts time beside the schedule as missed, the day in between is short, too.
    AdherenceRules.objects.create(site=floor.site, starts_on=TODAY - 90 * DAY, variant="AD2")
    AdherenceDay.objects.update(outside=2_880)
    assert found(kept, floor.agent)[0].facts["times"] == 3


def test_a_night_proposes_once_however_often_it_is_done(floor):
    a_rule(floor.site)
    failed_twice(floor.agent)
    tasks.propose_sessions()
    tasks.propose_sessions()
    services.look(floor.site, NINE + DAY)
    (one,) = Proposal.objects.all()
    assert (one.agent, one.lead, one.week, one.state) == (floor.agent, floor.lead, TODAY, "open")
    assert list(TriggerRun.objects.values_list("day", "found", "made")) == [
        (TODAY, 1, 1), (TODAY + DAY, 1, 0),
    ]  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        a_proposal(floor.agent)


def test_rules_are_off_until_somebody_turns_them_on(floor):
    made = services.start(floor.site, floor.manager, NINE)
    assert len(made) == 5
    assert services.start(floor.site, floor.manager, NINE) == []
    assert not TriggerRule.objects.filter(is_on=True).exists()
    failed_twice(floor.agent)
    assert services.look(floor.site, NINE) is None
    assert not Proposal.objects.exists()


def test_nothing_is_proposed_soon_after_a_session_nor_of_who_is_away_or_has_left(floor):
    rule = a_rule(floor.site)
    failed_twice(floor.agent)
    was_held(floor, NINE - 10 * DAY)
    services.look(floor.site, NINE)
    assert not Proposal.objects.exists()
    services.limit(floor.site, 5, 7, floor.manager, NINE)
    leave = a_leave(floor.agent, first_on=TODAY, last_on=TODAY)
    services.look(floor.site, NINE)
    assert not Proposal.objects.exists()
    leave.delete()
    Agent.objects.filter(pk=floor.agent.pk).update(left_on=TODAY)
    services.look(floor.site, NINE)
    assert not Proposal.objects.exists()
    Agent.objects.filter(pk=floor.agent.pk).update(left_on=None)
    services.look(floor.site, NINE)
    assert Proposal.objects.get().rule == rule


def test_a_week_has_the_most_serious_of_a_supervisors_people_and_the_rest_is_counted(floor):
    a_rule(floor.site, times=1)
    services.limit(floor.site, 1, 14, floor.manager, NINE)
    other, alone = an_agent(floor.site, "Bo"), an_agent(floor.site, "Alone")
    TeamMembership.objects.create(agent=other, team=team_of(floor), starts_on=TODAY - 9 * DAY)
    failed_twice(floor.agent)
    a_review(other, NINE - 2 * DAY, failed=True)
    a_review(other, NINE - 3 * DAY)
    a_review(alone, NINE - 2 * DAY, failed=True)
    run = services.look(floor.site, NINE)
    assert set(Proposal.objects.values_list("agent", "lead")) == {
        (floor.agent.pk, floor.lead.pk), (alone.pk, None),
    }  # fmt: skip
    assert run.rest == {str(floor.lead.pk): 1}
    assert "1 more person was found last night" in get(floor.lead, "proposals")
    # Within the week there is no more room for others; another reason to talk with somebody who is
    # proposed a session takes none.
    autofail = Proposal.objects.get(agent=floor.agent)
    Proposal.objects.filter(pk=autofail.pk).update(cause="kpi:other")
    services.look(floor.site, NINE + 6 * DAY)
    assert set(Proposal.objects.filter(lead=floor.lead).values_list("agent", "cause")) == {
        (floor.agent.pk, "kpi:other"), (floor.agent.pk, autofail.cause),
    }  # fmt: skip
    services.look(floor.site, NINE + 7 * DAY)
    assert Proposal.objects.filter(agent=other).exists()


def test_what_was_declined_comes_again_after_the_quiet_days_where_there_is_more_of_it(floor):
    a_rule(floor.site)
    failed_twice(floor.agent)
    services.look(floor.site, NINE)
    one = Proposal.objects.get()
    with pytest.raises(ValidationError, match="Say why"):
        services.decline(one, "", floor.lead, NINE)
    services.decline(one, "A new card", floor.lead, NINE)
    with pytest.raises(ValidationError, match="decided already"):
        services.put_off(one, TODAY + DAY, floor.lead, NINE)
    services.look(floor.site, NINE + 15 * DAY)
    assert Proposal.objects.count() == 1
    a_review(floor.agent, NINE + 2 * DAY, failed=True)
    services.look(floor.site, NINE + 13 * DAY)
    assert Proposal.objects.count() == 1
    services.look(floor.site, NINE + 15 * DAY)
    assert Proposal.objects.count() == 2
    said = str(list(AuditEntry.objects.values_list("before", "after")))
    assert "A new card" not in said
    assert "reviews" not in said


def test_what_a_session_was_about_is_not_proposed_again_by_the_same_reviews(floor):
    a_rule(floor.site)
    failed_twice(floor.agent)
    services.look(floor.site, NINE)
    session = floor.session()
    services.planned(Proposal.objects.get(), session, floor.lead, NINE)
    holding.hold(session, "Read them together.", session.revision, floor.lead, NINE)
    services.look(floor.site, NINE + 16 * DAY)
    assert Proposal.objects.count() == 1


def test_of_a_kpi_other_days_alone_are_news():
    before = {"kpi": "fcr", "first": "2026-02-02", "last": "2026-03-01"}
    again = {"kpi": "fcr", "first": "2026-02-28", "last": "2026-03-27"}
    assert not looking.has_news(again, before)
    assert looking.has_news(again | {"first": "2026-03-02"}, before)
    assert looking.has_news(again, {})


def test_what_is_put_off_comes_again_on_its_day_and_what_nobody_decides_lapses(floor):
    one = a_proposal(floor.agent)
    with pytest.raises(ValidationError, match="to come"):
        services.put_off(one, TODAY, floor.lead, NINE)
    services.put_off(one, TODAY + 30 * DAY, floor.lead, NINE)
    assert "1 put off" in get(floor.lead, "proposals")
    assert "Nothing is left to decide" in get(floor.lead, "proposals")
    a_rule(floor.site)
    services.look(floor.site, NINE + 30 * DAY)
    with time_machine.travel(NINE + 30 * DAY, tick=False):
        assert floor.agent.name in get(floor.lead, "proposals")
    # It stands as long again as what was proposed then.
    services.look(floor.site, NINE + 58 * DAY)
    one.refresh_from_db()
    assert one.state == "put_off"
    services.look(floor.site, NINE + 59 * DAY)
    one.refresh_from_db()
    assert one.state == "lapsed"


def test_a_proposal_leads_to_a_session_with_what_was_found_on_its_agenda(floor):
    one = a_proposal(floor.agent)
    query = f"?site={floor.site.slug}&proposal={one.pk}"
    assert query.replace("&", "&amp;") in get(floor.lead, "proposals")
    form = get(floor.lead, "session_new", query=query)
    assert f'value="{floor.agent.pk}" id="id_agents_0" checked' in form
    assert "2 of 3 reviews failed outright" in form
    said = {
        "kind": "one_to_one", "agents": floor.agent.pk, "day": "2026-03-04", "time": "10:00",
        "minutes": 30,
    }  # fmt: skip
    url = reverse("session_new") + query
    assert signed_in(floor.lead).post(url, said).status_code == 302
    session = Session.objects.get()
    one.refresh_from_db()
    assert (one.state, one.session, one.decided_by) == ("planned", session, floor.lead)
    item = AgendaItem.objects.get()
    assert (item.source, item.title) == ("review", "2 of 3 reviews failed outright")
    assert item.facts["proposal"] == one.pk
    assert services.planned(one, session, floor.lead, NINE).state == "planned"
    assert AgendaItem.objects.count() == 1
    # Who presses twice is led to what the first made.
    again = signed_in(floor.lead).post(url, said)
    assert again.url == reverse("session", args=[session.pk])
    assert Session.objects.count() == AgendaItem.objects.count() == 1


def test_what_is_proposed_about_one_agent_stands_together_with_the_evidence_of_each(floor):
    """The most serious one is about Bo, then two about the floor's agent with one of Bo between."""
    rule, bo = a_rule(floor.site), an_agent(floor.site, "Bo")
    team_of(floor).memberships.create(agent=bo, starts_on=TODAY - 90 * DAY)
    kept = {"times": 4, "of": 10, "below": 0.85, "days": ["2026-02-27"]}
    shifts = a_rule(floor.site, "adherence", below=0.85)
    a_proposal(bo, rule, cause="a", surprise=4)
    a_proposal(floor.agent, rule, cause="a", surprise=3)
    a_proposal(bo, rule, cause="b", surprise=2)
    a_proposal(floor.agent, shifts, cause="adherence", surprise=1, facts=kept)
    page = get(floor.lead, "proposals")
    assert "4 to decide, about 2 agents" in page
    of_bo, of_agent = page.split('<article class="fo-one"')[1:]
    for part, agent in ((of_bo, bo), (of_agent, floor.agent)):
        url = reverse("agent", args=[agent.pk])
        assert part.count(f'<a class="link" href="{url}">{agent.name}</a>') == 1
        assert f'<span class="aside">{team_of(floor).name}</span>' in part
        assert "Plan one session for all 2" in part
    for words in (
        "2 of 3 reviews failed outright", "Schedule kept to less than 85 % on 4 of 10 days",
        "27 Feb", "Rule: Less than 85",
    ):  # fmt: skip
        assert words in of_agent.replace("\u00a0", " "), words
    assert signed_in(floor.lead).get(reverse("agent", args=[bo.pk])).status_code == 200


def test_one_session_is_planned_for_all_that_is_proposed_about_an_agent(floor):
    rule = a_rule(floor.site)
    mine = [a_proposal(floor.agent, rule, cause=f"c{n}") for n in range(3)]
    other = a_proposal(an_agent(floor.site, "Bo"), rule)
    services.decline(mine[2], "Talked about it already", floor.lead, NINE)
    query = f"?site={floor.site.slug}" + "".join(f"&proposal={one.pk}" for one in mine)
    said = {
        "kind": "one_to_one", "agents": floor.agent.pk, "day": "2026-03-04", "time": "10:00",
        "minutes": 30,
    }  # fmt: skip
    url, client = reverse("session_new") + query, signed_in(floor.manager)
    first = client.post(url, said)
    session = Session.objects.get()
    assert first.url == client.post(url, said).url == reverse("session", args=[session.pk])
    assert set(Proposal.objects.filter(session=session)) == {*mine[:2]}
    assert {one.facts["proposal"] for one in AgendaItem.objects.filter(source="review")} == {
        one.pk for one in mine[:2]
    }
    # The log says who put them there.
    logged = AuditEntry.objects.filter(model="coaching.agendaitem")
    assert {(one.who, one.action) for one in logged} == {(floor.manager, "created")}
    # Of two agents it is no one session.
    for wrong in (f"&proposal={other.pk}", "&proposal=x"):
        assert client.get(f"{url}{wrong}").status_code == 404


def test_a_rule_says_why_it_cannot_fire_where_the_site_makes_its_kpi_otherwise(floor):
    """A mean of answers (C2) has no interval, so that none of its changes is more than chance."""
    csat = a_rule(floor.site, "kpi", kpi="csat")
    fcr = a_rule(floor.site, "kpi", kpi="fcr")
    assert "cannot fire" not in get(floor.manager, "trigger_rules")
    KpiChoice.objects.create(kpi="csat", site=floor.site, valid_from=TODAY - 90 * DAY, variant="C2")
    page = get(floor.manager, "trigger_rules")
    why = f"It finds nothing: {floor.site.name} makes this KPI by C2 (Mean score on its scale"
    assert page.count(why) == 1
    assert page.count("on, cannot fire") == 1
    form = get(floor.manager, "trigger_rule", csat.pk)
    assert why in form
    assert "callers who were not content works by any definition" in form
    assert "It finds nothing" not in get(floor.manager, "trigger_rule", fcr.pk)
    # By the share that is content, or content less discontent, it can.
    KpiChoice.objects.update(variant="C3")
    assert "It finds nothing" not in get(floor.manager, "trigger_rules")
    # With waits of visits that no agent took it is told of no agent, by the best interval.
    a_rule(floor.site, "kpi", kpi="aht", worse="up")
    KpiChoice.objects.create(kpi="aht", site=floor.site, valid_from=TODAY - 90 * DAY, variant="H2")
    page = get(floor.manager, "trigger_rules")
    assert f"It finds nothing: {floor.site.name} makes this KPI by H2" in page
    assert "which is not told of single agents." in page
    assert "told from chance" not in page


def test_a_session_with_somebody_else_leaves_the_proposal_as_it_is(floor):
    other = an_agent(floor.site, "Bo")
    session = floor.session(coach=floor.manager, agents=(other,))
    assert services.planned(a_proposal(floor.agent), session, floor.manager, NINE).state == "open"
    assert not AgendaItem.objects.exists()


def test_an_agent_reads_what_led_to_a_session_once_it_is_planned(floor):
    one = a_proposal(floor.agent)
    url = reverse("proposal", args=[one.pk])
    assert signed_in(floor.me).get(url).status_code == 404
    for name, said in (("proposal_decline", {"why": "No"}), ("proposal_put_off", {})):
        assert post(floor.me, name, one.pk, **said).status_code == 404
    services.planned(one, floor.session(), floor.lead, NINE)
    page = text(signed_in(floor.me).get(url))
    assert "2 of 3 reviews failed outright" in page
    assert str(floor.lead) not in page.split("<main")[1]
    assert "2 of 3 reviews failed outright" in get(floor.me, "my_coaching")
    # The point on the agenda leads to what it was found by, whoever may read that.
    there = Session.objects.get()
    holding.share(there, floor.lead, NINE)
    for who in (floor.lead, floor.me):
        assert f'href="{url}">What it was found by<' in get(who, "session", there.pk)
    TeamMembership.objects.update(ends_on=TODAY)
    assert "What it was found by" not in get(floor.lead, "session", there.pk)


def test_an_agent_reads_in_their_data_what_was_decided_on_and_how_many_are_open(floor):
    rule = a_rule(floor.site)
    one = a_proposal(floor.agent, rule, cause="x")
    a_proposal(floor.agent, rule, cause="y", state="put_off", until=TODAY + DAY)
    services.decline(one, "Talked about it already", floor.lead, NINE)
    (kind,) = [each for each in held.kinds(floor.agent) if each.held.model is Proposal]
    assert (kind.shown, kind.withheld) == (1, 1)
    page = text(signed_in(floor.me).get(kind.held.url))
    assert "Talked about it already" in page
    page = text(signed_in(floor.me).get(reverse("proposal", args=[one.pk])))
    assert "Talked about it already" in page
    assert str(floor.lead) not in page.split("<main")[1]


def test_a_proposal_is_found_by_reviews_and_calls_in_words(floor):
    review = a_review(floor.agent, NINE - 2 * DAY, failed=True)
    call = a_call(a_queue(floor.site), NINE - 3 * DAY, agent=floor.agent)
    facts = {"times": 2, "of": 3, "reviews": [review.pk], "calls": [str(call.pk)]}
    one = a_proposal(floor.agent, facts=facts)
    card, queue = review.version.card.name, review.queue.name
    for page in (get(floor.lead, "proposals"), get(floor.lead, "proposal", one.pk)):
        plain = strip_tags(page)
        words = f"call of 28 Feb 2026 ({card}, {queue}): 90.0 %, failed by a critical criterion"
        assert words in plain
        assert "call of 27 Feb 2026 09:00" in plain
        assert f">{review.pk}<" not in page


def test_what_is_put_off_is_listed_with_until_when(floor):
    one = a_proposal(floor.agent)
    services.put_off(one, TODAY + 8 * DAY, floor.lead, NINE)
    page = get(floor.lead, "proposals")
    for words in ("until Tue 10 Mar 2026", reverse("proposal", args=[one.pk]), "Nothing is left"):
        assert words in page, words


def test_planning_from_a_proposal_says_what_is_planned_with_the_agent_already(floor):
    planned = floor.session()
    query = f"?site={floor.site.slug}&proposal={a_proposal(floor.agent).pk}"
    form = get(floor.lead, "session_new", query=query)
    assert "Planned with them already" in form
    assert reverse("session", args=[planned.pk]) in form
    assert "Mon 2 Mar 2026 11:00" in form
    assert "Planned with them already" not in get(floor.lead, "session_new")


def test_a_proposal_is_put_on_a_session_that_is_planned_and_on_no_other(floor):
    planned, one = floor.session(), a_proposal(floor.agent)
    other = floor.session(agents=(an_agent(floor.site, "Bo"),), coach=floor.manager)
    peer = Session.objects.create(
        site=floor.site, kind="group", coach=floor.lead, starts_at=NINE + DAY, minutes=30,
        made_by=floor.lead, made_at=NINE,
    )  # fmt: skip
    peer.participants.create(agent=floor.agent)
    assert reverse("proposal_onto", args=[one.pk, planned.pk]) in get(
        floor.lead, "proposal", one.pk
    )
    for session in (other, peer):
        assert post(floor.manager, "proposal_onto", one.pk, session.pk).status_code == 404
    for _twice in range(2):
        answer = post(floor.lead, "proposal_onto", one.pk, planned.pk)
        assert answer.url == reverse("session", args=[planned.pk])
    one.refresh_from_db()
    assert (one.state, one.session) == ("planned", planned)
    assert AgendaItem.objects.get().session == planned
    late = a_proposal(floor.agent, one.rule, cause="x")
    Session.objects.update(state="held", held_at=NINE)
    with pytest.raises(ValidationError, match="over"):
        services.planned(late, planned, floor.lead, NINE)


def test_what_a_session_was_planned_for_is_to_decide_again_where_that_is_called_off(floor):
    one = a_proposal(floor.agent, made_at=NINE - 30 * DAY)
    again = a_proposal(floor.agent, one.rule, cause="again")
    session, url = floor.session(), reverse("proposal", args=[one.pk])
    for each in (one, again):
        services.planned(each, session, floor.lead, NINE)
    # The same is proposed anew already.
    a_proposal(floor.agent, one.rule, cause="again")
    holding.call_off(session, "The coach is ill", floor.lead, NINE)
    one.refresh_from_db()
    again.refresh_from_db()
    assert (one.state, again.state) == ("open", "planned")
    assert f"proposal={one.pk}" in get(floor.lead, "proposals")
    page = get(floor.lead, "proposal", one.pk)
    assert "The session that was planned for it is called off" in page
    # What is to decide its agent does not read.
    assert signed_in(floor.me).get(url).status_code == 404
    assert url not in get(floor.me, "my_coaching")
    # It stands for 28 days from then on.
    services.look(floor.site, NINE + 27 * DAY)
    one.refresh_from_db()
    assert one.state == "open"
    later = floor.session(about="April")
    assert services.planned(one, later, floor.lead, NINE).session == later
    holding.call_off(later, "On leave", floor.lead, NINE)
    services.look(floor.site, NINE + 29 * DAY)
    one.refresh_from_db()
    assert one.state == "lapsed"


def test_who_sees_which_proposals(floor):
    one = a_proposal(floor.agent)
    colleague = an_agent(floor.site, "Bo", user=a_user("agent"))
    for who, seen in (
        (floor.lead, True), (floor.manager, True), (a_user("admin"), True), (floor.me, False),
        (colleague.user, False), (a_user("supervisor"), False),
        (a_user("planner", floor.site), False),
        (a_user("qa_analyst", floor.site), False), (a_user("manager", a_site()), False),
    ):  # fmt: skip
        assert Proposal.objects.visible_to(who).filter(pk=one.pk).exists() is seen, who


def test_the_share_accepted_is_of_what_somebody_decided(floor):
    rule = a_rule(floor.site)
    for n, state in enumerate(("planned", "planned", "declined", "lapsed", "open")):
        why = "No" if state == "declined" else ""
        a_proposal(floor.agent, rule, cause=f"c{n}", state=state, why=why)
    page = get(floor.lead, "trigger_rules")
    assert "67 %" in page
    assert "2/3" in page
    # A supervisor reads the rules; who manages the site changes them.
    assert reverse("trigger_rule", args=[rule.pk]) not in page
    assert reverse("trigger_rule", args=[rule.pk]) in get(floor.manager, "trigger_rules")
    assert post(floor.lead, "trigger_start").status_code == 404


def test_a_rule_is_made_changed_and_turned_on(floor):
    url = reverse("trigger_rule_new") + f"?site={floor.site.slug}&kind=adherence"
    said = {"below": 80, "times": 3, "of": 5, "days": 28, "revision": 0}
    client = signed_in(floor.manager)
    assert client.post(url, said).status_code == client.post(url, said).status_code == 302
    rule = TriggerRule.objects.get()
    assert (rule.below, rule.is_on) == (0.8, False)
    one = reverse("trigger_rule", args=[rule.pk])
    assert client.post(one, said | {"is_on": "on"}).status_code == 302
    assert b"changed it meanwhile" in client.post(one, said).content
    rule.refresh_from_db()
    assert rule.is_on
    refused = client.post(one, said | {"times": 6, "revision": 1})
    assert b"more often than there are" in refused.content
    answer = client.post(
        reverse("trigger_limits"), {"per_week": 2, "quiet_days": 0}
    )  # fmt: skip
    assert answer.status_code == 302
    assert services.limits_of(floor.site).per_week == 2


def test_when_two_agents_become_one_their_proposals_do(floor):
    other = an_agent(floor.site, "Bo")
    rule = a_rule(floor.site)
    kept, lapsed = a_proposal(other, rule), a_proposal(floor.agent, rule)
    moved = a_proposal(floor.agent, rule, cause="kpi:aht")
    names_merged.send(sender=Agent, loser=floor.agent.pk, keeper=other.pk)
    assert set(Proposal.objects.values_list("pk", "agent", "state")) == {
        (kept.pk, other.pk, "open"), (lapsed.pk, other.pk, "lapsed"), (moved.pk, other.pk, "open"),
    }  # fmt: skip


@pytest.mark.parametrize("many", [1, 12])
def test_pages_ask_the_same_of_one_as_of_twelve(floor, many, django_assert_max_num_queries):
    rule = a_rule(floor.site)
    for n in range(many):
        facts = {"times": 2, "of": 3, "reviews": [a_review(floor.agent, NINE - DAY).pk]}
        other = an_agent(floor.site, f"Other {n}")
        team_of(floor).memberships.create(agent=other, starts_on=TODAY - 90 * DAY)
        a_proposal(other, rule)
        a_rule(floor.site, "kpi", kpi="csat")
        a_proposal(floor.agent, rule, cause=f"p{n}", state="put_off", until=TODAY + DAY)
        one = a_proposal(floor.agent, rule, cause=f"c{n}", facts=facts)
        a_rule(floor.site)
    client = signed_in(floor.lead)
    for url in (
        reverse("proposals"), reverse("trigger_rules"), reverse("proposal", args=[one.pk]),
    ):  # fmt: skip
        with django_assert_max_num_queries(12):
            client.get(url)
