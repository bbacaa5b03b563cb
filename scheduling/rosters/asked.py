"""What is asked of a roster, kept with it: pages read it in no time, and cover is told against the
same numbers until somebody has it asked anew."""

from dataclasses import replace
from datetime import datetime

import numpy as np

from scheduling.models import KeptRoster
from scheduling.rosters import demand as of_now
from scheduling.rosters.demand import Asked, LeftOut
from scheduling.rosters.predicted import Work
from scheduling.shifts import Demand
from scheduling.terms import read


def keep(roster: KeptRoster, said: Asked, now: datetime) -> None:
    """Keep what is asked of a roster by now."""
    demand = said.demand
    roster.asked = {
        "slot_minutes": demand.slot_minutes,
        "slots": demand.slots,
        "skills": list(demand.skills),
        "required": [[round(float(one), 4) for one in row] for row in demand.required],
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
        "untold": [] if demand.told is None else np.flatnonzero(~demand.told).tolist(),
    }
    roster.asked_at = now
    roster.save(update_fields=["asked", "asked_at"])


def kept(roster: KeptRoster) -> Asked | None:
    """What was asked when it was kept; None: it never was."""
    said = roster.asked
    if said is None:
        return None
    required = np.array(said["required"], float).reshape(len(said["skills"]), said["slots"])
    told = None
    # What was kept before days without a forecast were told apart has none.
    if untold := said.get("untold"):
        told = np.ones(said["slots"], bool)
        told[untold] = False
    return Asked(
        Demand(said["slot_minutes"], required, tuple(said["skills"]), told=told),
        tuple(LeftOut(one["name"], one["why"]) for one in said["left_out"]),
        # What was kept before levels were predicted has none.
        tuple(Work.of(one) for one in said.get("work", ())),
        said.get("away", 0.0),
    )


def by_now(roster: KeptRoster, now: datetime) -> Asked:
    """What is asked by the forecasts that stand now; kept. Of days that are over nothing is
    forecast any more: of them what was asked stays."""
    said = of_now.of_roster(roster, read.rules(roster.site), now)
    before = kept(roster)
    if before is not None:
        said = _with_past(said, before)
    keep(roster, said, now)
    return said


def _with_past(said: Asked, before: Asked) -> Asked:
    """What is asked, and of slots of which nothing is known what was asked before."""
    new, old = said.demand, before.demand
    alike = (new.slot_minutes, new.slots, new.skills) == (old.slot_minutes, old.slots, old.skills)
    if new.told is None or not alike or len(said.work) != len(before.work):
        return said
    known = np.ones(old.slots, bool) if old.told is None else old.told
    past = ~new.told & known
    told = new.told | past
    return replace(
        said,
        demand=replace(
            new,
            required=np.where(past, old.required, new.required),
            told=None if told.all() else told,
        ),
        work=tuple(
            replace(
                one,
                calls=np.where(past, then.calls, one.calls),
                aht=np.where(past, then.aht, one.aht),
            )
            for one, then in zip(said.work, before.work, strict=True)
        ),
    )
