"""Who reaches what: every address has a row here, and out of reach is 404.

The rows are walked for each role with objects of the role's own site, and again with objects of
another site, where only an admin gets anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from ccm.models import (
    TeamMembership,
)
from kpis import kiosks
from kpis.models import KioskLink
from tests import once
from tests.builders import (
    a_call,
    a_site,
    a_team,
    a_user,
    an_agent,
)
from tests.ccm.entry.reach import ROWS as ENTRY
from tests.coaching.reach import ROWS as COACHING
from tests.qa.reach import ROWS as QUALITY
from tests.reach import (
    ALL_IN,
    API,
    API_CALLS,
    API_FIGURES,
    CALLS,
    EVERYBODY,
    FIGURES,
    FIGURES_POST,
    FLOOR,
    INTAKE,
    INTAKE_POST,
    NOBODY,
    NOT_THEIRS,
    NOTES,
    NOTES_POST,
    ONLY_ADMIN,
    ONLY_ADMIN_POST,
    OWN,
    OWN_POST,
    PEOPLE,
    PLANNERS,
    PLANNERS_POST,
    READ,
    READ_ALL,
    READERS,
    TERMS_LISTS,
    THEIR_DAY,
    WHO,
    Row,
    World,
    a_message,
    a_substitute,
    a_world,
    an_answer_of_the_admin,
    an_emergency,
    an_offer,
    bids,
    definition,
    erasure,
    event_shape,
    exception,
    kept,
    kept_by_post,
    layout,
    link_to_elsewhere,
    mailing,
    of_a_token,
    of_an_account,
    of_leave,
    of_terms,
    open_shift,
    region_of_recording,
    roster,
    roster_shift,
    scenario,
    shared_report,
    to,
    topic,
    trade,
    what_was_told,
)
from tests.scheduling.gaps.builders import a_move

pytestmark = pytest.mark.django_db

# To where they would show who they are; no admin of the matrix has a password.
ONLY_ADMIN_SHOWN = (302, 403, 404, 404, 404, 404, 404, 404)
LEAD_OR_MANAGE = (302, 200, 200, 404, 200, 404, 404, 404)
HAND_ON = (302, 200, 200, 200, 200, 200, 200, 404)
MATRIX: dict[str, list[Row]] = {
    # Who plans a site's people, and who leads some of them.
    "floor": [
        Row(to("floor"), FLOOR, of_a_site=False),
        Row(lambda w: reverse("floor") + w.query(), FLOOR),
    ],
    "floor_limits": [
        Row(to("floor_limits", "site.slug"), INTAKE),
        # An empty form: its errors, on the page.
        Row(to("floor_limits", "site.slug"), INTAKE, "post"),
    ],
    # An agent's Home is the own page.
    "home": [Row(to("home"), (302, 200, 200, 200, 200, 200, 200, 302), of_a_site=False)],
    "curve": [
        Row(to("curve"), FIGURES, of_a_site=False),
        Row(lambda w: reverse("curve") + w.query(), FIGURES),
    ],
    "queues": [
        Row(to("queues"), FIGURES, of_a_site=False),
        Row(lambda w: reverse("queues") + w.query(), FIGURES),
        Row(lambda w: reverse("queues") + w.query(queue=w.queue.pk), FIGURES),
        Row(lambda w: reverse("queues") + w.query(export="csv"), FIGURES),
    ],
    "agents": [
        Row(to("agents"), FIGURES, of_a_site=False),
        Row(lambda w: reverse("agents") + w.query(), FIGURES),
    ],
    "agent": [Row(to("agent", "agent.pk"), PEOPLE)],
    "agent_past": [Row(to("agent_past", "agent.pk"), PEOPLE)],
    # Managers of its site, and who leads it.
    "evaluation": [
        Row(to("evaluation"), (302, 200, 200, 404, 200, 404, 404, 404), of_a_site=False),
        Row(
            lambda w: reverse("evaluation") + f"?team={w.team.pk}",
            (302, 200, 200, 404, 200, 404, 404, 404),
        ),
    ],
    "reports": [Row(to("reports"), FIGURES, of_a_site=False)],
    "report": [
        Row(to("report"), FIGURES, of_a_site=False),
        Row(to("report", query="?by=clock&across=weekday"), FIGURES, of_a_site=False),
        Row(to("report", query="?by=agent&export=xlsx"), FIGURES, of_a_site=False),
    ],
    "report_saved": [Row(shared_report("report_saved"), FIGURES_POST, of_a_site=False)],
    "report_save": [Row(to("report_save"), FIGURES_POST, "post", of_a_site=False)],
    "report_copy": [Row(shared_report("report_copy"), FIGURES_POST, "post", of_a_site=False)],
    # Somebody else's, though shared.
    "report_change": [Row(shared_report("report_change"), NOT_THEIRS, "post", of_a_site=False)],
    "report_delete": [Row(shared_report("report_delete"), NOT_THEIRS, of_a_site=False)],
    "mailings": [Row(to("mailings"), FIGURES, of_a_site=False)],
    "mailing_new": [Row(shared_report("mailing_new"), FIGURES, of_a_site=False)],
    "recap_new": [
        Row(to("recap_new"), FIGURES, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("recap_new"), FIGURES, "post", of_a_site=False),
    ],
    "mailing_address": [Row(to("mailing_address"), FIGURES_POST, "post", of_a_site=False)],
    "recap_preview": [Row(lambda w: reverse("recap_preview") + w.query(), FIGURES)],
    "mailing_preview": [Row(mailing("mailing_preview"), ONLY_ADMIN, of_a_site=False)],
    "mailing_edit": [Row(mailing("mailing_edit"), ONLY_ADMIN, of_a_site=False)],
    "mailing_send": [Row(mailing("mailing_send"), ONLY_ADMIN_POST, "post", of_a_site=False)],
    "mailing_leave": [Row(mailing("mailing_leave"), ONLY_ADMIN_POST, "post", of_a_site=False)],
    "mailing_remove": [Row(mailing("mailing_remove"), ONLY_ADMIN, of_a_site=False)],
    "passport": [
        Row(lambda w: reverse("passport") + w.query(kpi="service_level"), FIGURES),
        Row(lambda w: reverse("passport") + w.query(kpi="talk", agent=w.agent.pk), PEOPLE),
    ],
    "passport_calls": [
        # A planner sees the figures, not the calls.
        Row(
            lambda w: reverse("passport_calls") + w.query(kpi="asa"),
            (302, 200, 200, 404, 200, 200, 404, 404),
        ),
        Row(lambda w: reverse("passport_calls") + w.query(kpi="talk", agent=w.agent.pk), CALLS),
    ],
    "passport_sites": [
        Row(lambda w: reverse("passport_sites") + w.query(kpi="service_level"), FIGURES)
    ],
    "alerts": [Row(to("alerts"), FIGURES, of_a_site=False)],
    "alert_seen": [
        Row(
            to("alert_seen", "alert.pk"),
            (302, 302, 302, 302, 302, 302, 404, 404),
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    # It is there as long as there is nobody; tests/ccm/entry/test_first_run.py opens it.
    "first_run": [Row(to("first_run"), (404,) * 8, of_a_site=False)],
    "failed_sign_ins": [Row(to("failed_sign_ins"), ONLY_ADMIN, of_a_site=False)],
    "sign_in_unlock": [
        Row(
            lambda _w: reverse("sign_in_unlock", args=[1]),
            ONLY_ADMIN_POST,
            "post",
            of_a_site=False,
        )
    ],
    # Whom a site may call back, and when; where a list is added, an empty form's errors.
    "do_not_call_many": [
        Row(to("do_not_call_many"), INTAKE, of_a_site=False),
        Row(to("do_not_call_many"), INTAKE, "post", of_a_site=False),
    ],
    **{
        f"recording_region_{page}": [
            Row(to(f"recording_region_{page}"), ONLY_ADMIN, of_a_site=False)
        ]
        for page in ("list", "csv", "new")
    },
    **{
        f"recording_region_{page}": [
            Row(region_of_recording(f"recording_region_{page}"), ONLY_ADMIN, of_a_site=False)
        ]
        for page in ("edit", "remove")
    },
    "deliveries": [Row(to("deliveries"), INTAKE, of_a_site=False)],
    "delivery": [
        Row(a_message, ONLY_ADMIN, of_a_site=False),
        Row(a_message, ONLY_ADMIN_POST, "post", of_a_site=False),
        # What a webhook was told is for whoever keeps it.
        Row(what_was_told, INTAKE, elsewhere=ONLY_ADMIN),
        Row(what_was_told, INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST),
    ],
    "webhook_secret": [
        Row(to("webhook_secret", "webhook.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    # Accounts and keys.
    "users": [Row(to("users"), ONLY_ADMIN, of_a_site=False)],
    "user_new": [
        Row(to("user_new"), ONLY_ADMIN, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("user_new"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "user": [
        Row(of_an_account("user"), ONLY_ADMIN, of_a_site=False),
        Row(of_an_account("user"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "user_link": [Row(of_an_account("user_link"), ONLY_ADMIN, "post", of_a_site=False)],
    "user_active": [Row(of_an_account("user_active"), ONLY_ADMIN_POST, "post", of_a_site=False)],
    "user_factors": [
        Row(of_an_account("user_factors"), ONLY_ADMIN, of_a_site=False),
        Row(of_an_account("user_factors"), ONLY_ADMIN_SHOWN, "post", of_a_site=False),
    ],
    "user_sessions": [
        Row(of_an_account("user_sessions"), ONLY_ADMIN_SHOWN, "post", of_a_site=False)
    ],
    # Made up: it says that it is none.
    "set_password": [Row(to("set_password", "MQ", "x-y"), EVERYBODY, of_a_site=False)],
    "rights": [
        Row(to("rights"), ONLY_ADMIN, of_a_site=False),
        # It says nothing of what it was filled in over: nothing is kept.
        Row(to("rights"), ONLY_ADMIN_POST, "post", of_a_site=False),
    ],
    "tokens": [Row(to("tokens"), ONLY_ADMIN, of_a_site=False)],
    "token_new": [
        Row(to("token_new"), ONLY_ADMIN, of_a_site=False),
        Row(to("token_new"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "token_revoke": [
        Row(of_a_token("token_revoke"), ONLY_ADMIN, of_a_site=False),
        Row(of_a_token("token_revoke"), ONLY_ADMIN_POST, "post", of_a_site=False),
    ],
    # Who has a role to hand on while they are away; agents have none.
    "substitutes": [
        Row(to("substitutes"), HAND_ON, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("substitutes"), HAND_ON, "post", of_a_site=False),
    ],
    # Who is away or stands in, here for who leads a team, and who manages the site.
    "substitute_end": [
        Row(a_substitute, LEAD_OR_MANAGE),
        Row(
            a_substitute,
            (302, 302, 302, 404, 302, 404, 404, 404),
            "post",
            elsewhere=ONLY_ADMIN_POST,
        ),
    ],
    "emergencies": [
        Row(to("emergencies"), LEAD_OR_MANAGE, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("emergencies"), LEAD_OR_MANAGE, "post", of_a_site=False),
    ],
    "emergency_end": [
        Row(an_emergency, INTAKE),
        Row(an_emergency, INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST),
    ],
    "boards": [Row(to("boards"), ALL_IN, of_a_site=False)],
    "new_board": [
        Row(to("new_board"), INTAKE, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("new_board"), INTAKE, "post", of_a_site=False),
    ],
    "design": [
        Row(to("design", "board.slug"), INTAKE),
        Row(to("design", "board.slug"), INTAKE, "post"),
    ],
    "remove_board": [Row(to("remove_board", "board.slug"), INTAKE)],
    "new_tile": [
        Row(to("new_tile", "board.slug", "clock"), INTAKE),
        Row(to("new_tile", "board.slug", "text"), INTAKE, "post"),
    ],
    "tile": [Row(to("tile", "board.slug", "waiting"), INTAKE)],
    "order_tiles": [
        Row(to("order_tiles", "board.slug"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "remove_tile": [
        Row(to("remove_tile", "board.slug", "waiting"), INTAKE),
        # No such tile: nothing is left of it.
        Row(
            to("remove_tile", "board.slug", "gone"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST
        ),
    ],
    "board": [Row(to("board", "board.slug"), PEOPLE)],
    "board_passport": [
        Row(to("board_passport", "board.slug", "waiting"), FIGURES_POST, elsewhere=ONLY_ADMIN_POST)
    ],
    "board_token": [Row(to("board_token", "board.slug"), PEOPLE)],
    "kiosk_links": [
        Row(to("kiosk_links", "board.slug"), INTAKE, elsewhere=ONLY_ADMIN),
        # An empty form: its errors, on the page.
        Row(to("kiosk_links", "board.slug"), INTAKE, "post", elsewhere=ONLY_ADMIN),
    ],
    "kiosk_link": [
        Row(to("kiosk_link", "link.pk"), INTAKE, elsewhere=ONLY_ADMIN),
        Row(to("kiosk_link", "link.pk"), INTAKE, "post", elsewhere=ONLY_ADMIN),
    ],
    "pair": [
        Row(to("pair"), INTAKE, of_a_site=False),
        Row(to("pair"), INTAKE, "post", of_a_site=False),
    ],
    "tv": [
        Row(to("tv"), EVERYBODY, of_a_site=False),
        Row(to("tv"), (302,) * 8, "post", of_a_site=False),
    ],
    "tv_state": [Row(to("tv_state"), EVERYBODY, of_a_site=False)],
    # Of a browser that no board was given to.
    "tv_token": [Row(to("tv_token"), (404,) * 8, of_a_site=False)],
    "revoke_link": [
        Row(to("revoke_link", "link.pk"), INTAKE, elsewhere=ONLY_ADMIN),
        Row(to("revoke_link", "link.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST),
    ],
    "kiosk": [Row(to("kiosk", "words"), EVERYBODY, of_a_site=False)],
    "kiosk_token": [Row(to("kiosk_token", "words"), EVERYBODY, of_a_site=False)],
    "forecasts": [
        Row(to("forecasts"), FIGURES, of_a_site=False),
        Row(lambda w: reverse("forecasts") + f"?site={w.site.slug}", FIGURES, elsewhere=ONLY_ADMIN),
    ],
    "special_days": [
        Row(to("special_days"), FIGURES, of_a_site=False),
        Row(
            lambda w: reverse("special_days") + f"?site={w.site.slug}",
            FIGURES,
            elsewhere=ONLY_ADMIN,
        ),
        # What was said is no day, and it says so.
        Row(
            lambda w: reverse("special_days") + f"?site={w.site.slug}",
            PLANNERS,
            "post",
            elsewhere=ONLY_ADMIN,
        ),
    ],
    # No site is named.
    "special_day_remove": [
        Row(to("special_day_remove"), (302, *(404,) * 7), "post", of_a_site=False)
    ],
    "forecast": [Row(to("forecast", "queue.pk"), FIGURES, elsewhere=ONLY_ADMIN)],
    "forecast_publish": [
        # Nothing is there to publish, and it says so.
        Row(
            to("forecast_publish", "queue.pk"),
            PLANNERS_POST,
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    # No day is named, and it says so.
    "forecast_day": [
        Row(to("forecast_day", "queue.pk"), PLANNERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "queue_months": [Row(to("queue_months", "queue.pk"), FIGURES, elsewhere=ONLY_ADMIN)],
    "group_months": [Row(to("group_months", "queue_group.pk"), FIGURES, elsewhere=ONLY_ADMIN)],
    "group": [Row(to("group", "queue_group.pk"), FIGURES, elsewhere=ONLY_ADMIN)],
    "queue_plan": [Row(to("queue_plan", "queue.pk"), PLANNERS, elsewhere=ONLY_ADMIN)],
    "requirements": [
        Row(to("requirements"), FIGURES, of_a_site=False),
        Row(
            lambda w: reverse("requirements") + f"?queue={w.queue.pk}",
            FIGURES,
            elsewhere=ONLY_ADMIN,
        ),
        Row(
            lambda w: reverse("requirements") + f"?site={w.site.slug}",
            FIGURES,
            elsewhere=ONLY_ADMIN,
        ),
    ],
    "intraday": [
        Row(to("intraday"), FIGURES, of_a_site=False),
        Row(lambda w: reverse("intraday") + f"?queue={w.queue.pk}", FIGURES, elsewhere=ONLY_ADMIN),
        Row(lambda w: reverse("intraday") + f"?site={w.site.slug}", FIGURES, elsewhere=ONLY_ADMIN),
    ],
    "intraday_people": [
        Row(to("intraday_people"), FIGURES, of_a_site=False),
        Row(
            lambda w: reverse("intraday_people") + f"?queue={w.queue.pk}",
            FIGURES,
            elsewhere=ONLY_ADMIN,
        ),
    ],
    "intraday_actions": [
        Row(to("intraday_actions"), FIGURES, of_a_site=False),
        Row(
            lambda w: reverse("intraday_actions") + f"?queue={w.queue.pk}",
            FIGURES,
            elsewhere=ONLY_ADMIN,
        ),
    ],
    "shift_offers": [
        Row(to("shift_offers"), FIGURES, of_a_site=False),
        Row(
            lambda w: reverse("shift_offers") + f"?queue={w.queue.pk}",
            FIGURES,
            elsewhere=ONLY_ADMIN,
        ),
    ],
    # Nothing is said of what is to be offered, and it says so.
    "shift_offer_make": [
        Row(
            lambda w: reverse("shift_offer_make") + f"?queue={w.queue.pk}",
            PLANNERS_POST,
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    "shift_offer_withdraw": [
        Row(an_offer("shift_offer_withdraw"), PLANNERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    # It does not say which.
    "shift_offer_decide": [
        Row(an_offer("shift_offer_decide"), NOT_THEIRS, "post", elsewhere=NOT_THEIRS)
    ],
    "my_offers": [Row(to("my_offers"), OWN, of_a_site=False)],
    # Their own alone; nobody else has it, whatever they see.
    "offer_answer": [
        Row(an_offer("offer_answer", "decline"), OWN_POST, "post", elsewhere=NOT_THEIRS),
        Row(an_offer("offer_answer", "no-such-act"), NOT_THEIRS, "post", elsewhere=NOT_THEIRS),
    ],
    "intraday_undo": [
        Row(
            lambda w: (
                reverse("intraday_undo", args=[a_move(w.queue, w.agent).pk])
                + f"?queue={w.queue.pk}"
            ),
            PLANNERS_POST,
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    # Nothing is said of what is to be moved, and it says so.
    "intraday_take": [
        Row(
            lambda w: reverse("intraday_take") + f"?queue={w.queue.pk}",
            PLANNERS_POST,
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    "proofs": [
        Row(to("proofs"), FIGURES, of_a_site=False),
        Row(lambda w: reverse("proofs") + f"?site={w.site.slug}", FIGURES, elsewhere=ONLY_ADMIN),
    ],
    "proof": [Row(to("proof", "queue.pk"), FIGURES, elsewhere=ONLY_ADMIN)],
    # Who plans a site's people reads them, and who manages it changes them.
    "scenarios": [
        Row(to("scenarios"), PLANNERS, of_a_site=False),
        Row(lambda w: reverse("scenarios") + f"?site={w.site.slug}", PLANNERS),
    ],
    "hiring": [
        Row(to("hiring"), PLANNERS, of_a_site=False),
        Row(lambda w: reverse("hiring") + f"?site={w.site.slug}", PLANNERS),
    ],
    "api_scenarios": [
        Row(
            lambda w: reverse("api_scenarios") + f"?site={w.site.slug}",
            (401, 200, 200, 200, 404, 404, 404, 404),
            elsewhere=(401, 200, 404, 404, 404, 404, 404, 404),
        )
    ],
    "scenario_new": [
        Row(to("scenario_new"), INTAKE, of_a_site=False),
        Row(lambda w: reverse("scenario_new") + f"?site={w.site.slug}", INTAKE),
        # An empty form: its errors, on the page.
        Row(lambda w: reverse("scenario_new") + f"?site={w.site.slug}", INTAKE, "post"),
    ],
    "scenario_edit": [
        Row(scenario("scenario_edit"), INTAKE),
        Row(scenario("scenario_edit"), INTAKE, "post"),
    ],
    "scenario_copy": [
        Row(scenario("scenario_copy"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "scenario_remove": [Row(scenario("scenario_remove"), INTAKE)],
    "rosters": [Row(to("rosters"), FLOOR, of_a_site=False)],
    "roster_new": [
        Row(to("roster_new"), PLANNERS, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("roster_new"), PLANNERS, "post", of_a_site=False),
    ],
    # Who leads a team sees its people in what was published.
    "roster": [Row(roster("roster"), PLANNERS), Row(roster("roster", is_published=True), FLOOR)],
    "roster_account": [Row(roster("roster_account"), PLANNERS)],
    "roster_board": [
        Row(roster("roster_board"), PLANNERS),
        Row(roster("roster_board", is_published=True), FLOOR),
    ],
    "roster_days": [
        Row(roster("roster_days"), PLANNERS),
        Row(roster("roster_days", is_published=True), FLOOR),
    ],
    "roster_since": [Row(roster("roster_since"), PLANNERS)],
    "roster_shift": [Row(roster_shift, PLANNERS), Row(roster_shift, PLANNERS, "post")],
    "roster_repair": [Row(roster("roster_repair"), PLANNERS)],
    # Nothing is said, so that it is refused in words.
    "roster_change": [
        Row(
            roster("roster_change"),
            (302, 422, 422, 422, 404, 404, 404, 404),
            "post",
            elsewhere=(302, 422, 404, 404, 404, 404, 404, 404),
        )
    ],
    "roster_progress": [Row(roster("roster_progress"), PLANNERS)],
    **{
        name: [Row(roster(name), PLANNERS_POST, "post", elsewhere=ONLY_ADMIN_POST)]
        for name in (
            "roster_make",
            "roster_stop",
            "roster_publish",
            "roster_undo",
            "roster_redo",
            "roster_freeze",
            "roster_ask",
            "roster_repair_stop",
        )
    },
    "roster_remove": [
        Row(roster("roster_remove"), PLANNERS),
        Row(roster("roster_remove"), PLANNERS_POST, "post", elsewhere=ONLY_ADMIN_POST),
    ],
    # Who leads a team sees its people in it.
    **{
        page: [
            Row(to(page), FLOOR, of_a_site=False),
            Row(lambda w, page=page: reverse(page) + f"?site={w.site.slug}", FLOOR),
        ]
        for page in ("fairness", "fairness_csv")
    },
    "my_fairness": [Row(to("my_fairness"), (302, *(404,) * 6, 200), of_a_site=False)],
    "bids": [Row(to("bids"), PLANNERS, of_a_site=False)],
    "bid_new": [
        Row(bids("bid_new"), PLANNERS),
        # An empty form: its errors, on the page.
        Row(bids("bid_new"), PLANNERS, "post"),
    ],
    "bid_round": [Row(bids("bid_round"), PLANNERS)],
    **{
        name: [Row(bids(name), PLANNERS_POST, "post", elsewhere=ONLY_ADMIN_POST)]
        for name in ("bid_moment", "bid_call_off", "bid_give")
    },
    "bid_close": [
        Row(bids("bid_close"), PLANNERS),
        Row(bids("bid_close"), PLANNERS_POST, "post", elsewhere=ONLY_ADMIN_POST),
    ],
    # Nobody but who takes part.
    "my_bids": [Row(to("my_bids"), (302, *(404,) * 6, 200), of_a_site=False)],
    "my_bid": [
        Row(bids("my_bid"), (302, *(404,) * 6, 200), elsewhere=NOT_THEIRS),
        # An empty form: the page again, which is older than the choices.
        Row(bids("my_bid"), (302, *(404,) * 6, 200), "post", elsewhere=NOT_THEIRS),
    ],
    **{
        name: [
            Row(to(name), FLOOR, of_a_site=False),
            Row(lambda w, name=name: reverse(name) + f"?site={w.site.slug}", FLOOR),
        ]
        for name in ("adherence", "adherence_figure", "adherence_now", "shrinkage")
    },
    "my_day": [Row(to("my_day"), (302, *(404,) * 6, 200), of_a_site=False)],
    "adherence_rules": [
        Row(to("adherence_rules"), PLANNERS, of_a_site=False),
        Row(lambda w: reverse("adherence_rules") + f"?site={w.site.slug}", PLANNERS),
    ],
    # Who plans, leads, or is somebody; an empty form: its errors, on the page.
    "adherence_day": [Row(to("adherence_day", "agent.pk"), THEIR_DAY)],
    "adherence_ask": [Row(to("adherence_ask", "agent.pk"), THEIR_DAY, "post")],
    # Nothing is said to be decided.
    "adherence_decide": [
        Row(
            exception,
            (302, 302, 302, 302, 302, 404, 404, 302),
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    # No queue is named.
    "shrinkage_carry": [Row(to("shrinkage_carry"), NOT_THEIRS, "post", of_a_site=False)],
    "terms": [Row(to("terms"), FLOOR, of_a_site=False)],
    "roster_rules": [
        Row(to("roster_rules"), PLANNERS, of_a_site=False),
        Row(lambda w: reverse("roster_rules") + f"?site={w.site.slug}", PLANNERS),
        # An empty form: its errors, on the page.
        Row(lambda w: reverse("roster_rules") + f"?site={w.site.slug}", PLANNERS, "post"),
    ],
    **{
        f"working_{page}": [Row(to(f"working_{page}"), FLOOR, of_a_site=False)]
        for page in ("list", "csv")
    },
    "my_availability": [Row(to("my_availability"), (302, *(404,) * 6, 200), of_a_site=False)],
    **{
        name: [Row(to(name), OWN, of_a_site=False)]
        for name in ("my_schedule", "my_month", "my_now")
    },
    "my_calendar": [Row(to("my_calendar"), OWN, of_a_site=False)],
    **{
        f"my_calendar_{act}": [Row(to(f"my_calendar_{act}"), OWN_POST, "post", of_a_site=False)]
        for act in ("make", "revoke")
    },
    # Whoever has its key, and nobody else whoever they are.
    "calendar_feed": [Row(to("calendar_feed"), (404,) * 8, of_a_site=False)],
    # Nothing is said to be seen.
    "acknowledge": [Row(to("acknowledge"), OWN_POST, "post", of_a_site=False)],
    "acknowledgements": [Row(to("acknowledgements"), FLOOR, of_a_site=False)],
    "my_trades": [Row(to("my_trades"), OWN, of_a_site=False)],
    # Their own shift alone; nobody else has it, whatever they see.
    "trade_new": [Row(trade("trade_new"), OWN, elsewhere=NOT_THEIRS)],
    # Their own offer: who gives it does not take it, and is sent to the list.
    "trade_offered": [Row(trade("trade_offered"), OWN_POST, elsewhere=NOT_THEIRS)],
    "trade_act": [
        Row(trade("trade_act", "withdraw"), OWN_POST, "post", elsewhere=NOT_THEIRS),
        Row(trade("trade_act", "no-such-act"), NOT_THEIRS, "post", elsewhere=NOT_THEIRS),
    ],
    "trades": [Row(to("trades"), FLOOR, of_a_site=False)],
    # It does not wait: said in words on the list.
    "trade_decide": [
        Row(
            trade("trade_decide"),
            NOT_THEIRS,
            "post",
            elsewhere=NOT_THEIRS,
        )
    ],
    "open_shift_new": [
        Row(to("open_shift_new"), PLANNERS, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("open_shift_new"), PLANNERS, "post", of_a_site=False),
    ],
    "open_shift_withdraw": [Row(open_shift, PLANNERS_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    # Who plans, leads, or is somebody.
    "work_terms": [
        Row(to("work_terms", "agent.pk"), (302, 200, 200, 200, 200, 404, 404, 200)),
        # Nothing is said to be changed.
        Row(to("work_terms", "agent.pk"), NOT_THEIRS, "post", elsewhere=NOT_THEIRS),
    ],
    **{
        name: [row]
        for part, (reads, keeps, _posts) in TERMS_LISTS.items()
        for name, row in (
            (f"{part}_list", Row(to(f"{part}_list"), reads, of_a_site=False)),
            (f"{part}_csv", Row(to(f"{part}_csv"), reads, of_a_site=False)),
            (f"{part}_new", Row(to(f"{part}_new"), keeps, of_a_site=False)),
            (f"{part}_edit", Row(of_terms(f"{part}_edit", part), keeps)),
        )
    },
    **{
        f"{part}_remove": [
            Row(of_terms(f"{part}_remove", part), keeps),
            Row(of_terms(f"{part}_remove", part), posts, "post", elsewhere=ONLY_ADMIN_POST),
        ]
        for part, (_reads, keeps, posts) in TERMS_LISTS.items()
    },
    "work_spell_remove": [
        *(
            Row(of_terms("work_spell_remove", part, kind), PLANNERS)
            for part, kind in (("has", "contract"), ("works", "rotation"), ("takes", "skill"))
        ),
        Row(
            of_terms("work_spell_remove", "has", "contract"),
            PLANNERS_POST,
            "post",
            elsewhere=ONLY_ADMIN_POST,
        ),
    ],
    "my_time_off": [
        Row(to("my_time_off"), (302, *(404,) * 6, 200), of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("my_time_off"), (302, *(404,) * 6, 200), "post", of_a_site=False),
    ],
    # One's own alone.
    "time_off_withdraw": [
        Row(
            of_leave("time_off_withdraw", "request"),
            (302, *(404,) * 6, 302),
            "post",
            elsewhere=NOT_THEIRS,
        ),
    ],
    "time_off": [
        Row(to("time_off"), FLOOR, of_a_site=False),
        Row(lambda w: reverse("time_off") + f"?site={w.site.slug}", FLOOR),
        Row(lambda w: reverse("time_off") + f"?site={w.site.slug}&show=decided", FLOOR),
        Row(lambda w: reverse("time_off") + f"?site={w.site.slug}&show=free", FLOOR),
    ],
    "time_off_calendar": [
        Row(to("time_off_calendar"), (302, 200, 200, 200, 200, 404, 404, 200), of_a_site=False),
        Row(
            lambda w: reverse("time_off_calendar") + f"?site={w.site.slug}",
            (302, 200, 200, 200, 200, 404, 404, 200),
        ),
    ],
    # Who plans, leads, or is somebody.
    "time_off_person": [
        Row(to("time_off_person", "agent.pk"), (302, 200, 200, 200, 200, 404, 404, 200)),
        Row(to("time_off_person", "agent.pk"), (302, 200, 200, 200, 200, 404, 404, 200), "post"),
    ],
    "time_off_request": [
        Row(of_leave("time_off_request", "request"), (302, 200, 200, 200, 200, 404, 404, 200)),
    ],
    # Nobody decides of their own.
    "time_off_decide": [
        Row(
            of_leave("time_off_decide", "request"),
            (302, 302, 302, 302, 302, 404, 404, 404),
            "post",
            elsewhere=ONLY_ADMIN_POST,
        ),
    ],
    "leave_rules": [
        Row(to("leave_rules"), PLANNERS, of_a_site=False),
        Row(lambda w: reverse("leave_rules") + f"?site={w.site.slug}", PLANNERS),
        # Nothing is said to be changed.
        Row(lambda w: reverse("leave_rules") + f"?site={w.site.slug}", PLANNERS, "post"),
    ],
    "leave_left": [
        Row(to("leave_left"), PLANNERS, of_a_site=False),
        Row(lambda w: reverse("leave_left") + f"?site={w.site.slug}", PLANNERS),
    ],
    # No site is named.
    "leave_day_remove": [Row(to("leave_day_remove"), NOT_THEIRS, "post", of_a_site=False)],
    **{
        name: [row]
        for part in ("leave_kind", "leave_balance")
        for name, row in (
            *(
                (f"{part}_{page}", Row(to(f"{part}_{page}"), PLANNERS, of_a_site=False))
                for page in ("list", "csv", "new")
            ),
            (f"{part}_edit", Row(of_leave(f"{part}_edit", part), PLANNERS)),
        )
    },
    **{
        f"{part}_remove": [
            Row(of_leave(f"{part}_remove", part), PLANNERS),
            Row(of_leave(f"{part}_remove", part), PLANNERS_POST, "post", elsewhere=ONLY_ADMIN_POST),
        ]
        for part in ("leave_kind", "leave_balance")
    },
    "calculator": [
        Row(to("calculator"), ALL_IN, of_a_site=False),
        Row(to("calculator", query="?calls=100&aht=180"), ALL_IN, of_a_site=False),
    ],
    # Nothing is forecast of the queue yet; a figure that one may not see is not there either.
    **{
        name: [
            Row(
                lambda w, name=name: reverse(name) + f"?queue={w.queue.pk}",
                (401, *(404,) * 7),
                of_a_site=False,
            )
        ]
        for name in ("api_forecast", "api_requirement")
    },
    **{
        name: [
            Row(
                lambda w, name=name: reverse(name) + f"?queue={w.queue.pk}",
                (401, 200, 200, 200, 200, 200, 404, 404),
                elsewhere=(401, 200, 404, 404, 404, 404, 404, 404),
            )
        ]
        for name in ("api_intraday", "api_months", "api_forecast_scores")
    },
    "api_staffing": [
        Row(
            to("api_staffing", query="?calls=100&aht_seconds=180&asa_seconds=9"),
            API,
            of_a_site=False,
        )
    ],
    # A form, where JSON is asked for.
    "api_simulate": [
        Row(
            to("api_simulate"),
            (401, 415, 415, 415, 415, 415, 415, 415),
            "post",
            of_a_site=False,
        )
    ],
    "calls": [Row(to("calls"), CALLS, of_a_site=False)],
    "calls_csv": [Row(to("calls_csv"), CALLS, of_a_site=False)],
    "call": [Row(to("call", "call.pk"), CALLS)],
    "call_note": [
        Row(to("call_note", "call.pk"), NOTES),
        # An empty form: its errors, on the page.
        Row(to("call_note", "call.pk"), NOTES, "post"),
    ],
    "callbacks": [Row(to("callbacks"), CALLS, of_a_site=False)],
    "worklist": [
        Row(to("worklist"), CALLS, of_a_site=False),
        Row(lambda w: reverse("worklist") + f"?site={w.site.slug}", CALLS),
    ],
    "call_back_owner": [
        # Who may ask others to call; an agent and an analyst have no form for that.
        Row(to("call_back_owner", "note.call_id"), (302, 200, 200, 404, 200, 404, 404, 404)),
        # Handed back to nobody, whose it was already; only by who may.
        Row(
            to("call_back_owner", "note.call_id"),
            (302, 302, 302, 404, 302, 404, 404, 404),
            "post",
            elsewhere=ONLY_ADMIN_POST,
        ),
    ],
    "callbacks_asked": [Row(lambda w: reverse("callbacks_asked") + w.query(), CALLS)],
    "callback_done": [
        Row(to("callback_done", "note.pk"), NOTES_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "call_survey": [
        Row(
            to("call_survey", "call.pk"),
            (302, 302, 302, 404, 302, 404, 404, 404),
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    "call_survey_withdraw": [
        Row(
            to("call_survey_withdraw", "call.pk", "invitation.pk"),
            (302, 302, 302, 404, 302, 404, 404, 404),
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    # A link that was made up, for whoever has it.
    "survey": [Row(lambda w: reverse("survey", args=["guess"]), (404,) * 8, of_a_site=False)],
    "survey_stop": [
        Row(lambda w: reverse("survey_stop", args=["guess"]), (404,) * 8, of_a_site=False)
    ],
    "definitions": [Row(to("definitions"), READERS, of_a_site=False)],
    "definition": [
        Row(to("definition", "service_level"), READERS, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("definition", "service_level"), ONLY_ADMIN, "post", of_a_site=False),
        Row(
            to("definition", "no_such_kpi"),
            (302, 404, 404, 404, 404, 404, 404, 404),
            of_a_site=False,
        ),
    ],
    "definition_edit": [
        Row(definition("definition_edit"), ONLY_ADMIN, of_a_site=False),
        Row(definition("definition_edit"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "definition_remove": [
        Row(definition("definition_remove"), ONLY_ADMIN, of_a_site=False),
        # It has begun: refused in words, on its page.
        Row(definition("definition_remove"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    # An agent's own alone.
    "my_data": [Row(to("my_data"), OWN, of_a_site=False)],
    "my_data_file": [Row(to("my_data_file"), OWN, of_a_site=False)],
    "my_data_kind": [
        Row(lambda w: reverse("my_data_kind", args=["ccm", "call"]), OWN, of_a_site=False)
    ],
    "erasures": [
        Row(to("erasures"), ONLY_ADMIN, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("erasures"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "erasure": [Row(erasure("erasure"), ONLY_ADMIN, of_a_site=False)],
    "erasure_file": [Row(erasure("erasure_file"), ONLY_ADMIN, of_a_site=False)],
    "erasure_do": [Row(erasure("erasure_do"), ONLY_ADMIN_POST, "post", of_a_site=False)],
    "erasure_leave": [Row(erasure("erasure_leave"), ONLY_ADMIN_POST, "post", of_a_site=False)],
    "analysts": [
        Row(to("analysts"), READ_ALL, of_a_site=False),
        Row(to("analysts"), READ_ALL, "post", of_a_site=False),
    ],
    "retention": [
        Row(to("retention"), ONLY_ADMIN, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("retention"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "data_map": [Row(to("data_map"), ONLY_ADMIN, of_a_site=False)],
    "audit": [
        Row(to("audit"), ONLY_ADMIN, of_a_site=False),
        Row(to("audit", query="?action=changed&from=2026-01-01"), ONLY_ADMIN, of_a_site=False),
    ],
    "audit_csv": [Row(to("audit_csv"), ONLY_ADMIN, of_a_site=False)],
    "links": [
        Row(to("links"), ONLY_ADMIN, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("links"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "link_edit": [
        Row(link_to_elsewhere, ONLY_ADMIN, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(link_to_elsewhere, ONLY_ADMIN, "post", of_a_site=False),
    ],
    "link_delete": [
        # There is no such link.
        Row(
            lambda w: reverse("link_delete", args=[0]),
            (302, 404, 404, 404, 404, 404, 404, 404),
            method,
            of_a_site=False,
        )
        for method in ("get", "post")
    ],
    "imports": [
        Row(to("imports"), INTAKE, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("imports"), INTAKE, "post", of_a_site=False),
    ],
    "import": [Row(to("import", "batch.pk"), INTAKE)],
    "mapping": [Row(to("mapping", "draft.pk"), INTAKE)],
    "import_progress": [Row(to("import_progress", "batch.pk"), INTAKE)],
    "import_begin": [
        Row(to("import_begin", "batch.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "import_cancel": [
        Row(to("import_cancel", "batch.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "import_issues": [Row(to("import_issues", "batch.pk"), INTAKE)],
    "import_rejected": [
        Row(lambda w: reverse("import_rejected", args=[w.batch.pk, w.batch.files.get().pk]), INTAKE)
    ],
    # Without a file: what is wrong, on the import's page.
    "import_correct": [Row(to("import_correct", "batch.pk"), INTAKE, "post")],
    "layouts": [Row(to("layouts"), ONLY_ADMIN, of_a_site=False)],
    "layout": [
        Row(layout("layout"), ONLY_ADMIN, of_a_site=False),
        # Without a name: its errors, on the page.
        Row(layout("layout"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "layout_delete": [
        Row(layout("layout_delete"), ONLY_ADMIN, of_a_site=False),
        Row(layout("layout_delete"), ONLY_ADMIN_POST, "post", of_a_site=False),
    ],
    "event_shapes": [Row(to("event_shapes"), ONLY_ADMIN, of_a_site=False)],
    "event_shape_new": [
        Row(to("event_shape_new"), ONLY_ADMIN, of_a_site=False),
        # With nothing said: what is wrong, on the page.
        Row(to("event_shape_new"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "event_shape": [
        Row(event_shape("event_shape"), ONLY_ADMIN, of_a_site=False),
        Row(event_shape("event_shape"), ONLY_ADMIN, "post", of_a_site=False),
    ],
    "event_shape_delete": [
        Row(event_shape("event_shape_delete"), ONLY_ADMIN, of_a_site=False),
        Row(event_shape("event_shape_delete"), ONLY_ADMIN_POST, "post", of_a_site=False),
    ],
    "import_undo": [
        Row(to("import_undo", "batch.pk"), INTAKE),
        Row(to("import_undo", "batch.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST),
    ],
    "import_gaps": [Row(to("import_gaps", "batch.pk"), INTAKE)],
    "gaps": [
        Row(to("gaps"), INTAKE, of_a_site=False),
        Row(lambda w: reverse("gaps") + w.query(), INTAKE),
    ],
    "books": [Row(to("books"), INTAKE, of_a_site=False)],
    "books_check": [Row(to("books_check"), INTAKE_POST, "post", of_a_site=False)],
    "books_progress": [Row(to("books_progress"), INTAKE, of_a_site=False)],
    "names": [
        Row(to("names"), INTAKE, of_a_site=False),
        Row(lambda w: reverse("names") + f"?kind=queues&shown=all&site={w.site.slug}", INTAKE),
        Row(to("names", query="?kind=guesses"), INTAKE, of_a_site=False),
        Row(to("names", query="?kind=topics"), ONLY_ADMIN, of_a_site=False),
    ],
    "names_confirm": [
        Row(to("names_confirm", "agents"), INTAKE_POST, "post", of_a_site=False),
        Row(to("names_confirm", "topics"), ONLY_ADMIN_POST, "post", of_a_site=False),
    ],
    # Whoever asked for an answer sees how far it is, and an admin.
    "answer_progress": [Row(an_answer_of_the_admin, ONLY_ADMIN, of_a_site=False)],
    "answer_anew": [Row(to("answer_anew"), (302,) * 8, "post", of_a_site=False)],
    # Whoever asked for a move sees it, and an admin.
    "names_move": [Row(to("names_move", "move.pk"), INTAKE)],
    "names_again": [
        Row(to("names_again", "move.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "name": [
        Row(to("name", "agents", "agent.pk"), INTAKE),
        Row(to("name", "queues", "queue.pk"), INTAKE),
        Row(topic, ONLY_ADMIN, of_a_site=False),
    ],
    "name_confirm": [
        Row(
            to("name_confirm", "queues", "queue.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST
        )
    ],
    # Empty forms: their errors, on the page.
    "name_rename": [Row(to("name_rename", "agents", "agent.pk"), INTAKE, "post")],
    "name_merge": [Row(to("name_merge", "queues", "queue.pk"), INTAKE, "post")],
    "alias_confirm": [
        Row(to("alias_confirm", "alias.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    # Refused in words, on its page.
    "alias_part": [
        Row(
            to("alias_part", "queues", "queue_alias.pk"),
            INTAKE_POST,
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    "merge_take_back": [
        Row(to("merge_take_back", "merge.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "name_give": [Row(to("name_give", "agent.pk"), INTAKE, "post")],
    "alias_take_back": [
        Row(to("alias_take_back", "alias.pk"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    **{
        f"{part}_{page}": [Row(to(f"{part}_{page}"), who, of_a_site=False)]
        for part, who in (
            ("site", ONLY_ADMIN),
            ("queue", INTAKE),
            ("team", INTAKE),
            ("agent", INTAKE),
        )
        for page in ("list", "csv", "new")
    },
    "site_edit": [Row(to("site_edit", "site.pk"), ONLY_ADMIN)],
    "queue_edit": [Row(to("queue_edit", "queue.pk"), INTAKE)],
    "team_edit": [Row(to("team_edit", "team.pk"), INTAKE)],
    "agent_edit": [Row(to("agent_edit", "agent.pk"), INTAKE)],
    "agent_move": [Row(to("agent_move", "agent.pk"), INTAKE, "post")],
    "team_lead": [Row(to("team_lead", "team.pk"), INTAKE, "post")],
    **{
        name: [row]
        for part in READ
        for name, row in (
            (f"{part}_list", Row(to(f"{part}_list"), READ[part], of_a_site=False)),
            (f"{part}_csv", Row(to(f"{part}_csv"), READ[part], of_a_site=False)),
            (f"{part}_new", Row(to(f"{part}_new"), kept(part), of_a_site=False)),
            (f"{part}_edit", Row(to(f"{part}_edit", f"{part}.pk"), kept(part))),
        )
    },
    # Something hangs on each of these: they are asked about, and refused in words.
    **{
        f"{part}_remove": [
            Row(to(f"{part}_remove", f"{part}.pk"), who),
            Row(to(f"{part}_remove", f"{part}.pk"), who, "post"),
        ]
        for part, who in (
            ("site", ONLY_ADMIN),
            ("queue", INTAKE),
            ("team", INTAKE),
            ("agent", INTAKE),
        )
    },
    # The last of all: what they remove others lean on.
    **{
        f"{part}_remove": [
            Row(to(f"{part}_remove", f"{part}.pk"), kept(part)),
            Row(
                to(f"{part}_remove", f"{part}.pk"),
                kept_by_post(part),
                "post",
                elsewhere=ONLY_ADMIN_POST,
            ),
        ]
        for part in (*READ, "stay", "lead")
    },
    **ENTRY,
    "health": [Row(to("health"), EVERYBODY, of_a_site=False)],
    "ready": [Row(to("ready"), EVERYBODY, of_a_site=False)],
    # By a token of its own, and nothing where none is set.
    "metrics": [Row(to("metrics"), (404,) * 8, of_a_site=False)],
    "system": [Row(to("system"), ONLY_ADMIN, of_a_site=False)],
    "settings": [Row(to("settings"), ONLY_ADMIN, of_a_site=False)],
    # Events are posted by tokens only.
    # Files are sent by tokens only.
    "api_imports": [Row(to("api_imports"), (401,) * 8, "post", of_a_site=False)],
    "api_import": [Row(to("api_import", "batch.pk"), (401,) * 8, of_a_site=False)],
    "events": [Row(to("events"), (401,) * 8, "post", of_a_site=False)],
    # Records are posted by tokens only.
    "api_calls_bulk": [Row(to("api_calls_bulk"), (401,) * 8, "post", of_a_site=False)],
    "api_surveys": [Row(to("api_surveys"), (401,) * 8, "post", of_a_site=False)],
    "api_agent_states": [Row(to("api_agent_states"), (401,) * 8, "post", of_a_site=False)],
    # A body that is no JSON.
    "api_call_note": [
        Row(
            to("api_call_note", "call.pk"),
            (401, 415, 404, 404, 415, 404, 404, 415),
            "post",
            elsewhere=(401, 415, 404, 404, 404, 404, 404, 404),
        )
    ],
    "api_survey_invitations": [
        Row(
            to("api_survey_invitations"),
            (401, 415, 415, 415, 415, 415, 415, 415),
            "post",
            of_a_site=False,
        )
    ],
    "api_queues": [Row(to("api_queues"), API, of_a_site=False)],
    "api_agents": [Row(to("api_agents"), API, of_a_site=False)],
    "api_calls": [
        Row(
            to("api_calls", query="?start=2026-01-01T00:00Z&end=2026-02-01T00:00Z"),
            API_CALLS,
            of_a_site=False,
        )
    ],
    "api_call": [
        Row(
            to("api_call", "call.pk"),
            API_CALLS,
            elsewhere=(401, 200, 404, 404, 404, 404, 404, 404),
        )
    ],
    "api_kpis": [
        Row(
            lambda w: reverse("api_kpis") + w.api_query(),
            API_FIGURES,
            elsewhere=(401, 200, 404, 404, 404, 404, 404, 404),
        )
    ],
    "api_schema": [Row(to("api_schema"), API, of_a_site=False)],
    "api_docs": [Row(to("api_docs"), API, of_a_site=False)],
    **QUALITY,
    **COACHING,
}


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns)
        else:
            yield one.name or str(one.pattern)


def test_every_address_has_a_row():
    assert set(names(get_resolver().url_patterns)) == set(MATRIX)


@contextmanager
def locking_in_own_transactions() -> Iterator[None]:
    """What locks rows does so in a transaction of its own making: that of a test would hide that
    there is none, which fails in every page that is really opened."""
    depth, as_sql = len(connection.atomic_blocks), SQLCompiler.as_sql

    def told(self: SQLCompiler, *args: Any, **more: Any) -> Any:
        if self.query.select_for_update and len(connection.atomic_blocks) <= depth:
            raise TransactionManagementError(f"{self.query.model} is locked in no transaction")
        return as_sql(self, *args, **more)

    with patch.object(SQLCompiler, "as_sql", told):
        yield


def statuses(who: str, own: World, asked_of: World) -> dict[str, tuple[int, int]]:
    """Addresses that answer this role otherwise than their row says: (got, expected)."""
    wrong = {}
    known = Client()
    for name, rows in MATRIX.items():
        for place, row in enumerate(rows):
            if asked_of is not own and not row.of_a_site:
                continue
            # Each asks by itself; what it takes to sign in and to begin is done once.
            client = Client()
            client.handler = known.handler
            if who != NOBODY:
                goes_out = name in ("logout", "account_logout")
                if settings.SESSION_COOKIE_NAME not in known.cookies or goes_out:
                    known.force_login(own.people[who])
                client.cookies.load({name: one.value for name, one in known.cookies.items()})
                if goes_out:
                    known.cookies.clear()
            expected = row.own
            if asked_of is not own:
                expected = row.elsewhere or ONLY_ADMIN
            with locking_in_own_transactions():
                got = getattr(client, row.method)(row.path(asked_of)).status_code
            if got != expected[WHO.index(who)]:
                wrong[f"{name}[{place}]"] = (got, expected[WHO.index(who)])
    return wrong


world = once.fixture(a_world)
two_worlds = once.fixture(lambda: (a_world(), a_world()))


@pytest.mark.parametrize("who", WHO)
def test_each_role_reaches_its_own_and_nothing_more(world, who):
    assert statuses(who, world, world) == {}


@pytest.mark.parametrize("who", WHO)
def test_another_sites_objects_are_not_there(two_worlds, who):
    assert statuses(who, *two_worlds) == {}


def test_a_supervisor_meets_no_other_teams_people():
    """Another team of the same site: its agent, calls and figures are not there."""
    world = a_world()
    other = an_agent(world.site)
    a_team(world.site, None, other)
    call = a_call(world.queue, timezone.now() - timedelta(minutes=9), agent=other)
    client = Client()
    client.force_login(world.people["supervisor"])
    assert client.get(reverse("agent", args=[other.pk])).status_code == 404
    assert client.get(reverse("call", args=[call.pk])).status_code == 404
    assert other.name not in client.get(reverse("agents")).content.decode()
    assert other.name not in client.get(reverse("calls")).content.decode()
    query = world.query(kpi="talk", agent=other.pk)
    assert client.get(reverse("passport") + query).status_code == 404


def test_a_member_comes_to_a_supervisor_on_the_sites_day():
    site = a_site(zone="America/Los_Angeles")
    boss, ann = a_user("supervisor"), an_agent(site)
    team = a_team(site, boss)
    TeamMembership.objects.create(agent=ann, team=team, starts_on=date(2026, 3, 3))
    client = Client()
    address = reverse("agent", args=[ann.pk])
    # Half past four in the afternoon of 2 March, at the site; and an hour into the 3rd.
    for moment, status in (("2026-03-03T00:30Z", 404), ("2026-03-03T09:00Z", 200)):
        with time_machine.travel(moment, tick=False):
            client.force_login(boss)
            assert client.get(address).status_code == status


def test_a_person_who_left_or_has_no_role_sees_nothing():
    world = a_world()
    nobody = a_user("", world.site)
    client = Client()
    client.force_login(nobody)
    assert client.get(reverse("queues")).status_code == 404
    assert client.get(reverse("calls")).status_code == 404
    gone = world.people["manager"]
    client.force_login(gone)
    gone.is_active = False
    gone.save()
    assert client.get(reverse("queues")).status_code == 302


@pytest.mark.parametrize("ended", ["revoked", "expired"])
def test_a_kiosk_link_that_ended_shows_nothing(ended):
    world = a_world()
    if ended == "revoked":
        link = KioskLink.objects.get(name="Canteen")
        kiosks.revoke(link, who=world.people["admin"], now=timezone.now())
    else:
        KioskLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(reverse("kiosk", args=[world.words])).status_code == 404
    assert Client().get(reverse("kiosk_token", args=[world.words])).status_code == 404
