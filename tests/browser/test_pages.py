"""Every page in a browser: once by somebody who may open it, in one of the looks, which rotate.

`python -m tests.heavy.pages` opens each as every role that may, in all looks, read for barriers.
"""

from datetime import timedelta
from io import BytesIO

import pytest
from playwright.sync_api import expect

from ccm.access import AGENT, ROLES
from ccm.imports import run
from ccm.imports.choosing import MAPPED
from ccm.models import (
    Agent,
    AgentAlias,
    Call,
    Job,
    Queue,
    QueueAlias,
    TeamLead,
    TeamMembership,
)
from kpis import kiosks
from kpis.models import Board
from kpis.walls.starts import STANDARD
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, told
from tests.browser.window import Window
from tests.builders import (
    JANUARY,
    PASSWORD,
    a_cost,
    a_headcount,
    a_known_event,
    a_leave,
    a_paid_time,
    a_queue_group,
    a_sale,
    a_target,
    a_team,
    a_user,
)
from tests.ccm.entry import reach as entry
from tests.coaching import reach as coaching
from tests.examples import TIMES
from tests.qa import reach as quality
from tests.reach import (
    WHO,
    World,
    a_merge,
    a_note,
    a_number_not_called,
    a_webhook,
    an_alert,
    an_invitation,
    an_override,
    contact_hours_of,
)
from tests.test_access import MATRIX

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "home", "queues", "agents", "agent", "calls", "call", "passport", "passport_calls", "boards",
    "board", "kiosk_links", "kiosk_link", "pair",
    "imports", "import", "import_undo", "import_gaps", "gaps", "mapping", "names", "name",
    "site_list", "queue_list", "team_list", "agent_list", "site_edit", "queue_edit", "team_edit",
    "agent_edit", "site_new", "agent_new", "call_note", "callbacks", "callbacks_asked", "links",
    "link_edit",
    "cost_list", "target_list", "headcount_list", "cost_edit", "target_edit", "headcount_edit",
    "target_new", "sale_list", "sale_edit", "sale_new", "leave_list", "leave_edit", "leave_new",
    "paid_list", "paid_edit", "paid_new",
    "layouts", "layout", "queue_remove", "cost_remove", "alerts", "alert_rule_list",
    "alert_rule_edit", "alert_rule_new", "webhook_list", "webhook_edit", "contact_hours_list",
    "contact_hours_edit", "do_not_call_list", "do_not_call_new", "do_not_call_many",
    "recording_region_list", "recording_region_edit", "deliveries", "delivery",
    "books", "reports", "report", "mailings", "mailing_new", "recap_new", "mailing_edit",
    "recap_preview", "evaluation", "audit", "failed_sign_ins", "passport_sites",
    "users", "user_new", "user", "rights", "tokens", "token_new", "token_revoke", "substitutes",
    "substitute_end", "emergencies", "emergency_end", "data_map", "retention", "erasures",
    "erasure", "analysts", "system", "settings",
    "definitions", "definition", "definition_edit", "definition_remove",
    "new_board", "design", "tile", "new_tile", "remove_board", "remove_tile", "revoke_link",
    "known_event_list", "known_event_edit", "known_event_new", "override_list", "override_edit",
    "override_new", "queue_group_list", "queue_group_edit", "queue_group_new", "group",
    "group_months",
    "queue_plan", "calculator", "forecasts", "special_days", "queue_months", "forecast",
    "requirements", "intraday", "intraday_people", "intraday_actions", "shift_offers", "my_offers",
    "proofs", "proof", "floor", "floor_limits", "worklist", "call_back_owner",
    "scenarios", "hiring", "scenario_new", "scenario_edit",
    "event_shapes", "event_shape", "event_shape_new",
    "terms", "roster_rules", "working_list", "my_availability", "work_terms",
    "shift_template_list", "shift_template_new", "shift_template_edit", "contract_list",
    "contract_new", "contract_edit", "rotation_list", "rotation_new", "rotation_edit",
    "availability_list", "availability_new", "availability_edit", "pairing_list", "pairing_new",
    "pairing_edit", "work_spell_remove", "rosters", "roster_new", "roster", "roster_remove",
    "fairness", "my_fairness", "roster_session_list", "roster_session_new", "roster_session_edit",
    "roster_shift", "roster_repair", "roster_account", "roster_days",
    "my_time_off", "time_off", "time_off_calendar", "time_off_person", "time_off_request",
    "leave_rules", "leave_kind_list", "leave_kind_new", "leave_kind_edit", "leave_balance_list",
    "leave_balance_new", "leave_balance_edit", "leave_left",
    "bids", "bid_new", "bid_round", "bid_close", "my_bids", "my_bid",
    "adherence", "adherence_figure", "adherence_now", "adherence_rules", "adherence_day", "my_day",
    "shrinkage",
    "my_schedule", "my_month", "my_calendar", "acknowledgements",
    "my_data", "my_data_kind", "agent_past",
    "my_trades", "trade_new", "trades", "open_shift_new",
    *entry.PAGES,
    *quality.PAGES,
    *coaching.PAGES,
)  # fmt: skip
# What is fetched, posted or for machines, and pages that have tests of their own.
OTHERS = {
    "curve", "board_passport", "board_token", "kiosk", "kiosk_token",
    "tv", "tv_state", "tv_token",
    "calls_csv", "audit_csv",
    "import_progress", "import_begin", "import_cancel", "import_issues", "import_rejected",
    "import_correct", "login", "logout", "health", "events", "api_imports", "api_import",
    "sign_in_unlock", "first_run",
    "ready", "metrics",
    "callback_done", "api_calls_bulk", "api_surveys", "api_agent_states", "api_call_note",
    "api_queues", "api_agents", "api_calls", "api_call", "api_kpis", "api_staffing",
    "api_forecast", "api_forecast_scores", "api_requirement", "forecast_publish", "forecast_day",
    "known_event_csv",
    "known_event_remove", "override_csv", "queue_group_csv", "queue_group_remove",
    "override_remove", "api_schema", "api_docs",
    "api_intraday", "intraday_take", "intraday_undo", "special_day_remove", "api_months",
    "api_scenarios", "scenario_copy", "scenario_remove",
    "api_simulate",
    "names_move", "names_again", "names_confirm", "name_confirm", "name_rename", "name_merge",
    "alias_confirm", "name_give", "alias_take_back", "alias_part",
    "merge_take_back", "site_csv", "queue_csv", "team_csv",
    "agent_csv", "queue_new", "team_new", "agent_move", "stay_remove", "call_survey", "survey",
    "survey_stop",
    "call_survey_withdraw", "api_survey_invitations", "link_delete",
    "cost_csv", "target_csv", "headcount_csv", "cost_new", "headcount_new",
    "site_remove", "team_remove", "agent_remove", "target_remove", "headcount_remove",
    "sale_csv", "sale_remove", "leave_csv", "leave_remove", "team_lead", "lead_remove",
    "paid_csv", "paid_remove",
    "layout_delete", "alert_seen", "alert_rule_csv", "alert_rule_remove", "webhook_csv",
    "webhook_new", "webhook_remove", "webhook_secret", "user_link", "user_active", "user_factors",
    "user_sessions", "set_password",
    "erasure_do", "erasure_leave", "erasure_file",
    "contact_hours_new", "contact_hours_csv",
    "contact_hours_remove", "do_not_call_csv", "do_not_call_edit", "do_not_call_remove",
    "recording_region_new", "recording_region_csv", "recording_region_remove",
    "books_check", "books_progress", "report_saved", "report_save", "report_copy", "report_change",
    "report_delete", "mailing_address", "mailing_send", "mailing_leave", "mailing_remove",
    "mailing_preview", "answer_progress", "answer_anew", "order_tiles",
    "event_shape_delete", "working_csv", "shift_template_csv", "shift_template_remove",
    "contract_csv", "contract_remove", "rotation_csv", "rotation_remove", "availability_csv",
    "availability_remove", "pairing_csv", "pairing_remove",
    "roster_progress", "roster_make", "roster_stop", "roster_publish", "fairness_csv",
    "roster_session_csv", "roster_session_remove",
    "time_off_withdraw", "time_off_decide", "leave_day_remove", "leave_kind_csv",
    "leave_kind_remove", "leave_balance_csv", "leave_balance_remove",
    "bid_moment", "bid_call_off", "bid_give",
    "adherence_ask", "adherence_decide", "shrinkage_carry",
    "acknowledge",
    "offer_answer", "shift_offer_make", "shift_offer_withdraw", "shift_offer_decide",
    "trade_offered", "trade_act", "trade_decide", "open_shift_withdraw",
    "my_calendar_make", "my_calendar_revoke", "my_data_file", "my_now",
    "calendar_feed",
    "roster_board",
    "roster_since", "roster_change", "roster_undo", "roster_redo", "roster_freeze", "roster_ask",
    "roster_repair_stop",
    *entry.OTHERS,
    *quality.OTHERS,
    *coaching.OTHERS,
}  # fmt: skip


