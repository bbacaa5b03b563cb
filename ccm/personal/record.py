"""What the shared record holds of people."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import (
    Agent,
    AgentAlias,
    AgentState,
    ApiToken,
    AuditEntry,
    Call,
    CallNote,
    Cost,
    DoNotCall,
    IntervalCount,
    Leave,
    NameMerge,
    Offer,
    PaidTime,
    Sale,
    SurveyInvitation,
    SurveyResponse,
    Target,
    TeamLead,
    TeamMembership,
    User,
    Viewing,
)
from ccm.personal import Held, Told, of_agent, of_user


def _changes_of(agent: Agent) -> Q:
    """Entries of the log that are about the agent's own row, or by the agent's account, or of files
    in which nobody else was."""
    found = Q(model=Agent._meta.label_lower, object_id=str(agent.pk))
    found |= Q(action=AuditEntry.Action.EXPORTED, after__agent=agent.pk)
    return found | Q(who=agent.user_id) if agent.user_id else found


def _merges_of(agent: Agent) -> Q:
    return Q(kind="agents", keeper=agent.pk)


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
        # Of the centre.
        "ccm.site", "ccm.team", "ccm.queue", "ccm.queuealias", "ccm.topic", "ccm.topicalias",
        "ccm.disposition", "ccm.dispositionalias", "ccm.linktemplate", "ccm.headcount",
        # Of callers.
        "ccm.surveyoptout", "ccm.calladdress", "ccm.contacthours", "ccm.recordingregion",
        # How the record comes about. Lines of a source are kept as they came, by file.
        "ccm.cutoff", "ccm.posted", "ccm.watchedfolder", "ccm.followedlog", "ccm.job",
        "ccm.importprofile", "ccm.importbatch", "ccm.importfile", "ccm.importpiece",
        "ccm.importissue", "ccm.rejectedrow", "ccm.correctedrow", "ccm.importchange",
        "ccm.importday", "ccm.rawevent", "ccm.liveevent", "ccm.eventshape", "ccm.livesource",
        "ccm.dirtyday", "ccm.movedrows", "ccm.listtold", "ccm.viewingmark",
        # What leaves it.
        "ccm.webhook", "ccm.delivery", "ccm.attachment",
    ),
)  # fmt: skip
