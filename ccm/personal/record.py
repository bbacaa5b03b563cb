"""What the shared record holds of people."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.entry import locking
from ccm.models import (
    Agent,
    AgentAlias,
    AgentState,
    ApiToken,
    AuditEntry,
    BrowserSession,
    Call,
    CallNote,
    Cost,
    DoNotCall,
    EmergencyReach,
    IntervalCount,
    Leave,
    ListViewing,
    NameMerge,
    Offer,
    PaidTime,
    RoleRight,
    Sale,
    Substitution,
    SurveyInvitation,
    SurveyResponse,
    Target,
    TeamLead,
    TeamMembership,
    User,
    Viewing,
)
from ccm.personal import Held, Told, of_agent, of_user
from ccm.personal.columns import COLUMNS


def _changes_of(agent: Agent) -> Q:
    """Entries of the log that are about the agent's own row, or by the agent's account, or of files
    in which nobody else was."""
    found = Q(model=Agent._meta.label_lower, object_id=str(agent.pk))
    found |= Q(action=AuditEntry.Action.EXPORTED, after__agent=agent.pk)
    return found | Q(who=agent.user_id) if agent.user_id else found


def _merges_of(agent: Agent) -> Q:
    return Q(kind="agents", keeper=agent.pk)


def _attempts_of(agent: Agent) -> Q:
    return Q(username=locking.user_key(agent.user_id)) if agent.user_id else Q(pk__in=[])


TOLD = Told(
    title=_("The record"),
    held=[
        Held(Agent, _("You, as an agent"), _("who takes calls, and since when"), of_agent("pk")),
        Held(
            User,
            _("Your account"),
            _("with which you sign in"),
            of_user("pk"),
            at="date_joined",
            without=("password",),
        ),
        Held(
            AgentAlias,
            _("Your names in sources"),
            _("by which a source's lines are known as yours"),
            of_agent("agent"),
        ),
        Held(NameMerge, _("Names that became yours"), _("two that were one person"), _merges_of,
             at="merged_at"),
        Held(
            TeamMembership, _("Teams"), _("whose figures yours belong to"), of_agent("agent"),
            at="starts_on",
        ),
        Held(TeamLead, _("Teams led"), _("whom you answer for"), of_user("supervisor"),
             at="starts_on"),
        Held(
            Call,
            _("Calls"),
            _("from the logs of the phone system: what figures are counted from"),
            of_agent("agent"),
            at="offered_at",
            # The caller's, not the agent's.
            without=("caller_hash", "caller_masked", "extra"),
        ),
        Held(
            Offer,
            _("Calls that rang"),
            _("which were taken, declined or missed"),
            of_agent("agent"),
            at="starts_at",
        ),
        Held(
            AgentState,
            _("What you did when"),
            _("logged in, ready, paused: from the phone system"),
            of_agent("agent"),
            at="starts_at",
        ),
        Held(
            IntervalCount,
            _("Totals of quarter hours"),
            _("from systems that give no single calls"),
            of_agent("agent"),
            at="starts_at",
        ),
        Held(
            CallNote,
            _("Notes on calls"),
            _("on calls that you took, or by you"),
            lambda agent: (
                of_agent("call__agent")(agent) | of_user("author", "callback_done_by")(agent)
            ),
            at="at",
        ),
        Held(
            SurveyResponse,
            _("Answers of customers"),
            _("after calls that you took"),
            of_agent("agent"),
            at="answered_at",
        ),
        Held(
            SurveyInvitation,
            _("Surveys asked for"),
            _("after calls that you took, or by you"),
            lambda agent: of_agent("agent")(agent) | of_user("created_by", "withdrawn_by")(agent),
            at="created_at",
            without=("hash", "address_hash"),
        ),
        Held(Sale, _("Sales"), _("that count as yours"), of_agent("agent"), at="sold_on"),
        Held(Leave, _("Absences"), _("planned and counted"), of_agent("agent"), at="first_on"),
        Held(PaidTime, _("Paid time"), _("from payroll"), of_agent("agent"), at="day"),
        Held(Target, _("Targets"), _("that are yours alone"), of_agent("agent"), at="valid_from"),
        Held(Cost, _("Costs"), _("entered for you"), of_agent("agent"), at="first_on",
             shown=Q(pk__in=[]), later=_("only who manages the site reads costs")),
        Held(
            ApiToken, _("Tokens"), _("with which programs act for you"), of_user("user"),
            at="created_at", without=("hash",),
        ),
        Held(Substitution, _("Standing in"),
             _("for whom you saw to a team or a site, or who did for you"),
             of_user("absent", "substitute", "made_by", "ended_by"), at="first_on"),
        Held(RoleRight, _("Rights of roles"), _("that you changed last"),
             of_user("changed_by"), at="changed_at"),
        Held(EmergencyReach, _("Reach in emergencies"), _("that you asked for, or ended"),
             of_user("user", "ended_by"), at="begins_at"),
        Held(
            BrowserSession,
            _("Sessions"),
            _("with which a browser of yours is signed in"),
            of_user("user"),
            at="began_at",
            without=("session_key", "session_data"),
        ),
        Held(
            AccessFailureLog,
            _("Failed sign-ins"),
            _("to your account, by whomever, of the last 30 days"),
            _attempts_of,
            at="attempt_time",
            without=("user_agent", "http_accept", "username"),
        ),
        Held(
            AccessAttempt,
            _("Failed sign-ins of now"),
            _("which count towards a pause"),
            _attempts_of,
            at="attempt_time",
            without=("user_agent", "http_accept", "username", "get_data", "post_data"),
        ),
        Held(
            UserSession, _("Where you are signed in"), _("so that you can end it elsewhere"),
            of_user("user"), at="created_at", without=("session_key", "data", "last_seen_at"),
        ),
        Held(
            Authenticator, _("Second factors"), _("what it takes beside your password"),
            of_user("user"), at="created_at", without=("data",),
        ),
        Held(
            SocialAccount, _("Your place in the company's directory"), _("which lets you in"),
            of_user("user"), at="date_joined", without=("uid",),
        ),
        Held(EmailAddress, _("Mail addresses"), _("of your account"), of_user("user")),
        Held(
            DoNotCall,
            _("Numbers not to be called"),
            _("that you wrote down"),
            of_user("made_by"),
            at="made_at",
            # The caller's, not yours.
            without=("caller_hash", "caller_masked", "note"),
        ),
        Held(
            Viewing,
            _("Who looked"),
            _("at pages about you, by day"),
            of_agent("agent"),
            at="last_at",
        ),
        Held(
            ListViewing,
            _("Lists that you looked at"),
            _("in which others are shown, by day"),
            of_user("viewer"),
            at="last_at",
        ),
        Held(
            AuditEntry,
            _("Log of changes"),
            _("of your row, by you, and files of you alone"),
            _changes_of,
            at="at",
            # Its values may be others', or not yours to read yet; what was changed when is told.
            without=("before", "after", "names"),
        ),
    ],
    pages={"ccm.call": "call"},
    of_nobody=(
        # Of axes, and never written.
        "axes.accesslog",
        "axes.accessattemptexpiration",
        # Of the centre.
        "ccm.site", "ccm.team", "ccm.queue", "ccm.queuealias", "ccm.topic", "ccm.topicalias",
        "ccm.disposition", "ccm.dispositionalias", "ccm.linktemplate", "ccm.headcount",
        # Of callers.
        "ccm.surveyoptout", "ccm.calladdress", "ccm.erasedcaller", "ccm.erasure", "ccm.callerkey",
        "ccm.contacthours", "ccm.recordingregion",
        # How the record comes about. Lines of a source are kept as they came, by file.
        "ccm.cutoff", "ccm.posted", "ccm.watchedfolder", "ccm.followedlog", "ccm.job",
        "ccm.importprofile", "ccm.importbatch", "ccm.importfile", "ccm.importpiece",
        "ccm.importissue", "ccm.rejectedrow", "ccm.correctedrow", "ccm.importchange",
        "ccm.importday", "ccm.rawevent", "ccm.liveevent", "ccm.eventshape", "ccm.livesource",
        "ccm.retentionrule", "ccm.retentionrun",
        "ccm.dirtyday", "ccm.movedrows", "ccm.listtold", "ccm.viewingmark",
        # Of who lets people in: none of it is used.
        "account.emailconfirmation", "socialaccount.socialapp", "socialaccount.socialtoken",
        # How the log of changes is sealed: of entries, which are told above.
        "ccm.auditseal", "ccm.auditwaiting", "ccm.auditcheck", "ccm.auditanchor",
        # What leaves it.
        "ccm.webhook", "ccm.delivery", "ccm.deliverytry", "ccm.attachment", "ccm.backup",
    ),
    kept=COLUMNS,
)  # fmt: skip
