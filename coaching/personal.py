"""What coaching holds of people."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent
from ccm.personal import Held, Told, of_agent, of_user
from coaching.columns_held import COLUMNS
from coaching.models import (
    Action,
    AgendaItem,
    Attempt,
    AttemptAnswer,
    Badge,
    Certificate,
    Challenge,
    CourseAssignment,
    Kudos,
    LeaderboardChoice,
    LessonDone,
    Newcomer,
    PageAnswer,
    PageReceipt,
    Participant,
    Plan,
    PlanStep,
    Preparation,
    Proposal,
    Remark,
    RemarkAnswer,
    Session,
    SessionFeed,
    StageSign,
    Suggestion,
    TrialAgent,
)

_SHARED = Q(source=AgendaItem.Source.OWN) | (
    Q(is_kept=True) & (Q(session__shared_at__isnull=False) | Q(session__state=Session.State.HELD))
)


def _sessions(agent: Agent) -> Q:
    """Those that the agent is in, or leads as a colleague."""
    own = Q(pk__in=Participant.objects.filter(agent=agent).values("session"))
    return own | (of_user("coach")(agent) & Q(kind=Session.Kind.PEER))


def _points(agent: Agent) -> Q:
    """Those about the agent, or from them; what is about nobody of several is about all."""
    theirs = Participant.objects.filter(agent=agent).values("session")
    return Q(agent=agent) | Q(agent=None, session__in=theirs)


TOLD = Told(
    title=_("Coaching"),
    held=[
        Held(Session, _("Coaching sessions"), _("that you are in, or lead as a colleague"),
             _sessions, at="starts_at"),
        Held(Participant, _("What you said of sessions"), _("mood, energy, words, signature"),
             of_agent("agent"), at="session__starts_at"),
        Held(AgendaItem, _("Points of sessions"), _("about you, or from you"), _points,
             at="made_at", shown=_SHARED, later=_("until the agenda is shared; or struck off")),
        Held(Preparation, _("Preparations of sessions"), _("of which days, and by whom"),
             of_agent("session__participants__agent"), at="made_at",
             without=("untold", "changed")),
        Held(Action, _("Steps"), _("that you agreed to"), of_agent("agent"), at="made_at"),
        Held(Kudos, _("Recognition"), _("that you were given, or gave"),
             lambda agent: of_agent("agent")(agent) | of_user("giver")(agent), at="given_at"),
        Held(PageReceipt, _("Pages read"), _("of the library"), of_user("user"), at="read_at"),
        Held(PageAnswer, _("Whether pages helped"), _("as you said"), of_user("user"),
             at="said_at"),
        Held(Remark, _("Notes and questions"), _("about figures and calls of yours"),
             of_agent("agent"), at="made_at"),
        Held(RemarkAnswer, _("Earlier answers"), _("to your questions, before they were others"),
             of_agent("remark__agent"), at="answered_at"),
        Held(Plan, _("Plans"), _("of yours, with their goal"), of_agent("agent"), at="starts_on"),
        Held(PlanStep, _("Steps of plans"), _("in which order"), of_agent("plan__agent"),
             at="plan__starts_on"),
        Held(Proposal, _("Proposed sessions"), _("by what a rule found of you"),
             of_agent("agent"), at="made_at",
             shown=~Q(state__in=(Proposal.State.OPEN, Proposal.State.PUT_OFF)),
             later=_("until whoever coaches you has decided on it")),
        Held(SessionFeed, _("Calendar of sessions"), _("the address of it"), of_user("user"),
             at="made_at", without=("hash",)),
        Held(CourseAssignment, _("Courses"), _("that you were asked to take"), of_user("user"),
             at="assigned_at"),
        Held(LessonDone, _("Lessons"), _("that you have done"), of_user("assignment__user"),
             at="done_at"),
        Held(Attempt, _("Attempts"), _("at quizzes"), of_user("assignment__user"), at="begun_at",
             in_file=("seed",)),
        Held(AttemptAnswer, _("Answers"), _("in quizzes"), of_user("attempt__assignment__user"),
             at="attempt__begun_at", shown=Q(attempt__finished_at__isnull=False),
             later=_("until the attempt is over")),
        Held(Certificate, _("Certificates"), _("what you passed, and until when"),
             of_user("user"), at="given_on"),
        Held(Newcomer, _("Onboarding"), _("your path, or those that you mentor"),
             of_agent("agent", "mentor"), at="starts_on"),
        Held(StageSign, _("Stages signed off"), _("on your path"), of_agent("newcomer__agent"),
             at="done_on"),
        Held(TrialAgent, _("Trials"), _("ideas that you try"), of_agent("agent"),
             at="trial__starts_on"),
        Held(Badge, _("Badges"), _("that you reached"), of_agent("agent"), at="given_on"),
        Held(Challenge, _("Challenges won"), _("by their rule"), of_agent("winner"),
             at="last_on"),
        Held(LeaderboardChoice, _("Leaderboards"), _("whether you stand in them"),
             of_agent("agent")),
        Held(Suggestion, _("Suggestions"), _("with your name on them: what was sent without one "
             "is nobody's"), of_user("by"), at="day"),
    ],
    of_nobody=(
        "coaching.librarypage", "coaching.libraryversion",
        "coaching.course", "coaching.courseversion", "coaching.lesson", "coaching.question",
        "coaching.courserule", "coaching.certificatekind", "coaching.onboardingpath",
        "coaching.onboardingstage", "coaching.cadence", "coaching.triggerrule",
        "coaching.triggerlimits",
        "coaching.triggerrun", "coaching.trial", "coaching.trialchange",
        "coaching.wellbeinglimits", "coaching.huddle",
        "coaching.huddlepoint", "coaching.huddlestep", "coaching.leaderboard",
        "coaching.pointsrule", "coaching.badgerule", "coaching.publicshelf",
        "coaching.publicpage", "coaching.askingrule", "coaching.askedcall", "coaching.voicetag",
        "coaching.voicemark", "coaching.complaint",
        # Answers are nobody's: who gave one is kept nowhere.
        "coaching.pulsesurvey", "coaching.pulsequestion", "coaching.pulseanswer",
        "coaching.pulseturn",
    ),
    pages={
        "coaching.session": "session", "coaching.action": "action_end", "coaching.plan": "plan",
        "coaching.proposal": "proposal", "coaching.remark": "remark",
        "coaching.courseassignment": "learning", "coaching.attempt": "learning_attempt",
    },
    kept_back={
        "coaching.privatenote": _(
            "Notes that a coach writes for themselves: nobody else reads them, not even an admin."
        ),
    },
    kept=COLUMNS,
)  # fmt: skip
