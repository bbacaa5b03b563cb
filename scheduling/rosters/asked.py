"""What is asked of a roster, kept with it: pages read it in no time, and cover is told against the
same numbers until somebody has it asked anew."""

from datetime import datetime

import numpy as np

from scheduling.models import KeptRoster
from scheduling.rosters import demand
from scheduling.rosters.demand import Asked, LeftOut
from scheduling.rosters.predicted import Work
from scheduling.shifts import Demand
from scheduling.terms import read


def keep(roster: KeptRoster, said: Asked, now: datetime) -> None:
    """Keep what is asked of a roster by now."""
    roster.asked = {
        "slot_minutes": said.demand.slot_minutes,
        "slots": said.demand.slots,
        "skills": list(said.demand.skills),
        "required": [[round(float(one), 4) for one in row] for row in said.demand.required],
        "work": [
            {
                "calls": [round(float(one), 4) for one in work.calls],
                "aht": [round(float(one), 2) for one in work.aht],
                "aim": work.said(),
            }
            for work in said.work
        ],
        "left_out": [{"name": one.name, "why": one.why} for one in said.left_out],
        "away": said.away,
    }
    roster.asked_at = now
    roster.save(update_fields=["asked", "asked_at"])


def kept(roster: KeptRoster) -> Asked | None:
    """What was asked when it was kept; None: it never was."""
    said = roster.asked
    if said is None:
        return None
    required = np.array(said["required"], float).reshape(len(said["skills"]), said["slots"])
    return Asked(
        Demand(said["slot_minutes"], required, tuple(said["skills"])),
        tuple(LeftOut(one["name"], one["why"]) for one in said["left_out"]),
        # What was kept before levels were predicted has none.
        tuple(Work.of(one) for one in said.get("work", ())),
        said.get("away", 0.0),
    )


def by_now(roster: KeptRoster, now: datetime) -> Asked:
    """What is asked by the forecasts that stand now; kept."""
    said = demand.of_roster(roster, read.rules(roster.site), now)
    keep(roster, said, now)
    return said
