"""What the rest of the site is given of coaching when a process begins: counts in the sidebar,
changes in words, and who listens to what else changes."""

from ccm import audit, call_acts, navigation, unlogged
from ccm.models import Agent
from ccm.signals import names_merged
from coaching import suggestions
from coaching.agreed import events
from coaching.holding import merging as held
from coaching.holding import told as of_sessions
from coaching.library import reading
from coaching.library import told as of_library
from coaching.plans import merging as planned
from coaching.plans import told as of_plans
from coaching.recognition import beside as beside_calls
from coaching.recognition import merging as recognised
from coaching.recognition import told as of_recognition
from coaching.rhythm import told as of_rhythm
from coaching.suggestions import reads as suggested
from coaching.suggestions import told as of_suggestions
from coaching.triggers import merging as proposed
from coaching.triggers import told as of_proposals
from scheduling.mine import engaged


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("suggestions", suggested.facts, suggested.count)
    navigation.register("library", reading.facts, reading.count)
    unlogged.keep_out(suggestions.UNLOGGED)
    call_acts.register(beside_calls.acts)
    engaged.register(events.of_agent)
    audit.register("coaching.cadence", of_rhythm.tell)
    audit.register("coaching.plan", of_plans.tell)
    audit.register("coaching.proposal", of_proposals.tell)
    audit.register("coaching.triggerrule", of_proposals.tell_rules)
    audit.register("coaching.triggerlimits", of_proposals.tell_limits)
    audit.register("coaching.session", of_sessions.tell)
    audit.register("coaching.action", of_sessions.tell_actions)
    audit.register("coaching.kudos", of_recognition.tell)
    audit.register("coaching.suggestion", of_suggestions.tell)
    audit.register("coaching.librarypage", of_library.tell, of_library.write)
    audit.register("coaching.libraryversion", of_library.tell_versions, of_library.write)
    for follows, uid in (
        (held.follow_merged, "coaching.holding.merging"),
        (recognised.follow_merged, "coaching.recognition.merging"),
        (planned.follow_merged, "coaching.plans.merging"),
        (proposed.follow_merged, "coaching.triggers.merging"),
    ):
        names_merged.connect(follows, sender=Agent, dispatch_uid=uid)