# A file whose columns nobody has explained yet; one row of it is wrong.
UNKNOWN = """Numéro;Date;Heure;File d'attente;Conseiller;Tps attente;Statut
A1;03/04/2025;9h05;Facturation;Zoé Lefèvre-Desrosiers;12;Abouti
A2;31/02/2025;9h06;Facturation;Benoît;75;Abandonné
""".encode()


def a_world(role: str) -> World:
    """A site with eight weeks of calls behind it, an import, a board, and someone of the role."""
    site = a_site_in_the_afternoon("Leeds")
    person = a_user(role, site, name=role, password=PASSWORD)
    visits = [
        Visit(minutes_ago(15 * step) - timedelta(weeks=week), queue, wait, agent)
        for week in range(8)
        for step in range(1, 6 + week % 3)
        for queue, wait, agent in (
            ("Sales", 8, "Ada Lovelace"),
            ("Sales", 26 + week, "Grace Hopper"),
            ("Support and returns", 95, ""),
        )
    ]
    batch = told(site, visits, person)
    agent = Agent.objects.get(name="Ada Lovelace")
    if role == AGENT:
        Agent.objects.filter(pk=agent.pk).update(user=person)
    team = a_team(site, person, agent)
    board = Board.objects.create(slug="leeds", title="Leeds", site=site, tiles=STANDARD)
    link, words = kiosks.make_link(board, "Hall", person)
    call = Call.objects.filter(agent=agent).latest("offered_at")
    queue = Queue.objects.get(name="Sales")
    draft = run.start([("appels.csv", BytesIO(UNKNOWN))], form=MAPPED, site=site, user=person)
    return World(
        site, {role: person}, queue, agent, call, board, link, words, batch, draft,
        team=team,
        alias=AgentAlias.objects.get(agent=agent),
        queue_alias=QueueAlias.objects.create(site=site, raw_name="Orders", queue=queue),
        merge=a_merge("agents", agent),
        stay=TeamMembership.objects.get(agent=agent),
        note=a_note(call),
        cost=a_cost(site, queue=queue),
        target=a_target(site, agent=agent),
        headcount=a_headcount(site, team=team),
        sale=a_sale(site, agent=agent, pipeline_value=2500),
        leave=a_leave(agent, last_on=JANUARY),
        paid=a_paid_time(agent),
        lead=TeamLead.objects.get(team=team),
        alert=(alert := an_alert(site)),
        alert_rule=alert.rule,
        known_event=a_known_event(queue),
        override=an_override(queue),
        queue_group=a_queue_group(queue),
        webhook=a_webhook(site),
        contact_hours=contact_hours_of(site),
        do_not_call=a_number_not_called(site),
        invitation=an_invitation(call, person),
        move=Job.objects.create(kind="names", state="done", payload={"kind": "queues", "ids": []}),
    )  # fmt: skip


