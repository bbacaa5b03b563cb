"""What the rest of the site is given of coaching when a process begins: counts in the sidebar,
changes in words, and who listens to what else changes."""

from ccm import audit, call_acts, navigation, unlogged
from ccm.models import Agent, Queue
from ccm.signals import names_merged
from coaching import suggestions
from coaching.asking import merging as asked
from coaching.asking import told as of_asking
from coaching.holding import merging as held
from coaching.holding import told as of_sessions
from coaching.library import reading
from coaching.library import told as of_library
from coaching.public import told as of_public
from coaching.recognition import beside as beside_calls
from coaching.recognition import merging as recognised
from coaching.recognition import told as of_recognition
from coaching.suggestions import reads as suggested
from coaching.suggestions import told as of_suggestions
from coaching.voice import beside as of_callers
from coaching.voice import merging as voiced
from coaching.voice import month
from coaching.voice import told as of_voice
from kpis import above
from qa.findings import evidence


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("suggestions", suggested.facts, suggested.count)
    navigation.register("library", reading.facts, reading.count)
    unlogged.keep_out(suggestions.UNLOGGED)
    call_acts.register(beside_calls.acts)
    call_acts.register(of_callers.acts)
    audit.register("coaching.session", of_sessions.tell)
    audit.register("coaching.action", of_sessions.tell_actions)
    audit.register("coaching.kudos", of_recognition.tell)
    audit.register("coaching.suggestion", of_suggestions.tell)
    audit.register("coaching.librarypage", of_library.tell, of_library.write)
    audit.register("coaching.libraryversion", of_library.tell_versions, of_library.write)
    audit.register("coaching.publicshelf", of_public.tell_shelves)
    audit.register("coaching.publicpage", of_public.tell)
    audit.register("coaching.askingrule", of_asking.tell)
    audit.register("coaching.voicetag", of_voice.tell)
    audit.register("coaching.complaint", of_voice.tell_complaints)
    above.register(team=above.TeamTeller(month.coached_facts, month.coached))
    above.register(team=above.TeamTeller(month.comment_facts, month.comments))
    evidence.register(of_callers.evidence)
    for follows, uid in (
        (held.follow_merged, "coaching.holding.merging"),
        (recognised.follow_merged, "coaching.recognition.merging"),
    ):
        names_merged.connect(follows, sender=Agent, dispatch_uid=uid)
    for follows, uid in (
        (voiced.follow_merged, "coaching.voice.merging"),
        (asked.follow_merged, "coaching.asking.merging"),
    ):
        names_merged.connect(follows, sender=Queue, dispatch_uid=uid)
