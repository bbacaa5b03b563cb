"""Two people with one object: whoever saves second is told what the first one changed, or both
changes stand; nobody's is lost without a word."""

import random
import re
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve

from ccm.access import ADMIN, AGENT
from tests import once
from tests.attacks import forms, probes
from tests.attacks.inputs import some_of
from tests.attacks.walk import path_of
from tests.examples import TIMES, examples
from tests.reach import NOBODY, WHO, a_world

pytestmark = pytest.mark.django_db
ASKING = (ADMIN, AGENT, *(one for one in WHO if one not in (ADMIN, AGENT, NOBODY)))
# Hidden fields that tell what a form was drawn of: it is held against what is there by then.
KNOWS = {"drawn", "seen", "revision", "asked_revision", "edited", "was"}
TYPED = ("text", "number", "date", "time", "datetime-local", "search", "tel")
# Forms that change nothing that is there, by the names of their addresses, beside those of new rows
ADDS = {
    "something new": {
        "report_save", "recap_new", "do_not_call_many", "substitutes", "new_board", "new_tile",
        "kiosk_links", "special_days", "my_time_off", "time_off_person", "call_note", "erasures",
        "links", "imports", "calibration_say", "check_learn", "transcripts", "review_comment",
        "course_assign", "course_rule", "certificate_kinds", "quick_note", "session_point",
        "session_step", "my_point", "huddle_point", "huddle_step", "onboarding_start",
        "onboarding_paths", "plan_step", "voice_tags",
    },
    "what holds from a day on, beside what held before": {
        "team_lead", "agent_move", "work_terms", "retention", "leave_rules", "name_give",
    },
    "a choice that is shown before it is kept, and is held against the row then": {
        "definition", "definition_edit",
    },
    "done once: whoever comes second finds it done": {
        "name_merge", "roster_make", "alert_seen", "pair", "kiosk_link", "review_reassign",
        "drawn_swap", "certificate_withdraw", "course_discard", "session_call_off",
        "onboarding_sign", "onboarding_end", "trial_stop", "proposal_put_off", "proposal_decline",
    },
    "made anew each time, beside what was before": {
        "webhook_secret",
    },
    "of one person, who alone writes it": {
        "mailing_address", "session_private", "library_answer", "self_review", "pulse_answer",
    },
    "nothing is kept": {"login", "analysts", "scorecard_try"},
}  # fmt: skip


def one_site():
    """With each form of a page that whoever may opens first, with its reader and its page."""
    world = a_world()
    return world, list(drawn(world, probes.doors(world)))


world = once.fixture(one_site)


def drawn(made, doors):
    clients, seen = {}, set()
    for row, address in doors:
        who = next((one for one in ASKING if row.own[WHO.index(one)] == 200), None)
        if row.method != "get" or who is None:
            continue
        if who not in clients:
            clients[who] = Client(raise_request_exception=False)
            clients[who].force_login(made.people[who])
        for form in forms.posts(opened(clients[who], address)):
            key = (path_of(form.action), tuple(sorted(form.kinds())))
            visible = {name for name, kind in form.kinds().items() if kind != "hidden"}
            if key not in seen and visible:
                seen.add(key)
                yield who, address, form


def opened(client, address):
    answer = client.get(address)
    html = b"" if answer.streaming else answer.content
    return forms.read(address, html.decode(errors="replace"))


def known(form):
    return any(name.rpartition("-")[2] in KNOWS for name in form.kinds())


def test_a_form_of_what_is_there_tells_what_it_was_drawn_of(world):
    (_made, forms_there), told = world, {}
    adding = set().union(*ADDS.values())
    for _who, address, form in forms_there:
        name = resolve(path_of(form.action)).url_name
        if not known(form) and name not in adding and not name.endswith("_new"):
            told[name] = f"{address}: {sorted(form.kinds())}"
    assert not told, "\n".join(f"{name} at {said}" for name, said in told.items())


def another(kind, value, turn):
    """A value that the field of `value` takes, another each turn."""
    if re.fullmatch(r"-?\d+", value):
        return str(int(value) + turn)
    if re.fullmatch(r"-?\d+\.\d+", value):
        return str(round(float(value) + turn / 10, 2))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return str(date.fromisoformat(value) + timedelta(days=turn))
    if re.fullmatch(r"\d\d:\d\d", value):
        return f"{value[:3]}{(int(value[3:]) + 15 * turn) % 60:02}"
    if kind == "datetime-local":
        return f"{value[:14]}{(int(value[14:16]) + 15 * turn) % 60:02}"
    return f"{value} {'abc'[turn]}"


def says(client, address, form, name):
    """What the field says on the page by now; None: the form is there no more."""
    for one in opened(client, address).forms:
        if (
            path_of(one.action) == path_of(form.action)
            and one.kinds().keys() == form.kinds().keys()
        ):
            return [value for at, _kind, value in one.fields if at == name]
    return None


def test_of_two_who_change_one_field_neither_overwrites_the_other_unsaid(world):
    dice = random.Random(f"two {TIMES}")
    made, forms_there = world
    tried = [one for one in forms_there if known(one[2])]
    driven, lost, client = 0, [], Client(raise_request_exception=False)
    for who, address, form in some_of(tried, examples(12), dice):
        client.force_login(made.people[who])
        typed = [name for name, kind in form.kinds().items() if kind in TYPED]
        for name in some_of(typed, examples(2), dice):
            kind, value = form.kinds()[name], form.data()[name][0]
            first, second = (another(kind, value, turn) for turn in (1, 2))
            for late in (second, value):  # the second person changes it too, or leaves it alone
                with transaction.atomic():
                    client.post(form.action, form.data() | {name: [first]})
                    if first in (says(client, address, form, name) or ()):
                        driven += 1
                        client.post(form.action, form.data() | {name: [late]})
                        now = says(client, address, form, name)
                        if now is not None and first not in now:
                            lost.append(f"{address} {name}: {first!r}, then {late!r}: {now}")
                    transaction.set_rollback(True)
    print(f"{driven} changes of {len(tried)} forms made under somebody's eyes, {len(lost)} lost")
    assert not lost, "\n".join(lost)
    assert driven >= 5