def may_open(name: str) -> list[str]:
    """The roles that a page opens to, as the matrix of access has it."""
    return [
        role for role in ROLES
        if any(row.method == "get" and row.own[WHO.index(role)] == 200 for row in MATRIX[name])
    ]  # fmt: skip


def pages_of(role: str, world: World) -> dict[str, str]:
    """The address of each page that the role may open."""
    return {
        name: row.path(world)
        for name in PAGES
        for row in MATRIX[name][::-1]
        if row.method == "get" and row.own[WHO.index(role)] == 200 and "csv" not in row.path(world)
    }


# A theme and a width each. Wider, only what is beside each other changes.
LOOKS = (("light", 1920), ("light", 1280), ("dark", 390))
ALL = TIMES > 1
# So many pages take one test less than half a minute.
MANY = 400 if ALL else 50


def parts() -> list[tuple[str, tuple[str, ...]]]:
    """A role, and pages that it opens: each page is one role's, in turn, or every role's."""
    turns: dict[str, list[str]] = {role: [] for role in ROLES}
    for place, name in enumerate(PAGES):
        those = may_open(name)
        for role in those if ALL else [those[place % len(those)]]:
            turns[role].append(name)
    return [(role, part) for role, those in turns.items() for part in batched(those, MANY)]


def batched(names: list[str], many: int) -> list[tuple[str, ...]]:
    return [tuple(names[first : first + many]) for first in range(0, len(names), many)]


