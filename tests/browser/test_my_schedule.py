"""One's own schedule and trades as they are read on a phone and at a desk."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from scheduling.mine import feeds
from scheduling.models import SiteRules
from scheduling.rosters import edits
from scheduling.rosters.edits import Wanted
from scheduling.trades import services
from tests.builders import a_leave, a_site, a_user, an_agent
from tests.scheduling.kept.builders import DAY, a_roster, a_shift, published
from tests.scheduling.mine.test_my_schedule import LUNCH
from tests.scheduling.terms.builders import a_contract, a_template, with_contract

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]

A_LUNCH = {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 210, "is_paid": False}


class Centre:
    """Two weeks from this Monday on, published: Ada works on weekdays, Bob at weekends;
    one shift of Ada's was changed at short notice."""

    def __init__(self) -> None:
        self.site = a_site("Leeds")
        SiteRules.objects.create(site=self.site, trades_by_supervisor=False)
        today = timezone.now().date()
        self.monday = today - today.weekday() * DAY
        self.day = a_template(
            self.site, "Day", first_start=540, last_start=540, lengths=[480], colour="c3",
            pauses=[A_LUNCH],
        )  # fmt: skip
        self.roster = published(a_roster(self.site, first_day=self.monday, days=14))
        self.ada, self.bob = (
            an_agent(self.site, name, user=a_user("agent", name=name.split()[0].lower()))
            for name in ("Ada Lovelace-Featherstonehaugh", "Bob")
        )
        contract = a_contract(self.site, week_minutes=2400)
        for agent, days in ((self.ada, range(5)), (self.bob, (5, 6))):
            with_contract(agent, contract)
            for week in (0, 7):
                for n in days:
                    if n + week != 10:
                        self.gives(agent, n + week)
        a_leave(self.ada, first_on=self.monday + 10 * DAY, last_on=self.monday + 10 * DAY)
        wanted = [Wanted(self.ada.pk, self.monday + 8 * DAY, None)]
        planner = a_user("planner", self.site, name="planner")
        edits.apply(self.roster, wanted, planner, timezone.now(), seen=self.roster.revision)
        self.planner = planner

    def gives(self, agent, n):
        day = self.monday + n * DAY
        begins = datetime.combine(day, time(9), UTC)
        lunch = LUNCH | {
            "start": (begins + timedelta(hours=3)).isoformat(),
            "end": (begins + timedelta(hours=3.5)).isoformat(),
        }
        return a_shift(
            self.roster, agent, day, shape=f"{self.day.pk}-540-480", template=self.day,
            begins_at=begins, ends_at=begins + timedelta(hours=8), activities=[lunch],
        )  # fmt: skip


LOOKS = [("light", 390), ("dark", 390), ("light", 1280), ("dark", 1920)]


def test_the_pages_fit_a_phone_and_a_desk_in_both_themes(window):
    centre = Centre()
    feeds.make(centre.ada, centre.ada.user, timezone.now())
    shifts = centre.roster.shifts
    first = shifts.filter(agent=centre.bob).order_by("-day")[0]
    services.offer(first, "swap", centre.bob.user, timezone.now(), note="A wedding in Wales")
    services.offer(
        shifts.filter(agent=centre.ada).order_by("-day")[0], "cover", centre.ada.user,
        timezone.now(), to=centre.bob,
    )  # fmt: skip
    wrong = []
    own = ("", "month/", "calendar/", "trades/")
    for who, paths in (
        (centre.ada.user, [f"/my-schedule/{one}" for one in own]),
        (centre.planner, [
            "/rostering/trades/", "/rostering/trades/open/",
            "/rostering/rosters/acknowledgements/",
        ]),
    ):  # fmt: skip
        person = window(color_scheme="light")
        person.sign_in(who)
        for path in paths:
            person.open(path)
            for theme, width in LOOKS:
                person.page.emulate_media(color_scheme=theme)
                person.page.set_viewport_size({"width": width, "height": 900})
                if person.scrolls_sideways():
                    wrong.append(f"{path} {width}: scrolls sideways")
                wrong += [f"{path} {theme} {width}: {one}" for one in person.barriers()]
    assert not wrong, "\n".join(wrong)
