"""What the rest of the site is given of reviews when a process begins: their counts in the sidebar,
their changes in words, and who listens to what else changes."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm import among_others, audit, call_acts, navigation, personal
from ccm.accounts import tokens
from ccm.erasure import traces
from ccm.models import Agent, Queue, RetentionKind
from ccm.personal import of_agent
from ccm.retention import parts
from ccm.signals import demo_loaded, names_merged
from kpis import above
from qa import merging, with_people
from qa import personal as held
from qa.after import listed, reads, releasing
from qa.after import told as of_disputes
from qa.api.acts import WRITE
from qa.beside import told as beside
from qa.calibration import services as sessions
from qa.calibration import told as of_sessions
from qa.cards import told as of_cards
from qa.checking import told as of_checks
from qa.findings import reads as findings
from qa.findings import told as of_findings
from qa.models import (
    Answer,
    CalibrationCall,
    CallTranscript,
    Dispute,
    DrawnCall,
    Evaluation,
    Evidence,
    Finding,
    FindingNote,
    ReviewEvent,
)
from qa.plans import merging as plans_merging
from qa.plans import queue
from qa.plans import told as of_plans
from qa.reviews import beside_calls
from qa.reviews import told as of_reviews
from qa.scores import words as scores
from qa.signals import review_finished


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("reviews", queue.facts, queue.count)
    navigation.register("my_reviews", reads.own_facts, reads.own_count)
    navigation.register("disputes", listed.facts, listed.count)
    navigation.register("findings", findings.facts, findings.count)
    call_acts.register(beside_calls.acts)
    tokens.register_scope(WRITE, _("write reviews and what hangs on them"))
    personal.register(held.TOLD)
    among_others.register(with_people.PAGES)
    _retention()
    _erasure()
    above.register(beside.of_agent, above.TeamTeller(beside.team_facts, beside.of_team))
    above.register(definition=scores.definition)
    _words()
    _listeners()


def _retention() -> None:
    """What goes with calls and transcripts; reviews keep what they need of a call and stay."""
    parts.register(
        parts.Part(
            RetentionKind.TRANSCRIPTS,
            CallTranscript,
            lambda site, moment: Q(site=site, called_at__lt=moment),
        )
    )
    parts.follow(
        parts.Following(CallTranscript, "call", goes=True),
        parts.Following(Evaluation, "call", goes=False),
        parts.Following(DrawnCall, "call", goes=False),
        parts.Following(CalibrationCall, "call", goes=False),
    )


def _erasure() -> None:
    """What is erased of a customer, and of an agent who left: scores and counts stay."""
    traces.register(
        traces.Trace(CallTranscript, None),
        traces.Trace(Evaluation, {"facts": _without_caller}),
        traces.Trace(CalibrationCall, {"facts": _without_caller}),
        traces.Trace(Evidence, {"words": ""}, field="evaluation__call"),
    )
    about = of_agent("evaluation__agent")
    traces.register_agents(
        traces.AgentTrace(Evaluation, of_agent("agent"), ("comment", "reason_words",
                                                          "verbal_words")),
        traces.AgentTrace(Answer, about, ("comment",)),
        traces.AgentTrace(Evidence, about, ("words",)),
        traces.AgentTrace(Dispute, about, ("words", "answer", "escalation", "reason")),
        traces.AgentTrace(ReviewEvent, about, ("words",)),
        traces.AgentTrace(Finding, of_agent("agent"), ("title", "words")),
        traces.AgentTrace(FindingNote, of_agent("finding__agent"), ("words",)),
        traces.AgentTrace(CallTranscript, of_agent("agent"), None),
    )  # fmt: skip


def _without_caller(facts: dict[str, Any]) -> dict[str, Any]:
    return {**facts, "caller_masked": ""}


def _words() -> None:
    """How each change reads in the log of changes."""
    for model in of_cards.MODELS:
        audit.register(model._meta.label_lower, of_cards.tell)
    for drawn in of_plans.MODELS:
        audit.register(drawn._meta.label_lower, of_plans.tell, of_plans.write)
    audit.register(of_reviews.REVIEW, of_reviews.tell, of_reviews.write)
    audit.register(of_reviews.RECORDING, of_reviews.tell_recordings)
    for label, words in of_reviews.CALLED.items():
        audit.call(label, *words)
    audit.register("qa.finding", of_findings.tell, of_findings.write)
    for checked in of_checks.MODELS:
        audit.register(checked._meta.label_lower, of_checks.tell, of_checks.write)
    audit.register("qa.dispute", of_disputes.tell, of_reviews.write)
    audit.register("qa.calibrationsession", of_sessions.tell)


def _listeners() -> None:
    demo_loaded.connect(_demo_loaded, dispatch_uid="qa.demo_reviews")
    review_finished.connect(releasing.on_finished, dispatch_uid="qa.after.releasing")
    review_finished.connect(sessions.on_finished, dispatch_uid="qa.calibration.sessions")
    names_merged.connect(plans_merging.follow_merged, sender=Queue, dispatch_uid="qa.plans.merging")
    for named in (Agent, Queue):
        uid = f"qa.merging.{named.__name__}"
        names_merged.connect(merging.follow_merged, sender=named, dispatch_uid=uid)


def _demo_loaded(**_more: object) -> None:
    from ccm.demo import after
    from qa import tasks

    after.ask(tasks.DEMO, tasks.demo_reviews)
