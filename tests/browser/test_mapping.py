"""Files of systems nobody described before, mapped by clicking, down to the figures they hold.

The real files are other people's (`sample_data`); what they hold is in the truths.json beside each.
"""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Avg, Count, Max, Sum
from playwright.sync_api import Locator, Page, expect

from ccm.access import MANAGER
from ccm.models import Call, ImportBatch, ImportProfile, IntervalCount, Site, SurveyResponse
from tests.browser.test_import import books
from tests.builders import a_site, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Three calls of April 2025, one on a day that there is none of, and 24 on days below 13: none of
# them tells which number is the month.
FRENCH = (
    """Numéro appel;Date;Heure;File d'attente;Conseiller;Tps attente;Tps;Statut
A1;03/04/2025;9h05;Facturation;Zoé;12;1:30;Abouti
A2;03/04/2025;9h06;Facturation;Zoé;75;0:45;Abouti
A3;04/04/2025;10h00;Facturation;Benoît;30;;Abandonné
A4;31/02/2025;10h01;Facturation;Benoît;30;0:10;Abouti
"""
    + "".join(
        f"B{day}{month};{day:02}/{month:02}/2025;8h00;Ventes;Benoît;5;;Abandonné\n"
        for day in range(1, 13)
        for month in (1, 2)
    )
).encode("cp1252")