def looks_at(name: str) -> dict[tuple[str, int], bool]:
    """The looks in which a page is opened, and whether it is read for barriers there: every fourth
    is, so that each look has its share."""
    place = PAGES.index(name)
    if ALL:
        return dict.fromkeys(LOOKS, True)
    return {LOOKS[place % len(LOOKS)]: place % 4 == 0}


def test_every_address_is_a_page_looked_at_or_known_to_be_none():
    assert set(MATRIX) == {*PAGES, *OTHERS}
    assert len(PAGES) == len({*PAGES})


def test_no_page_is_left_out_and_each_look_is_read_for_barriers():
    """Of the parts below."""
    assert {*PAGES} == {name for _role, part in parts() for name in part}
    assert {role for role, _part in parts()} == {*ROLES}
    read = [look for name in PAGES for look, is_read in looks_at(name).items() if is_read]
    assert all(read.count(look) >= len(PAGES) // 13 for look in LOOKS)


def signs_in(person: Window, role: str, found: dict[str, str]) -> None:
    """By the form; the menu leads to pages that the role may open."""
    page = person.open("/accounts/login/")
    assert person.barriers() == []
    page.get_by_label("Username").fill(role)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.wait_for_url("**/agents/*/" if role == AGENT else f"{person.address}/")
    side = page.locator("#side ul a").evaluate_all("all => all.map(a => a.pathname)")
    assert set(side) <= {path.partition("?")[0] for path in found.values()} | {"/"}


@pytest.mark.parametrize(
    ("role", "names"), [pytest.param(*one, id=f"{one[0]}-{one[1][0]}") for one in parts()]
)
def test_each_role_signs_in_and_no_page_complains_scrolls_sideways_or_has_barriers(
    window, role, names
):
    world = a_world(role)
    found = pages_of(role, world)
    person = window(color_scheme="light")
    if (role, names) == next(one for one in parts() if one[0] == role):
        signs_in(person, role, found)
    else:
        person.sign_in(world.people[role])
    wrong, seen = [], ("light", 1280)
    for name in names:
        looks = looks_at(name)
        # The first of them is that in which the last page was seen, if it can be: a change of
        # width draws charts anew.
        for place, look in enumerate(sorted(looks, key=lambda one: one != seen)):
            theme, width = look
            if look != seen:
                person.page.emulate_media(color_scheme=theme)
                person.page.set_viewport_size({"width": width, "height": 900})
                seen = look
            if not place:
                person.open(found[name])
            if person.scrolls_sideways():
                wrong.append(f"{name} {width}: scrolls sideways")
            if looks[look]:
                wrong += [f"{name} {theme} {width}: {one}" for one in person.barriers()]
    assert not wrong, "\n".join(wrong)
