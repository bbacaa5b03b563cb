"""A million plausible calls as a log, and clean tables to put them in."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.db import connection

TOPICS = ["Billing", "Contract", "Payment", "Streaming", "Technical"]


def write_log(path: Path, rows: int, seed: int = 1) -> None:
    """A PhoneNow csv of `rows` calls over 90 days, 120 agents, a fifth abandoned."""
    random = np.random.default_rng(seed)
    start = datetime(2026, 1, 1)
    seconds = np.sort(random.integers(0, 90 * 86_400, rows))
    answered = random.random(rows) < 0.8
    waits = random.gamma(1.5, 15, rows).astype(int)
    talks = random.gamma(2, 140, rows).astype(int)
    agents = random.integers(0, 120, rows)
    topics = random.integers(0, len(TOPICS), rows)
    ratings = random.integers(1, 6, rows)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ["Call Id", "Agent", "Date", "Time", "Topic", "Answered (Y/N)", "Resolved",
             "Speed of answer in seconds", "AvgTalkDuration", "Satisfaction rating"]
        )  # fmt: skip
        for n in range(rows):
            at = start + timedelta(seconds=int(seconds[n]))
            words = [f"C{n:08}", f"Agent {agents[n]}", f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}"]
            if answered[n]:
                clock = f"{talks[n] // 3600}:{talks[n] // 60 % 60:02}:{talks[n] % 60:02}"
                rest = ["Y", "Y" if ratings[n] > 1 else "N", waits[n], clock, ratings[n]]
            else:
                rest = ["N", "N", "", "", ""]
            out.writerow([*words, TOPICS[topics[n]], *rest])


def empty() -> None:
    """No calls, counts or names, and no months."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE ccm_call, ccm_offer, ccm_surveyresponse, ccm_dirtyday, ccm_importbatch,"
            " ccm_job, ccm_agentalias, ccm_agentstate, kpis_intervalstat, kpis_daystat,"
            " kpis_fillmark, kpis_board, kpis_kiosklink, ccm_site CASCADE"
        )
