"""Who reaches calibration sessions, and agreement by criterion."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from ccm.models import Call
from qa.models import CalibrationSession
from tests.builders import a_call
from tests.qa.after.builders import House
from tests.qa.calibration.builders import a_session, score
from tests.reach import NOT_THEIRS, ONLY_ADMIN_POST, Row, World, to

SITES = (302, 200, 200, 404, 404, 200, 404, 404)
KEEPERS = (302, 200, 404, 404, 404, 200, 404, 404)
KEEPERS_POST = (302, 302, 404, 404, 404, 302, 404, 404)
_API = (401, 200, 200, 404, 404, 200, 404, 404)
_API_ELSEWHERE = (401, 200, 404, 404, 404, 404, 404, 404)
# A form is no JSON.
_API_SENT = (401, 415, 404, 404, 404, 415, 404, 404)
_API_FAR = (401, 415, *(404,) * 6)


def _own(world: World) -> Call:
    """A call of its own: of one that is to be scored blind others' reviews are hidden."""
    return a_call(world.queue, agent=world.agent)


def a_blind_one(world: World) -> CalibrationSession:
    there = CalibrationSession.objects.filter(site=world.site, state="blind").first()
    if there is not None:
        return there
    house = House(world.queue, world.agent)
    return a_session(house, [_own(world)], due_at=timezone.now() + timedelta(days=7))


def an_open_one(world: World) -> CalibrationSession:
    there = CalibrationSession.objects.filter(site=world.site, state="open").first()
    if there is not None:
        return there
    house = House(world.queue, world.agent)
    session = a_session(house, [_own(world)])
    score(session, house.reviewer, cause="4")
    score(session, house.other, cause="2", comment="Guesses at the second question")
    return session


def of_session(name: str, made: Callable[[World], CalibrationSession]) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[made(world).pk])


def of_card(name: str, more: str = "") -> Callable[[World], str]:
    def path(world: World) -> str:
        return f"{reverse(name)}?card={House(world.queue, world.agent).card.pk}{more}"

    return path


def _ratings(world: World) -> str:
    return f"{reverse('api_calibration_ratings')}?session={an_open_one(world).pk}"


ROWS = {
    "calibrations": [Row(to("calibrations"), SITES, of_a_site=False)],
    "calibration_new": [
        Row(lambda world: f"{reverse('calibration_new')}?site={world.site.slug}", KEEPERS),
        # An empty form: its errors, on the page.
        Row(lambda world: f"{reverse('calibration_new')}?site={world.site.slug}", KEEPERS, "post"),
    ],
    "calibration": [
        Row(of_session("calibration", an_open_one), SITES),
        Row(of_session("calibration", a_blind_one), SITES),
    ],
    "calibration_csv": [Row(of_session("calibration_csv", an_open_one), SITES)],
    # Nothing said of which call.
    "calibration_say": [
        Row(of_session("calibration_say", an_open_one), NOT_THEIRS, "post", elsewhere=NOT_THEIRS)
    ],
    "calibration_open": [
        Row(
            of_session("calibration_open", a_blind_one),
            KEEPERS_POST,
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    "calibration_close": [
        Row(
            of_session("calibration_close", an_open_one),
            KEEPERS_POST,
            "post",
            elsewhere=ONLY_ADMIN_POST,
        )
    ],
    "agreement": [
        Row(of_card("agreement"), SITES),
        Row(to("agreement"), SITES, of_a_site=False),
    ],
    "agreement_csv": [Row(of_card("agreement_csv"), SITES)],
    "api_sessions": [
        Row(to("api_sessions"), (401, 200, 200, 404, 404, 200, 404, 404), of_a_site=False),
        Row(to("api_sessions"), _API_SENT, "post", of_a_site=False),
    ],
    "api_session": [Row(of_session("api_session", a_blind_one), _API, elsewhere=_API_ELSEWHERE)],
    **{
        name: [Row(of_session(name, made), _API_SENT, "post", elsewhere=_API_FAR)]
        for name, made in (
            ("api_session_open", a_blind_one),
            ("api_session_close", an_open_one),
        )
    },
    "api_session_notes": [
        Row(of_session("api_session_notes", an_open_one), _API, elsewhere=_API_ELSEWHERE),
        Row(of_session("api_session_notes", an_open_one), _API_SENT, "post", elsewhere=_API_FAR),
    ],
    # It is put: nobody posts it.
    "api_session_agreed": [
        Row(of_session("api_session_agreed", an_open_one), _API, elsewhere=_API_ELSEWHERE),
        Row(
            of_session("api_session_agreed", an_open_one), (405,) * 8, "post", elsewhere=(405,) * 8
        ),
    ],
    "api_calibration_ratings": [Row(_ratings, _API, elsewhere=_API_ELSEWHERE)],
    "api_agreement": [
        Row(
            of_card("api_agreement", "&first=2026-01-01&last=2026-12-31"),
            _API,
            elsewhere=_API_ELSEWHERE,
        )
    ],
}
PAGES = ("calibrations", "calibration_new", "calibration", "agreement")
OTHERS = frozenset(ROWS) - frozenset(PAGES)