class Mapping:
    """The mapping page, as a person works it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def _row(self, label: str) -> Locator:
        name = self.page.locator("th b", has_text=re.compile(f"^{re.escape(label)}$"))
        return self.page.locator(".columns tbody tr", has=name)

    def _settled(self, act: Any) -> None:
        with self.page.expect_response(lambda one: one.request.method == "POST"):
            act()
        expect(self.page.locator("form.htmx-request, .htmx-swapping")).to_have_count(0)

    def means(self, label: str, target: str) -> None:
        box = self._row(label).get_by_label(f"What {label} means")
        self._settled(lambda: box.select_option(label=target))

    def written(self, label: str, spelling: str) -> None:
        box = self._row(label).get_by_label(f"How {label} is written")
        self._settled(lambda: box.select_option(label=spelling))

    def measured(self, label: str, unit: str) -> None:
        box = self._row(label).get_by_label(f"What {label} is measured in")
        self._settled(lambda: box.select_option(label=unit))

    def word(self, label: str, word: str, meaning: str) -> None:
        box = self._row(label).get_by_label(f"What {word} in {label} means")
        self._settled(lambda: box.select_option(label=meaning))

    def nothing(self, label: str, words: str) -> None:
        row = self._row(label)
        row.locator("details summary").click()
        box = row.get_by_label(f"Words of {label} that stand for an empty cell")
        box.fill(words)
        self._settled(lambda: box.press("Tab"))

    def whole(self, label: str, what: str) -> None:
        """Choose in a box about the rows as a whole."""
        box = self.page.get_by_role("combobox", name=label)
        self._settled(lambda: box.select_option(label=what))

    def says(self, label: str, what: str) -> None:
        """Fill in a field about the rows as a whole."""
        words = self.page.get_by_role("textbox", name=label)
        box = words.or_(self.page.get_by_role("spinbutton", name=label)).first
        box.fill(what)
        self._settled(lambda: box.press("Tab"))

    def ticks(self, label: str) -> None:
        self._settled(lambda: self.page.get_by_label(label).check())

    def open_questions(self) -> str:
        return " ".join(self.page.locator(".deciding [role=status]").inner_text().split())

    def imported(self, name: str) -> list[int]:
        """Import under a name; the statement when it is done."""
        self.page.get_by_label("Name of this layout").fill(name)
        self.page.get_by_role("button", name="Import", exact=True).click()
        self.page.wait_for_url(re.compile(r"/imports/\d+/$"))
        expect(self.page.locator(".top .state").first).to_have_text(
            re.compile("^Done"), timeout=60_000
        )
        return books(self.page)


def a_mapping(window: Any, site: Site, file: Path) -> Mapping:
    """The mapping page of a file just uploaded by a manager of the site."""
    manager = window()
    manager.sign_in(a_user(MANAGER, site))
    return uploaded(manager.open("/imports/"), file)


def uploaded(page: Page, file: Path) -> Mapping:
    """The mapping page of a file just uploaded as one of another system."""
    page.goto(page.url.split("/imports")[0] + "/imports/")
    page.get_by_label("Log files").set_input_files(file)
    page.get_by_label("Format").select_option("mapped")
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url(re.compile(r"/mapping/$"))
    return Mapping(page)


def the_french_file(window: Any, tmp_path: Path) -> Mapping:
    (tmp_path / "appels.csv").write_bytes(FRENCH)
    return a_mapping(window, a_site("Lyon", "Europe/Paris"), tmp_path / "appels.csv")


def truths(folder: Path, system: str, name: str) -> dict[str, Any]:
    told: dict[str, dict[str, Any]] = json.loads(
        (folder / "calllogs" / system / "truths.json").read_text()
    )
    return told[name]


def counted(outcome: str = "answered") -> dict[str, Any]:
    calls = Call.objects.filter(outcome=outcome)
    return calls.aggregate(n=Count("pk"), wait=Sum("wait_ms"), talk=Sum("talk_ms"))


def test_a_french_file_is_mapped_tried_and_imported_and_says_which_row_is_wrong(window, tmp_path):
    site = a_site("Lyon", "Europe/Paris")
    (tmp_path / "appels.csv").write_bytes(FRENCH)
    mapping = a_mapping(window, site, tmp_path / "appels.csv")
    page = mapping.page
    expect(page.locator("#seen + .aside")).to_contain_text("Windows-1252 · line ends LF")
    # What the file leaves open is asked: which of two months, and what 12 is measured in.
    assert mapping.open_questions().startswith("3 questions are open")
    expect(mapping._row("Date")).to_contain_text("is 03/04/2025 3 April 2025 or 4 March 2025?")
    mapping.written("Date", "day-month-year")
    mapping.measured("Tps attente", "seconds")
    mapping.means("Tps", "Talk")
    mapping.measured("Tps", "mm:ss")
    assert mapping.open_questions().startswith("Nothing is open")
    expect(page.locator(".sides .error")).to_contain_text("It is no date written as day-month-year")

    page.get_by_role("button", name="Try: read and count, keep nothing").click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    expect(page.locator(".top .state").first).to_have_text("Done, some rejected", timeout=30_000)
    assert books(page) == [28, 27, 0, 0, 1, 0]
    assert not Call.objects.exists()

    page.get_by_role("link", name="Back to the mapping").click()
    assert Mapping(page).imported("Standard de Lyon") == [28, 27, 0, 0, 1, 0]
    assert counted() == {"n": 2, "wait": 87_000, "talk": 135_000}
    first = Call.objects.get(external_id="A1")
    assert first.offered_at.isoformat() == "2025-04-03T07:05:00+00:00"
    assert first.queue is not None
    assert first.queue.name == "Facturation"
    assert ImportProfile.objects.get().name == "Standard de Lyon"

    # The same layout again: it is offered, and used when that is said.
    again = uploaded(page, tmp_path / "appels.csv")
    expect(page.locator(".fits")).to_contain_text("fits the saved layout Standard de Lyon")
    assert again.open_questions().startswith("3 questions are open")
    again._settled(page.get_by_role("button", name="Use Standard de Lyon").click)
    expect(page.locator("#used")).to_contain_text("as the saved layout Standard de Lyon says")
    assert again.open_questions().startswith("Nothing is open")
    assert again.imported("Standard de Lyon") == [28, 0, 0, 27, 1, 0]
    assert ImportProfile.objects.get().batches.count() == 2


def test_tabbing_from_the_name_to_the_buttons_presses_none_of_them(window, tmp_path):
    mapping = the_french_file(window, tmp_path)
    mapping.written("Date", "day-month-year")
    mapping.measured("Tps attente", "seconds")
    mapping.measured("Tps", "mm:ss")
    page, sent = mapping.page, []
    page.on("request", lambda one: sent.append(one.post_data or ""))
    for name in ("Standard", "Standard de Lyon"):
        box = page.get_by_label("Name of this layout")
        box.fill(name)
        with page.expect_response(lambda one: one.request.method == "POST"):
            box.press("Tab")
            page.keyboard.press("Tab")
        expect(page.locator("form.htmx-request")).to_have_count(0)
        expect(box).to_have_value(name)
    assert page.url.endswith("/mapping/")
    assert len(sent) == 2
    assert not any(f"&{button}=" in one for one in sent for button in ("do", "use"))
    assert ImportBatch.objects.get().job.state == "draft"


def test_what_is_chosen_while_an_answer_is_on_its_way_stands(window, tmp_path):
    mapping = the_french_file(window, tmp_path)
    page, held = mapping.page, []
    page.route("**/mapping/", lambda one: one.continue_() if answer else held.append(one))
    answer = False
    chosen = {"Tps attente": "seconds", "Tps": "mm:ss"}
    page.get_by_label("How Date is written").select_option(label="day-month-year")
    expect(page.locator("form.htmx-request")).to_have_count(1)
    for label, unit in chosen.items():
        page.get_by_label(f"What {label} is measured in").select_option(label=unit)
    name = page.get_by_label("Name of this layout")
    name.fill("Standard")
    page.wait_for_timeout(300)
    # One question at a time, and the next asks for all that was said since.
    assert len(held) == 1
    answer = True
    held.pop().continue_()
    expect(page.locator(".deciding [role=status]")).to_contain_text("Nothing is open")
    for label, unit in chosen.items():
        box = page.get_by_label(f"What {label} is measured in")
        assert box.locator("option:checked").inner_text() == unit
    expect(name).to_have_value("Standard")


@pytest.mark.parametrize("name", ["Call-Center_dmy_dash.csv", "pwc_call_center_dataset.xlsx"])
def test_phonenow_in_both_its_spellings(window, sample_data, name):
    told = truths(sample_data, "phonenow_pwc", name)
    site = a_site("Real", "Europe/London")
    mapping = a_mapping(window, site, sample_data / "calllogs/phonenow_pwc" / name)
    mapping.says("Queue", "PhoneNow")
    assert mapping.imported("Phones")[:2] == [told["rows"], told["rows"]]
    answered = counted()
    assert answered["n"] == told["answered"]
    assert answered["wait"] == told["total_speed_seconds"] * 1000
    assert answered["talk"] == told["total_talk_seconds"] * 1000
    assert counted("abandoned")["n"] == told["abandoned"]
    assert Call.objects.filter(resolved=True).count() == told["resolved"]
    ratings = SurveyResponse.objects.filter(kind="csat").aggregate(n=Count("pk"), mean=Avg("score"))
    assert ratings["n"] == told["ratings"]
    assert round(ratings["mean"], 4) == told["csat_mean"]


def test_the_bank(window, sample_data, tmp_path):
    told = truths(sample_data, "bank_call_center", "bank_1999-02-01_to_14.txt.gz")
    packed = sample_data / "calllogs/bank_call_center/bank_1999-02-01_to_14.txt.gz"
    (tmp_path / "bank.txt").write_bytes(gzip.decompress(packed.read_bytes()))
    mapping = a_mapping(window, a_site("Real", "Asia/Jerusalem"), tmp_path / "bank.txt")
    mapping.means("ser_start", "Keep as it is")
    mapping.means("vru+line", "Call id")
    mapping.means("vru_entry", "Time of day")
    mapping.means("type", "Queue")
    mapping.written("date", "yymmdd, of the 1900s")
    mapping.nothing("server", "NO_SERVER")
    mapping.ticks("Do not count callers lost without any wait as abandoned")
    assert mapping.open_questions().startswith("Nothing is open")
    read, stored, *_rest, rejected, ignored = mapping.imported("Bank")
    assert [read, stored, rejected, ignored] == [
        told["rows"], told["rows"] - told["outcomes"]["PHANTOM"], 0, told["outcomes"]["PHANTOM"]
    ]  # fmt: skip
    answered = counted()
    assert answered["n"] == told["answered"]
    assert answered["wait"] == told["total_q_time_answered"] * 1000
    assert answered["talk"] == told["total_ser_time_answered"] * 1000
    assert counted("abandoned")["n"] == told["hang_with_q_time_gt_0"]
    assert counted("left_ivr")["n"] == told["hang_in_vru_q_time_0"]


def test_restaurant_bookings(window, sample_data):
    name = "bookings_2023-11-01_to_10.csv.gz"
    told = truths(sample_data, "restaurant_bookings", name)
    file = sample_data / "calllogs/restaurant_bookings" / name
    mapping = a_mapping(window, a_site("Real", "Europe/London"), file)
    mapping.says("Queue", "Bookings")
    # Nothing tells whether a call without availability was answered: it was.
    mapping.word("Call Outcome", "no availability", "Answered")
    assert mapping.imported("Bookings")[:2] == [told["rows"], told["rows"]]
    assert counted() == {"n": told["answered"], "wait": told["total_wait"] * 1000, "talk": None}
    assert counted("abandoned")["n"] == told["unanswered"]
    assert (
        Call.objects.filter(wait_ms__lte=20_000, outcome="answered").count() == told["within_20s"]
    )
    assert Call.objects.exclude(agent=None).values("agent").distinct().count() == told["agents"]


def test_the_simulated_queue(window, sample_data):
    name = "simulated_call_centre_iso_2021-01_to_09.csv.gz"
    told = truths(sample_data, "simulated_queue", name)
    file = sample_data / "calllogs/simulated_queue" / name
    mapping = a_mapping(window, a_site("Real"), file)
    mapping.says("Queue", "Simulated")
    mapping.means("daily_caller", "Keep as it is")
    mapping.measured("wait_length", "seconds")
    mapping.measured("service_length", "seconds")
    assert mapping.imported("Simulated")[:2] == [told["rows"], told["rows"]]
    answered = counted()
    assert answered["n"] == told["answered"]
    assert round(answered["wait"] / answered["n"] / 1000, 4) == told["asa_seconds"]
    assert answered["talk"] == told["total_service_seconds"] * 1000
    assert round(answered["talk"] / answered["n"] / 1000, 4) == told["aht_service_seconds"]
    assert Call.objects.filter(wait_ms__lte=20_000).count() == told["within_20s"]
    assert Call.objects.filter(wait_ms__lte=60_000).count() == told["within_60s"]
    assert Call.objects.aggregate(most=Max("wait_ms"))["most"] == told["max_wait"] * 1000


def test_contacts_of_all_channels_with_a_rating_of_ten(window, sample_data):
    name = "rwfd_call_center_sample.csv"
    told = truths(sample_data, "rwfd_csat", name)
    file = sample_data / "calllogs/rwfd_csat" / name
    mapping = a_mapping(window, a_site("Real", "America/Chicago"), file)
    mapping.whole("A call was answered when", "All of them were answered")
    assert mapping.imported("RWFD")[:2] == [told["rows"], told["rows"]]
    ratings = SurveyResponse.objects.filter(scale_min=1, scale_max=10)
    assert ratings.count() == told["csat_answers"]
    assert round(ratings.aggregate(mean=Avg("score"))["mean"], 4) == told["csat_mean"]
    assert Call.objects.filter(channel="voice").count() == told["channel"]["Call-Center"]
    assert counted()["talk"] == told["total_minutes"] * 60_000


def test_totals_of_days_are_kept_apart_and_those_without_a_date_are_asked_for_one(
    window, sample_data
):
    folder = sample_data / "calllogs/interval_aggregates"
    site = a_site("Real", "Europe/Madrid")
    told = truths(sample_data, "interval_aggregates", "prediccion_llamadas_es.csv")
    mapping = a_mapping(window, site, folder / "prediccion_llamadas_es.csv")
    mapping.measured("tmo", "minutes")
    mapping.whole("A row tells of", "1 day")
    mapping.says("Service level within, seconds", "20")
    assert mapping.imported("Predicción")[:2] == [told["rows"], told["rows"]]
    sums = IntervalCount.objects.aggregate(offered=Sum("offered"), handle=Sum("handle_ms"))
    assert sums["offered"] == told["calls"]
    assert round(sums["handle"] / sums["offered"] / 1000, 3) == told["aht_seconds_weighted"]
    assert not Call.objects.exists()

    page = mapping.page
    asked = uploaded(page, folder / "call_center_data_index.csv")
    asked.whole("A row tells of", "1 day")
    assert "Its rows need a date" in asked.open_questions()
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
