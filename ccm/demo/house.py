"""The demo centre's house: an insurer's three sites, their queues, and what makes each itself.

Everything here is invented and constant. Hours are of the site's own clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import holidays

Hours = Mapping[int, tuple[float, float]]
"""Opening and closing hour by weekday (0 = Monday); a weekday that is missing is closed."""

ALL_DAY = dict.fromkeys(range(7), (0.0, 24.0))


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """What callers of a queue want and how it is staffed.

    `share` is the queue's part of the house's agents. `slack` is the margin of its staffing: the
    load is seats - slack * sqrt(seats), so that a queue keeps its level at any size of house.
    `curve` is the day as bumps (hour, width in hours, height) on the floor `base`. `weekdays`
    is the volume of each weekday against a usual one. `overflow` takes who waited too long.
    `sells` is the share of served calls that end in a sale, of `price` on average. One of so many
    agents as `campaign` says calls out for a week at a time; 0: nobody does.
    """

    name: str
    share: float
    slack: float
    talk_seconds: float
    acw_seconds: float
    hold_share: float
    resolved: float
    transferred: float
    patience_seconds: float
    curve: tuple[tuple[float, float, float], ...]
    topics: tuple[tuple[str, float], ...]
    weekdays: tuple[float, ...] = (1.16, 1.03, 0.98, 0.96, 0.93, 0.32, 0.0)
    base: float = 0.06
    overflow: str = ""
    offers_callback: bool = False
    month_start: float = 1.0
    hours: Hours | None = None
    holiday: float = 0.0
    sells: float = 0.0
    price: float = 0.0
    campaign: int = 0


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """A site; `code` begins its calls' ids, `dial` its callers' numbers (in ranges not in use).

    Its money is in `currency`: the `wage` of a paid hour, what an agent costs a month in
    `licences`, what the site costs a month in `telephony` and `premises`. Amounts are whole
    multiples of `coin`.
    """

    name: str
    slug: str
    code: str
    zone: str
    country: str
    region: str
    dial: str
    dial_digits: int
    opening: Hours
    currency: str
    wage: float
    licences: float
    telephony: float
    premises: float
    coin: str
    queues: tuple[QueueSpec, ...] = field(default=())

    def hours_of(self, queue: QueueSpec, day: date) -> tuple[float, float] | None:
        """Opening and closing hour of a queue on a day; None when it stays shut."""
        hours = (queue.hours or self.opening).get(day.weekday())
        if hours is None or queue.weekdays[day.weekday()] == 0:
            return None
        if queue.holiday == 0 and day in holidays_of(self.country, self.region, day.year):
            return None
        return hours

    def volume_of(self, queue: QueueSpec, day: date) -> float:
        """The volume expected on a day against the queue's usual weekday, 0 when it is shut."""
        if self.hours_of(queue, day) is None:
            return 0.0
        volume = queue.weekdays[day.weekday()]
        if day in holidays_of(self.country, self.region, day.year):
            volume *= queue.holiday
        return volume * (queue.month_start if day.day <= 4 else 1.0)


@cache
def holidays_of(country: str, region: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))


OFFICE = ((10.4, 1.5, 1.0), (14.8, 1.9, 0.86))
EARLY = ((9.8, 1.6, 1.0), (14.2, 2.2, 0.74))

