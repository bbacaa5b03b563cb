"""The actions that a role may hold or not, in the groups that the admins' page shows.

Pure: names of roles and of addresses. An action is a set of addresses, said by the names that
`urls.py` gives them; `POST name` is what is sent there alone, and `name?key` what is asked for with
that key in the query. Whoever has no role that holds an action finds nothing at its addresses.

`holders` hold an action as long as nobody says otherwise: what the views let them do. It may be
taken from any of them. `others` may be given it: at its addresses they then reach what a role
`like` reaches, for their own sites. That is said only of roles that see those sites whole already,
of addresses that show nothing more; and the same holds where it begins (`begins_at`), which is open
to them in any case. `besides` are roles that come to some of the addresses for what is their own,
and go on to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ccm.access import AGENT, HANDED_ON, MANAGER, PLANNER, QA_ANALYST, SUPERVISOR, TRAINER

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a role may do: its id, as the table keeps it, its words and what it lets one
    do; its addresses; who holds it, may be given it, and comes there besides; and pages that others
    read, too, where whoever was given it finds the way to it."""

    id: str
    words: Words
    lets: Words
    addresses: tuple[str, ...]
    holders: tuple[str, ...]
    others: tuple[str, ...] = ()
    like: str = ""
    besides: tuple[str, ...] = ()
    begins_at: tuple[str, ...] = ()

    def can_hold(self, role: str) -> bool:
        return role in self.holders or role in self.others


def _each(word: str, *ends: str) -> tuple[str, ...]:
    return tuple(f"{word}_{end}" for end in ends)


def _list(*words: str) -> tuple[str, ...]:
    """A list, its file, and what is kept of it."""
    return tuple(one for word in words for one in (*_each(word, "list", "csv"), *_kept(word)))


def _kept(*words: str) -> tuple[str, ...]:
    """What is changed of lists that others read, too."""
    return tuple(one for word in words for one in _each(word, "new", "edit", "remove"))


_PLAN = (MANAGER, PLANNER)
_LEAD = (MANAGER, SUPERVISOR)
_PLAN_AND_LEAD = (MANAGER, PLANNER, SUPERVISOR)
_REVIEW = (MANAGER, SUPERVISOR, QA_ANALYST)
_FIGURES = (MANAGER, PLANNER, SUPERVISOR, QA_ANALYST)
_TEACH = (MANAGER, TRAINER)

