"""What the rest of the site is given of coaching when a process begins: counts in the sidebar,
changes in words, and who listens to what else changes."""

from ccm import audit, call_acts, navigation, unlogged
from ccm.models import Agent
from ccm.signals import names_merged
from coaching import pulse, suggestions
from coaching.badges import merging as awarded
from coaching.badges import told as of_badges
from coaching.challenges import merging as won
from coaching.challenges import told as of_challenges
from coaching.holding import merging as held
from coaching.holding import told as of_sessions
from coaching.huddles import told as of_huddles
from coaching.leaderboards import merging as ranked
from coaching.leaderboards import told as of_leaderboards
from coaching.library import reading
from coaching.library import told as of_library
from coaching.pulse import told as of_pulses
from coaching.recognition import beside as beside_calls
from coaching.recognition import merging as recognised
from coaching.recognition import told as of_recognition
from coaching.suggestions import reads as suggested
from coaching.suggestions import told as of_suggestions
from coaching.wellbeing import told as of_wellbeing


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("suggestions", suggested.facts, suggested.count)
    navigation.register("library", reading.facts, reading.count)
    unlogged.keep_out(suggestions.UNLOGGED)
    unlogged.keep_out(pulse.UNLOGGED)
    call_acts.register(beside_calls.acts)
    audit.register("coaching.session", of_sessions.tell)
    audit.register("coaching.action", of_sessions.tell_actions)
    audit.register("coaching.kudos", of_recognition.tell)
    audit.register("coaching.suggestion", of_suggestions.tell)
    audit.register("coaching.librarypage", of_library.tell, of_library.write)
    audit.register("coaching.libraryversion", of_library.tell_versions, of_library.write)
    audit.register("coaching.wellbeinglimits", of_wellbeing.tell)
    audit.register("coaching.pulsesurvey", of_pulses.tell)
    audit.register("coaching.huddle", of_huddles.tell)
    audit.register("coaching.leaderboard", of_leaderboards.tell)
    audit.register("coaching.challenge", of_challenges.tell)
    audit.register("coaching.badgerule", of_badges.tell)
    for follows, uid in (
        (held.follow_merged, "coaching.holding.merging"),
        (recognised.follow_merged, "coaching.recognition.merging"),
        (ranked.follow_merged, "coaching.leaderboards.merging"),
        (won.follow_merged, "coaching.challenges.merging"),
        (awarded.follow_merged, "coaching.badges.merging"),
    ):
        names_merged.connect(follows, sender=Agent, dispatch_uid=uid)
