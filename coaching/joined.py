"""What the rest of the site is given of coaching when a process begins: counts in the sidebar,
changes in words, and who listens to what else changes."""

from ccm import audit, call_acts, navigation, unlogged
from ccm.models import Agent
from ccm.signals import names_merged
from coaching import suggestions
from coaching.certificates import reads as certified
from coaching.certificates import told as of_certificates
from coaching.courses import reads as learned
from coaching.courses import told as of_courses
from coaching.holding import merging as held
from coaching.holding import told as of_sessions
from coaching.library import reading
from coaching.library import told as of_library
from coaching.onboarding import merging as onboarded
from coaching.onboarding import told as of_onboarding
from coaching.recognition import beside as beside_calls
from coaching.recognition import merging as recognised
from coaching.recognition import told as of_recognition
from coaching.suggestions import reads as suggested
from coaching.suggestions import told as of_suggestions


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("suggestions", suggested.facts, suggested.count)
    navigation.register("library", reading.facts, reading.count)
    unlogged.keep_out(suggestions.UNLOGGED)
    call_acts.register(beside_calls.acts)
    audit.register("coaching.session", of_sessions.tell)
    audit.register("coaching.action", of_sessions.tell_actions)
    audit.register("coaching.kudos", of_recognition.tell)
    audit.register("coaching.suggestion", of_suggestions.tell)
    audit.register("coaching.librarypage", of_library.tell, of_library.write)
    navigation.register("my_learning", learned.open_tasks, learned.count)
    navigation.register("certificates", certified.facts, certified.count)
    audit.register("coaching.course", of_courses.tell)
    audit.register("coaching.courseversion", of_courses.tell_versions)
    audit.register("coaching.courserule", of_courses.tell_rules)
    audit.register("coaching.courseassignment", of_courses.tell_assignments)
    audit.register("coaching.certificate", of_certificates.tell)
    audit.register("coaching.certificatekind", of_certificates.tell_kinds)
    audit.register("coaching.libraryversion", of_library.tell_versions, of_library.write)
    audit.register("coaching.onboardingpath", of_onboarding.tell_paths)
    audit.register("coaching.onboardingstage", of_onboarding.tell_stages)
    audit.register("coaching.newcomer", of_onboarding.tell)
    audit.register("coaching.stagesign", of_onboarding.tell_signs)
    for follows, uid in (
        (onboarded.follow_merged, "coaching.onboarding.merging"),
        (held.follow_merged, "coaching.holding.merging"),
        (recognised.follow_merged, "coaching.recognition.merging"),
    ):
        names_merged.connect(follows, sender=Agent, dispatch_uid=uid)