GROUPS: tuple[tuple[Words, tuple[Action, ...]], ...] = (
    (
        _("Record and imports"),
        (
            Action(
                "imports",
                _("Import logs"),
                _("Send files in, explain their columns, correct and undo; gaps in the record."),
                (
                    "imports", "import", "mapping",
                    *_each("import", "progress", "begin", "cancel", "issues", "rejected", "correct",
                           "undo", "gaps"),
                    "gaps", "api_imports", "api_import",
                ),
                (MANAGER,),
            ),
            Action(
                "names",
                _("Put names right"),
                _("Rename, confirm and merge what logs called queues and people."),
                (
                    "names", "name", *_each("names", "move", "again", "confirm"),
                    *_each("name", "give", "confirm", "rename", "merge"),
                    *_each("alias", "confirm", "take_back", "part"), "merge_take_back",
                ),
                (MANAGER,),
            ),
            Action(
                "structure",
                _("Change people, teams and queues"),
                _("Make and change agents, teams and queues, who is in which team and who leads."),
                (*_list("agent", "team", "queue"), "agent_move", "team_lead", "stay_remove",
                 "lead_remove"),
                (MANAGER,),
            ),
            Action(
                "contact",
                _("Contact hours and numbers not called"),
                _("When callers are called back, and who asked never to be."),
                (*_list("contact_hours", "do_not_call"), "do_not_call_many"),
                (MANAGER,),
                (PLANNER, QA_ANALYST),
                MANAGER,
            ),
            Action(
                "books",
                _("Check the books"),
                _("Whether figures and calls agree, and have them counted again."),
                ("books", "books_check", "books_progress"),
                (MANAGER,),
                (PLANNER, QA_ANALYST),
                MANAGER,
            ),
        ),
    ),
    (
        _("Calls and recordings"),
        (
            Action(
                "recordings",
                _("Hear recordings"),
                _("Play a call's recording, or be led to where it lies."),
                ("recording",),
                (*_REVIEW, AGENT),
            ),
            Action(
                "transcripts",
                _("Read transcripts"),
                _("What was said in a call, in words, and the checks and topics that quote it."),
                (
                    "transcript", "transcripts", "transcripts_csv", "transcript_remove",
                    *_each("check", "topics", "new", "edit", "learn", "csv"), "check",
                    "learned_check", "api_suggestions", "api_topics",
                ),
                (*_REVIEW, AGENT),
            ),
            Action(
                "call_files",
                _("Take files of calls"),
                _("Calls as they are filtered, one a row, also by the API; sales."),
                ("calls_csv", "passport_calls?export", "callbacks_asked?export", "sale_csv",
                 "api_calls"),
                (*_REVIEW, AGENT),
            ),
            Action(
                "notes",
                _("Write notes on calls"),
                _("Say what a call was about, and promise to call back."),
                ("call_note", "callback_done", "api_call_note"),
                (SUPERVISOR, AGENT),
            ),
            Action(
                "callbacks",
                _("Hand callbacks to people"),
                _("Say who calls somebody back."),
                ("call_back_owner",),
                _LEAD,
            ),
            Action(
                "asking",
                _("Ask callers"),
                _("Make links by which callers say how it was, and rules of whom to ask."),
                (
                    "call_survey", "call_survey_withdraw", "api_survey_invitations",
                    "asking", *_each("asking", "new", "rule", "hand", "list"),
                ),
                _LEAD,
            ),
            Action(
                "analysts",
                _("Take calls for analysts"),
                _("A file of calls with pseudonyms in place of people."),
                ("analysts",),
                (MANAGER, QA_ANALYST),
            ),
        ),
    ),
    (
        _("Figures and files"),
        (
            Action(
                "figure_files",
                _("Take files of figures"),
                _("Queues, agents and reports as CSV or a sheet, and figures by the API."),
                ("queues?export", "agents?export", "report?export", "report_saved?export",
                 "api_kpis"),
                _FIGURES,
                besides=(AGENT,),
            ),
            Action(
                "quality_files",
                _("Take files of reviews"),
                _("Reviews, disputes, findings, agreement, samples and comments as CSV."),
                (
                    "reviews_csv", "review_answers_csv", "disputes_csv", "findings_csv",
                    "quality_insight_csv", "calibration_csv", "agreement_csv", "checks_csv",
                    *_each("sampling", "csv", "draw_csv", "scores_csv", "plan_scores_csv"),
                    *_each("voice", "csv", "comments_csv", "tags_csv"),
                ),
                (*_REVIEW, TRAINER),
                besides=(AGENT,),
            ),
            Action(
                "learning_files",
                _("Take files of coaching and courses"),
                _("Courses, certificates, onboarding, readers, rhythm and effect as CSV."),
                (
                    "courses_csv", "course_csv", "certificates_csv", "onboarding_csv", "ramp_csv",
                    "coaching_effect_csv", "trials_csv", "library_readers_csv", "rhythm_csv",
                ),
                (*_LEAD, TRAINER),
            ),
            Action(
                "people_files",
                _("Take files about people"),
                _("Lists of agents, their terms, absences, paid time and fairness."),
                (
                    *(f"{one}_csv" for one in (
                        "agent", "working", "contract", "availability", "pairing", "rotation",
                        "leave", "paid", "leave_balance", "fairness",
                    )),
                    "adherence?export",
                ),
                _PLAN_AND_LEAD,
                besides=(AGENT,),
            ),
            Action(
                "reports",
                _("Keep reports"),
                _("Save, share, change and remove reports of one's own."),
                _each("report", "save", "copy", "change", "delete"),
                _FIGURES,
            ),
            Action(
                "mailings",
                _("Have figures mailed"),
                _("Reports and recaps by mail; what was asked for before is mailed no more."),
                (
                    "mailings", "recap_new", "recap_preview",
                    *_each("mailing", "new", "address", "preview", "edit", "send", "leave",
                           "remove"),
                ),
                _FIGURES,
            ),
            Action(
                "targets",
                _("Set targets"),
                _("What figures are to reach; everybody reads them."),
                _kept("target"),
                (MANAGER,),
                (PLANNER, QA_ANALYST),
                MANAGER,
                begins_at=("target_list",),
            ),
            Action(
                "costs",
                _("Keep costs, sales and hours"),
                _("Costs, and the rows of sales, paid time and headcount that others read."),
                (*_list("cost"), *_kept("sale", "paid", "headcount")),
                (MANAGER,),
            ),
        ),
    ),
    (
        _("Walls and alerts"),
        (
            Action(
                "walls",
                _("Make walls and their screens"),
                _("Design boards, and make and end the links of screens."),
                (
                    "new_board", "design", "remove_board", "new_tile", "tile", "order_tiles",
                    "remove_tile", "kiosk_links", "kiosk_link", "revoke_link", "pair",
                ),
                (MANAGER,),
                (PLANNER, QA_ANALYST),
                MANAGER,
                begins_at=("boards", "board"),
            ),
            Action(
                "alert_rules",
                _("Make alert rules"),
                _("Which figure raises an alert, and who is told."),
                _list("alert_rule"),
                (MANAGER,),
                (PLANNER, QA_ANALYST),
                MANAGER,
            ),
            Action(
                "alerts",
                _("See to alerts"),
                _("Say that somebody looks at what an alert is about."),
                ("alert_seen",),
                _FIGURES,
            ),
            Action(
                "floor_limits",
                _("Set limits of the floor"),
                _("How long a state may last before the floor shows it."),
                ("floor_limits",),
                (MANAGER,),
                (PLANNER,),
                MANAGER,
                begins_at=("floor",),
            ),
            Action(
                "webhooks",
                _("Keep webhooks"),
                _("Addresses of other systems that are told of alerts, and what they were told."),
                (*_list("webhook"), "webhook_secret", "deliveries", "delivery"),
                (MANAGER,),
            ),
        ),
    ),
    (
        _("Planning and rosters"),
        (
            Action(
                "forecasts",
                _("Plan forecasts and staffing"),
                _("Publish forecasts; events, overrides, queue groups, special days, plans."),
                (
                    "forecast_publish", "forecast_day", "queue_plan", "POST special_days",
                    "special_day_remove", *_kept("known_event", "override", "queue_group"),
                ),
                _PLAN,
            ),
            Action(
                "scenarios",
                _("Try scenarios"),
                _("What if more came, or fewer were there; hiring, and who left."),
                (
                    "scenarios", "hiring", *_each("scenario", "new", "edit", "copy", "remove"),
                    "api_scenarios", "recruiting", "recruiting_began",
                ),
                _PLAN,
            ),
            Action(
                "rosters",
                _("Make and publish rosters"),
                _("Have rosters made, change and publish them; open shifts, bids."),
                (
                    *_each("roster", "new", "account", "since", "shift", "repair", "change",
                           "progress", "make", "stop", "publish", "undo", "redo", "freeze", "ask",
                           "repair_stop", "remove"),
                    "open_shift_new", "open_shift_withdraw",
                    "bids", *_each("bid", "new", "round", "moment", "call_off", "give", "close"),
                ),
                _PLAN,
            ),
            Action(
                "terms",
                _("Keep terms of work"),
                _("Shifts, contracts, rotations, pairings, sessions and the rules of rosters."),
                (
                    *_list("contract", "roster_session"),
                    *_kept("shift_template", "rotation", "pairing"),
                    "work_spell_remove", "POST work_terms", "roster_rules", "adherence_rules",
                ),
                _PLAN,
            ),
            Action(
                "leave_rules",
                _("Keep the rules of leave"),
                _("Kinds and balances of leave, how many may be off, and what is left."),
                (
                    "leave_rules", "leave_left", "leave_day_remove",
                    *_list("leave_kind", "leave_balance"),
                ),
                _PLAN,
            ),
            Action(
                "intraday",
                _("Change the day"),
                _("Take and undo actions of the day, and offer people more hours or fewer."),
                (
                    "intraday_take", "intraday_undo",
                    *_each("shift_offer", "make", "withdraw", "decide"),
                ),
                _PLAN,
            ),
            Action(
                "decisions",
                _("Approve time off and trades"),
                _("Decide on what people ask for: time off, and shifts that they trade."),
                ("time_off_decide", "trade_decide"),
                _PLAN_AND_LEAD,
            ),
            Action(
                "absences",
                _("Record absences"),
                _("Who is ill or away, of whoever one plans for or leads."),
                _kept("leave"),
                _PLAN_AND_LEAD,
            ),
        ),
    ),
    (
        _("Quality"),
        (
            Action(
                "disputes",
                _("Decide disputes"),
                _("Decide what a reviewer and an agent do not agree on, and release reviews."),
                ("api_dispute_decide", "review_release", "api_review_release"),
                (MANAGER, QA_ANALYST),
            ),
            Action(
                "scorecards",
                _("Keep scorecards"),
                _("Make, change, publish and end scorecards."),
                (
                    *_each("scorecard", "new", "name", "begin", "close", "remove", "draft",
                           "criterion", "preview", "publish", "discard", "read", "compare"),
                    "POST api_scorecards", "api_scorecard", "api_scorecard_close",
                    "api_scorecard_draft", "api_scorecard_publish",
                ),
                (QA_ANALYST,),
            ),
            Action(
                "sampling",
                _("Keep plans of sampling"),
                _("Say which calls are drawn, draw them, and hand them on."),
                (
                    *_each("sampling_plan", "new", "edit", "end", "draw"), "drawn_swap",
                    "drawn_give", "POST api_quality_plans", "api_drawn_swap", "api_drawn_give",
                    *_each("api_quality_plan", "end", "go_on", "draw", "preview"),
                    "api_quality_plans_preview",
                ),
                (QA_ANALYST,),
            ),
            Action(
                "calibration",
                _("Hold calibrations"),
                _("Make, open and close sessions in which reviewers rate the same calls."),
                (  # who takes part in one says what they find whoever holds it
                    *_each("calibration", "new", "open", "close"), "POST api_sessions",
                    "api_session_open", "api_session_close",
                ),
                (QA_ANALYST,),
            ),
            Action(
                "checks",
                _("Keep checks of transcripts"),
                _("What is looked for in transcripts, and whether it fills in scorecards."),
                (
                    *_each("check", "new", "edit", "use", "prefill", "remove", "learn"),
                    "learned_prefill", "learned_remove", "POST transcripts", "POST api_checks",
                    *_each("api_check", "learn", "use", "prefill"), "api_learned_prefill",
                    "api_learned", "api_transcripts",
                ),
                (QA_ANALYST,),
            ),
        ),
    ),
    (
        _("Coaching and learning"),
        (
            Action(
                "coaching",
                _("Hold coaching sessions"),
                _("Sessions, steps, plans, proposals and the calendar of whoever one coaches."),
                (
                    "sessions", "steps", "session_new", "quick_note", "session", "action_end",
                    *_each("session", "change", "call_off", "hold", "step", "point", "share",
                           "agenda", "private", "sign", "prepare", "item", "played"),
                    "sessions_calendar", *_each("sessions_calendar", "make", "revoke"),
                    "plans", "plan", *_each("plan", "new", "change", "end", "step"),
                    "proposals", "proposal",
                    *_each("proposal", "put_off", "decline", "onto"),
                    "trigger_rules", "trigger_limits", "trigger_start", "trigger_rule_new",
                    "trigger_rule", "rhythm", "rhythm_csv", "rhythm_team",
                ),
                _LEAD,
                besides=(AGENT,),
            ),
            Action(
                "effect",
                _("See what coaching did"),
                _("The effect of coaching and courses, the ramp curve, and trials."),
                (
                    "coaching_effect", "coaching_effect_csv", "ramp", "ramp_csv",
                    "trials", "trials_csv", "trial", *_each("trial", "new", "edit", "stop",
                                                            "decide"),
                ),
                (*_LEAD, TRAINER),
            ),
            Action(
                "wellbeing",
                _("See signs of strain"),
                _("Hours, breaks and absences of teams that say somebody may have too much."),
                ("wellbeing", "wellbeing_person", "wellbeing_limits"),
                _LEAD,
            ),
            Action(
                "library",
                _("Write the library"),
                _("Pages, their versions, who is to read them, and which are public."),
                (
                    "library_new", "library_csv", "library_readers",
                    *_each("library", "settings", "draft", "publish", "begin", "discard",
                           "withdraw"),
                    "public_pages", "public_switch", "public_flag",
                ),
                _TEACH,
                besides=(SUPERVISOR,),
            ),
            Action(
                "courses",
                _("Write courses and onboarding"),
                _("Courses with their lessons and questions, kinds of certificates, paths."),
                (
                    *_each("course", "new", "grant", "draft", "lesson_new", "lesson",
                           "question_new", "question", "part_up", "part_remove", "begin", "discard",
                           "publish", "withdraw", "settings", "rule", "rule_remove"),
                    "certificate_withdraw", "certificate_kinds", "certificate_kind",
                    *_each("onboarding", "paths", "path", "path_withdraw", "stage_new", "stage",
                           "stage_remove", "stage_up"),
                ),
                _TEACH,
            ),
            Action(
                "together",
                _("Bring teams together"),
                _("Huddles, challenges, badges, points and boards of a team; ask how it is."),
                (
                    "huddle_new", *_each("huddle", "points", "again", "point", "step", "hold"),
                    *_each("challenge", "new", "call_off", "give"), "badge_new", "badge_end",
                    "leaderboard_change", "leaderboard_remove", "points_change", "points_remove",
                    "pulse_new", "pulse_call_off",
                ),
                _LEAD,
            ),
        ),
    ),
    (
        _("People and accounts"),
        (
            Action(
                "substitutes",
                _("Appoint substitutes"),
                _("Say who does one's work while one is away."),
                ("substitutes", "substitute_end"),
                HANDED_ON,
            ),
            Action(
                "emergencies",
                _("Reach in an emergency"),
                _("Read for up to an hour at a site out of reach; what goes on ends at once."),
                ("emergencies", "emergency_end"),
                _LEAD,
            ),
        ),
    ),
)  # fmt: skip
ACTIONS: Mapping[str, Action] = {one.id: one for _words, group in GROUPS for one in group}
