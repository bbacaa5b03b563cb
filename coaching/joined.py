"""What the rest of the site is given of coaching when a process begins: counts in the sidebar,
changes in words, and who listens to what else changes."""

from collections.abc import Mapping
from typing import Any

from ccm import (
    addresses,
    among_others,
    audit,
    call_acts,
    navigation,
    personal,
    surveys,
    unlogged,
)
from ccm.models import Agent, Queue, SurveyResponse
from ccm.retention import parts
from ccm.signals import calls_taken_back, demo_loaded, names_merged
from coaching import erased, pulse, suggestions, with_people
from coaching import personal as of_people
from coaching.agreed import events
from coaching.asking import back, rests, wanted
from coaching.asking import merging as asked
from coaching.asking import told as of_asking
from coaching.badges import merging as awarded
from coaching.badges import reads as awards
from coaching.badges import told as of_badges
from coaching.certificates import reads as certified
from coaching.certificates import told as of_certificates
from coaching.challenges import merging as won
from coaching.challenges import told as of_challenges
from coaching.courses import events as effect_of_courses
from coaching.courses import reads as learned
from coaching.courses import told as of_courses
from coaching.effect import sessions as effect_of_sessions
from coaching.effect import sources
from coaching.following import beside as beside_agents
from coaching.holding import merging as held
from coaching.holding import services as sessions
from coaching.holding import soon, to_hold, to_sign
from coaching.holding import told as of_sessions
from coaching.huddles import told as of_huddles
from coaching.leaderboards import merging as ranked
from coaching.leaderboards import told as of_leaderboards
from coaching.library import reading
from coaching.library import told as of_library
from coaching.models import AgendaItem, AskedCall, Course, Kudos, Newcomer, VoiceMark
from coaching.months import pages as of_months
from coaching.onboarding import merging as onboarded
from coaching.onboarding import told as of_onboarding
from coaching.plans import merging as planned
from coaching.plans import told as of_plans
from coaching.points import told as of_points
from coaching.preparing import beside as prepared_beside
from coaching.public import told as of_public
from coaching.pulse import told as of_pulses
from coaching.recognition import beside as beside_calls
from coaching.recognition import merging as recognised
from coaching.recognition import reads as thanked
from coaching.recognition import told as of_recognition
from coaching.recognition import walls
from coaching.remarks import beside as beside_figures
from coaching.remarks import merging as remarks_merging
from coaching.remarks import reads as remarked
from coaching.remarks import told as of_remarks
from coaching.rhythm import told as of_rhythm
from coaching.suggestions import reads as suggested
from coaching.suggestions import told as of_suggestions
from coaching.teaching import waiting as of_teaching
from coaching.trials import merging as tried
from coaching.trials import told as of_trials
from coaching.triggers import merging as proposed
from coaching.triggers import reads as found
from coaching.triggers import services as proposals
from coaching.triggers import told as of_proposals
from coaching.voice import beside as of_callers
from coaching.voice import merging as voiced
from coaching.voice import month
from coaching.voice import told as of_voice
from coaching.wellbeing import told as of_wellbeing
from kpis import above
from kpis.walls import others
from qa.findings import evidence
from scheduling.mine import engaged
from scheduling.mine import now as moment

