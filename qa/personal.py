"""What quality reviews hold of people."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.personal import Held, Told, of_agent, of_user
from qa.columns_held import COLUMNS
from qa.models import (
    AgentDraw,
    Answer,
    AnswerChange,
    CalibrationRater,
    CallTranscript,
    Dispute,
    DrawnCall,
    Evaluation,
    Evidence,
    Finding,
    PlanReviewer,
    ReviewEvent,
    Suggestion,
)

_UNRELEASED = _("not released yet, or made to compare reviewers and never a grade of yours")


def _released(lead: str = "") -> Q:
    return Q(**{f"{lead}released_at__isnull": False})


_RELEASED_DRAWS = Evaluation.objects.filter(_released(), drawn__isnull=False).values("drawn")

TOLD = Told(
    title=_("Quality"),
    held=[
        Held(Evaluation, _("Reviews"), _("of calls that you took"), of_agent("agent"),
             at="called_at", shown=_released(), later=_UNRELEASED,
             in_file=("site", "call", "agent", "facts", "version", "drawn", "rank", "session_call",
                      "revision", "made_by", "made_at", "due_at", "begun_at", "saved_at",
                      "release_at", "released_by")),
        Held(Answer, _("Answers of reviews"), _("criterion by criterion"),
             of_agent("evaluation__agent"), at="evaluation__called_at",
             shown=_released("evaluation__"), later=_UNRELEASED),
        Held(Evidence, _("Evidence"), _("to which moment of a call an answer points"),
             of_agent("evaluation__agent"), at="made_at", shown=_released("evaluation__"),
             later=_UNRELEASED),
        Held(Dispute, _("Disputes"), _("of reviews of yours, and what was answered"),
             of_agent("evaluation__agent"), at="opened_at"),
        Held(AnswerChange, _("Answers that were changed"), _("after a dispute"),
             of_agent("dispute__evaluation__agent"), at="at"),
        Held(ReviewEvent, _("What happened to reviews"), _("read, acknowledged, decided"),
             of_agent("evaluation__agent"), at="at", shown=_released("evaluation__"),
             later=_UNRELEASED),
        Held(AgentDraw, _("Draws"), _("how many of your calls were drawn for review"),
             of_agent("agent"), at="draw__first_day", without=("digest",),
             in_file=("calls", "of_strata")),
        Held(DrawnCall, _("Calls drawn"), _("for review, by chance"), of_agent("drawn__agent"),
             at="drawn__draw__first_day", shown=Q(pk__in=_RELEASED_DRAWS),
             later=_("the review is not released yet, or another call was taken")),
        Held(Finding, _("Findings"), _("that concern you"), of_agent("agent"), at="made_at",
             shown=Q(kind=Finding.Kind.PRAISE),
             later=_("worked on by who leads you, who tells you")),
        Held(CallTranscript, _("Transcripts"), _("of calls that you took"), of_agent("agent"),
             at="called_at", without=("digest",),
             shown=Q(pk__in=CallTranscript.objects.heard().values("pk")),
             later=_("the caller did not agree to be recorded, as the site asks them to")),
        Held(Suggestion, _("What automatic checks found"), _("in calls that you took"),
             of_agent("transcript__agent"), at="transcript__called_at", shown=Q(pk__in=[]),
             later=_("suggestions to reviewers: what became of them is in reviews")),
        Held(CalibrationRater, _("Calibrations"), _("in which you score"), of_user("user")),
        Held(PlanReviewer, _("Plans"), _("for which you review"), of_user("user")),
    ],
    pages={
        "qa.evaluation": "review_told", "qa.dispute": "dispute", "qa.calltranscript": "transcript",
    },
    of_nobody=(
        "qa.scorecard", "qa.cardversion", "qa.cardcriterion", "qa.calibrationsession",
        "qa.calibrationcall", "qa.calibrationagreed", "qa.calibrationnote", "qa.qualityrules",
        "qa.samplingplan", "qa.plandraw", "qa.findingnote", "qa.checkrule", "qa.learnedscorer",
    ),
    kept=COLUMNS,
)  # fmt: skip
