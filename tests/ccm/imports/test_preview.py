"""Beside each row of a file stands what a mapping makes of it, in words, or why nothing is."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from ccm.imports.mapping import drafts, guess
from ccm.imports.mapping.preview import ODD, preview
from ccm.imports.mapping.targets import Rows
from ccm.models import ImportBatch
from tests.builders import a_site
from tests.ccm.imports.test_drafts import a_draft
from tests.lists import guessed, sample
from tests.logs import NOW

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")


def seen(data, **means):
    """The rows that are shown of a file, by their lines; `means` is what a person says columns
    mean, by their labels."""
    text = data if isinstance(data, bytes) else data.encode()
    batch: ImportBatch = a_draft(text, site=a_site(zone="Europe/London"))
    profile = replace(guessed(text), queue="Sales")
    frame = drafts.look(batch).frame
    for column in profile.columns:
        if target := means.get(column.label):
            told = guess.with_target(column, target, frame[column.label], profile.rows)
            profile = profile.with_column(told)
    tried = drafts.tried(batch, profile, NOW)
    assert tried.chunk is not None, tried.problem
    shown = preview(profile, frame, tried.chunk, LONDON)
    return {row.line: row for row in shown}


def test_a_row_of_a_list_says_what_each_cell_means():
    rows = seen(
        "Employee ID,Name,Skills,Contract hours,Hired on\n"
        '1,Ada,"sales, French",37.5,2026-02-01\n2,Ben,,40,\n'
    )
    assert [value for _name, value in rows[2].understood] == [
        "1", "Ada", "sales, French", "37.50", "1 Feb 2026",
    ]  # fmt: skip
    assert [value for _name, value in rows[3].understood] == ["2", "Ben", "40"]


def test_a_row_of_agents_states_says_whose_and_from_when_to_when():
    rows = seen(sample("agent_states.csv"), reason="reason")
    assert [value for _name, value in rows[3].understood] == [
        "Ann", "paused", "Lunch", "3 Dec 2025 12:00:00", "3 Dec 2025 12:30:00",
    ]  # fmt: skip


def test_a_row_of_answers_says_what_was_asked_and_answered():
    rows = seen(sample("survey_answers.csv"), **{"call id": "call_ref"})
    assert dict(rows[2].understood) == {
        "CSAT": "4 of 1 to 5", "When": "3 Dec 2025 10:00:00", "Queue": "Sales", "Agent": "Ann",
        "Call": "c1", "Comment": "kind and quick",
    }  # fmt: skip


def test_a_row_of_totals_says_them_with_times_in_hours():
    """Ten calls, two of them given up; eight talks of two minutes each and a wait of 40 s each."""
    rows = seen(sample("interval_counts.csv"))
    told = dict(rows[2].understood)
    assert (told["Offered"], told["Answered"], told["Abandoned"]) == ("10", "8", "2")
    assert (told["Talk in all"], told["Agent"]) == ("16:00", "Ann")
    long = "Date,Incoming Calls,Answered Calls,Abandoned Calls,Talk Duration (AVG)\n"
    [row] = seen(long + "2025-12-01,40,40,0,0:02:00\n").values()
    assert dict(row.understood)["Talk in all"] == "1:20:00"  # 40 of two minutes


def test_a_call_that_was_made_or_written_says_so_with_its_answers():
    rows = seen(
        "Id,Date,Agent,Answered,Direction,Channel,CSAT (1-5),Comment\n"
        "c1,2025-03-03 09:00,Ada,Y,outbound,chat,4,kind\n"
        "c2,2025-03-03 09:01,Ada,Y,inbound,voice,5,\n",
        Direction="direction", Channel="channel",
    )  # fmt: skip
    told = dict(rows[2].understood)
    assert (told["Direction"], told["Channel"]) == ("Outbound", "Chat")
    assert (told["CSAT"], told["Comment"]) == ("4 of 1 to 5", "kind")
    assert not {"Direction", "Channel", "Comment"} & set(dict(rows[3].understood))


def test_rows_that_are_odd_left_out_or_lack_a_cell_are_shown_beside_the_first():
    """Of 40 rows the 21st alone has no agent, and the 30th tells the same as the 29th."""
    lines = [f"c{n},2025-03-03 09:{n:02},{'' if n == 20 else 'Ada'},Y" for n in range(40)]
    rows = seen("Id,Date,Agent,Answered\n" + "\n".join(lines) + "\n")
    assert rows[22].why == "unlike the others"
    assert len(rows) < 10
    twice = "agent,state,start,end\n" + "".join(
        f"Ann,paused,2025-10-26 0{hour}:30:00,2025-10-26 0{hour}:40:00\n" for hour in (0, 1, 3)
    )
    odd = [row for row in seen(twice).values() if row.why == "odd"]
    assert 0 < len(odd) <= ODD
    assert all(row.reasons for row in odd)


def test_a_try_that_cannot_begin_says_what_is_missing():
    batch = a_draft(sample("interval_counts.csv"), site=a_site())
    profile = guessed(sample("interval_counts.csv"))
    columns = [replace(one, target="keep") for one in profile.columns if one.target != "date"]
    for column in columns:
        profile = profile.with_column(column)
    tried = drafts.tried(batch, replace(profile, rows=Rows.TOTALS), NOW)
    assert tried.chunk is None
    assert tried.problem
