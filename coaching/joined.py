"""What the rest of the site is given of coaching when a process begins: counts in the sidebar,
changes in words, and who listens to what else changes."""

from ccm import audit, call_acts, navigation, personal, unlogged
from ccm.models import Agent
from ccm.signals import demo_loaded, names_merged
from coaching import personal as of_people
from coaching import suggestions
from coaching.effect import sessions as effect_of_sessions
from coaching.effect import sources
from coaching.holding import merging as held
from coaching.holding import soon
from coaching.holding import told as of_sessions
from coaching.library import reading
from coaching.library import told as of_library
from coaching.preparing import beside as prepared_beside
from coaching.recognition import beside as beside_calls
from coaching.recognition import merging as recognised
from coaching.recognition import told as of_recognition
from coaching.remarks import beside as beside_figures
from coaching.remarks import merging as remarks_merging
from coaching.remarks import reads as remarked
from coaching.remarks import told as of_remarks
from coaching.suggestions import reads as suggested
from coaching.suggestions import told as of_suggestions
from coaching.trials import merging as tried
from coaching.trials import told as of_trials
from kpis import above
from scheduling.mine import now as moment


def everything() -> None:
    """Called once, when all models are there."""
    moment.register(soon.next_session)
    navigation.register("suggestions", suggested.facts, suggested.count)
    navigation.register("library", reading.facts, reading.count)
    navigation.register("remarks", remarked.WAITING.facts, remarked.WAITING.count)
    unlogged.keep_out(suggestions.UNLOGGED)
    call_acts.register(beside_calls.acts)
    call_acts.register(beside_figures.of_call)
    above.register(acts=beside_figures.of_figure)
    personal.register(of_people.TOLD)
    call_acts.register(prepared_beside.acts)
    audit.register("coaching.session", of_sessions.tell)
    audit.register("coaching.action", of_sessions.tell_actions)
    audit.register("coaching.kudos", of_recognition.tell)
    audit.register("coaching.remark", of_remarks.tell)
    audit.register("coaching.suggestion", of_suggestions.tell)
    audit.register("coaching.librarypage", of_library.tell, of_library.write)
    audit.register("coaching.libraryversion", of_library.tell_versions, of_library.write)
    audit.register("coaching.trial", of_trials.tell, of_trials.write)
    sources.register(effect_of_sessions.SOURCE)
    for follows, uid in (
        (held.follow_merged, "coaching.holding.merging"),
        (recognised.follow_merged, "coaching.recognition.merging"),
        (remarks_merging.follow_merged, "coaching.remarks.merging"),
        (tried.follow_merged, "coaching.trials.merging"),
    ):
        names_merged.connect(follows, sender=Agent, dispatch_uid=uid)
    demo_loaded.connect(_demo_loaded, dispatch_uid="coaching.demo")


def _demo_loaded(**_more: object) -> None:
    from ccm.demo import after
    from coaching import tasks

    after.ask(tasks.DEMO, tasks.demo_coaching)