# How each change reads in the log of changes: who tells it, and who writes its values.
_WORDS: Mapping[str, tuple[Any, ...]] = {
    "session": (of_sessions.tell,),
    "agendaitem": (of_sessions.tell_points,),
    "preparation": (of_sessions.tell_preparations, of_sessions.write_preparations),
    "action": (of_sessions.tell_actions,),
    "cadence": (of_rhythm.tell,),
    "plan": (of_plans.tell,),
    "proposal": (of_proposals.tell,),
    "triggerrule": (of_proposals.tell_rules,),
    "triggerlimits": (of_proposals.tell_limits,),
    "kudos": (of_recognition.tell,),
    "remark": (of_remarks.tell,),
    "suggestion": (of_suggestions.tell,),
    "librarypage": (of_library.tell, of_library.write),
    "libraryversion": (of_library.tell_versions, of_library.write),
    "course": (of_courses.tell,),
    "courseversion": (of_courses.tell_versions,),
    "courserule": (of_courses.tell_rules,),
    "courseassignment": (of_courses.tell_assignments,),
    "certificate": (of_certificates.tell,),
    "certificatekind": (of_certificates.tell_kinds,),
    "onboardingpath": (of_onboarding.tell_paths,),
    "onboardingstage": (of_onboarding.tell_stages,),
    "newcomer": (of_onboarding.tell,),
    "stagesign": (of_onboarding.tell_signs,),
    "trial": (of_trials.tell, of_trials.write),
    "wellbeinglimits": (of_wellbeing.tell,),
    "pulsesurvey": (of_pulses.tell,),
    "huddle": (of_huddles.tell,),
    "leaderboard": (of_leaderboards.tell,),
    "pointsrule": (of_points.tell,),
    "challenge": (of_challenges.tell,),
    "badgerule": (of_badges.tell,),
    "publicshelf": (of_public.tell_shelves,),
    "publicpage": (of_public.tell,),
    "askingrule": (of_asking.tell, of_asking.write),
    "voicetag": (of_voice.tell,),
    "complaint": (of_voice.tell_complaints,),
}
# Who writes what of an agent or a queue, and follows when two of them turn out to be one.
_FOLLOWING = (
    (held.follow_merged, Agent),
    (planned.follow_merged, Agent),
    (proposed.follow_merged, Agent),
    (recognised.follow_merged, Agent),
    (remarks_merging.follow_merged, Agent),
    (onboarded.follow_merged, Agent),
    (tried.follow_merged, Agent),
    (ranked.follow_merged, Agent),
    (won.follow_merged, Agent),
    (awarded.follow_merged, Agent),
    (voiced.follow_merged, Queue),
    (asked.follow_merged, Queue),
)


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("suggestions", suggested.facts, suggested.count)
    navigation.register("my_coaching", to_sign.facts, to_sign.count)
    navigation.register("sessions", to_hold.facts, to_hold.count)
    navigation.register("proposals", found.WAITING.facts, found.WAITING.count)
    navigation.register("library", reading.facts, reading.count)
    navigation.register("my_learning", learned.open_tasks, learned.count)
    navigation.register("certificates", certified.facts, certified.count)
    navigation.register("remarks", remarked.facts, remarked.count)
    navigation.register("badges", awards.facts, awards.count)
    navigation.register("recognition", thanked.facts, thanked.count)
    unlogged.keep_out(suggestions.UNLOGGED)
    unlogged.keep_out(pulse.UNLOGGED)
    personal.register(of_people.TOLD)
    among_others.register(with_people.PAGES, with_people.WITH_COLLEAGUES)
    parts.follow(
        parts.Following(AskedCall, "call", goes=True),
        parts.Following(AgendaItem, "call", goes=False),
        parts.Following(Kudos, "call", goes=False),
        parts.Following(Kudos, "survey", goes=False, of=SurveyResponse),
        # A mark stays and says nothing then.
        parts.Following(VoiceMark, "survey", goes=False, of=SurveyResponse),
    )
    erased.register()
    addresses.register(wanted.until)
    surveys.register(rests.BY_HAND)
    sessions.when_called_off(proposals.come_back)
    sources.register(effect_of_sessions.SOURCE)
    sources.register(effect_of_courses.SOURCE)
    _beside()
    for label, told in _WORDS.items():
        audit.register(f"coaching.{label}", *told)
    audit.name(Course, of_courses.titles)
    audit.name(Newcomer, of_onboarding.newcomers)
    for follows, model in _FOLLOWING:
        uid = f"{follows.__module__}.{model.__name__}"
        names_merged.connect(follows, sender=model, dispatch_uid=uid)
    calls_taken_back.connect(back.follow, dispatch_uid="coaching.asking.back")
    demo_loaded.connect(_demo_loaded, dispatch_uid="coaching.demo")


def _beside() -> None:
    """What stands on pages of calls, figures, teams, findings, and of an agent's own day."""
    moment.register(soon.next_session)
    engaged.register(events.of_agent)
    for acts in (beside_calls.acts, beside_figures.of_call, prepared_beside.acts, of_callers.acts):
        call_acts.register(acts)
    above.register(beside_agents.of_agent, agent_facts=beside_agents.facts)
    above.register(acts=beside_figures.of_figure)
    above.register(team=above.TeamTeller(month.coached_facts, month.coached))
    above.register(team=above.TeamTeller(month.comment_facts, month.comments))
    above.register(page=of_months.team_month)
    above.register(waiting=of_teaching.waiting)
    evidence.register(of_callers.evidence)
    others.register(walls.thanks)


def _demo_loaded(**_more: object) -> None:
    from ccm.demo import after
    from coaching import tasks

    after.ask(tasks.DEMO, tasks.demo_coaching)