LEEDS = SiteSpec(
    name="Leeds",
    slug="leeds",
    code="LDS",
    zone="Europe/London",
    country="GB",
    region="ENG",
    dial="+441632",
    dial_digits=6,
    opening=dict.fromkeys(range(5), (8.0, 20.0)) | {5: (9.0, 17.0)},
    currency="GBP",
    wage=13.4,
    licences=95,
    telephony=4_200,
    premises=9_800,
    coin="0.01",
    queues=(
        QueueSpec(
            "Billing",
            0.135,
            1.1,
            390,
            80,
            0.24,
            0.84,
            0.035,
            230,
            OFFICE,
            (("Direct debit", 4), ("Unexpected charge", 3), ("Refund", 2), ("Card details", 2)),
            month_start=1.22,
            offers_callback=True,
        ),
        QueueSpec(
            "Claims",
            0.16,
            0.95,
            560,
            150,
            0.32,
            0.70,
            0.055,
            300,
            EARLY,
            (("New claim", 4), ("Claim progress", 5), ("Documents", 2), ("Complaint", 1)),
            offers_callback=True,
        ),
        QueueSpec(
            "Roadside",
            0.165,
            0.95,
            360,
            70,
            0.15,
            0.88,
            0.02,
            330,
            ((8.3, 1.6, 1.0), (17.4, 2.2, 1.1), (13.0, 3.0, 0.5)),
            (("Breakdown", 6), ("Flat tyre", 3), ("Accident", 2), ("Where is my patrol", 3)),
            weekdays=(1.08, 1.0, 0.98, 1.0, 1.06, 0.95, 0.90),
            base=0.28,
            hours=ALL_DAY,
            holiday=0.85,
            sells=0.03,
            price=68,
        ),
    ),
)
BOGOTA = SiteSpec(
    name="Bogotá",
    slug="bogota",
    code="BOG",
    zone="America/Bogota",
    country="CO",
    region="",
    dial="+576010",
    dial_digits=6,
    opening=dict.fromkeys(range(5), (7.0, 20.0)) | {5: (8.0, 18.0), 6: (9.0, 15.0)},
    currency="COP",
    wage=11_800,
    licences=210_000,
    telephony=9_500_000,
    premises=14_500_000,
    coin="1",
    queues=(
        QueueSpec(
            "Español",
            0.15,
            1.0,
            420,
            90,
            0.22,
            0.80,
            0.05,
            240,
            OFFICE,
            (("Póliza", 4), ("Pago", 3), ("Siniestro", 3), ("Certificado", 2)),
            weekdays=(1.14, 1.02, 0.98, 0.98, 0.95, 0.54, 0.16),
            overflow="Ventas",
        ),
        QueueSpec(
            "Ventas",
            0.10,
            1.0,
            480,
            100,
            0.12,
            0.90,
            0.03,
            170,
            EARLY,
            (("Cotización", 6), ("Renovación", 3), ("Cobertura", 2)),
            weekdays=(1.10, 1.04, 1.0, 0.97, 0.92, 0.54, 0.0),
            sells=0.17,
            price=890_000,
            campaign=8,
        ),
    ),
)
PUNE = SiteSpec(
    name="Pune",
    slug="pune",
    code="PNQ",
    zone="Asia/Kolkata",
    country="IN",
    region="MH",
    dial="+91200",
    dial_digits=7,
    opening=dict.fromkeys(range(6), (8.0, 20.5)),
    currency="INR",
    wage=185,
    licences=4_200,
    telephony=310_000,
    premises=420_000,
    coin="1",
    queues=(
        QueueSpec(
            "Technical",
            0.125,
            0.12,
            600,
            110,
            0.42,
            0.66,
            0.06,
            280,
            OFFICE,
            (("App sign-in", 5), ("Payment page", 3), ("Documents upload", 3), ("Other fault", 2)),
            weekdays=(1.12, 1.04, 1.0, 0.97, 0.95, 0.55, 0.0),
            overflow="Policy changes",
            offers_callback=True,
        ),
        QueueSpec(
            "Policy changes",
            0.09,
            1.0,
            440,
            120,
            0.25,
            0.86,
            0.04,
            250,
            EARLY,
            (("Address", 4), ("Named driver", 3), ("Cancellation", 3), ("Mid-term change", 2)),
            weekdays=(1.12, 1.04, 1.0, 0.97, 0.95, 0.55, 0.0),
        ),
        QueueSpec(
            "Renewals",
            0.075,
            1.1,
            420,
            85,
            0.10,
            0.89,
            0.03,
            200,
            EARLY,
            (("Price", 5), ("Renew", 4), ("No longer needed", 2)),
            weekdays=(1.10, 1.04, 1.0, 0.98, 0.96, 0.55, 0.0),
            month_start=1.12,
            sells=0.31,
            price=7_200,
            campaign=5,
        ),
    ),
)
SITES = (LEEDS, BOGOTA, PUNE)
