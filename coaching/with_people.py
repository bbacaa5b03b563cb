"""Pages of coaching on which people are rows or choices among others: what each is of."""

from collections.abc import Collection, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAGES: Mapping[str, str | Promise] = {
    "sessions": _("Sessions"),
    "sessions_calendar": _("Sessions"),
    "session_new": _("A session"),
    "quick_note": _("A quick note"),
    "steps": _("Steps"),
    "plans": _("Plans"),
    "plan_new": _("A plan"),
    "proposals": _("Proposals"),
    "huddle": _("A huddle"),
    "remarks": _("Questions of agents"),
    "recognition": _("Recognition"),
    "recognition_new": _("Recognition"),
    "certificates": _("Certificates"),
    "certificate_withdraw": _("A certificate"),
    "course": _("A course and its learners"),
    "course_assign": _("A course and its learners"),
    "course_learner": _("A learner's course"),
    "course_attempt": _("A learner's course"),
    "library_readers": _("Readers of a page"),
    "onboarding": _("Onboarding"),
    "onboarding_start": _("Onboarding"),
    "ramp": _("Those who are new"),
    "recruiting_began": _("How people began"),
    "leaderboard": _("A leaderboard"),
    "challenge": _("A challenge"),
    "rhythm": _("Rhythm of coaching"),
    "rhythm_team": _("Rhythm of coaching"),
    "trial": _("A trial"),
    "trial_new": _("A trial"),
    "trial_edit": _("A trial"),
    "voice_comments": _("Comments of callers"),
    "wellbeing": _("Wellbeing"),
}

# Where colleagues are shown to who reaches nobody else.
WITH_COLLEAGUES: Collection[str] = ("recognition", "recognition_new")
