"""Saved mappings by name: `callcenter import --profile`, and `callcenter profiles`."""

import json
import time
from dataclasses import replace
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ccm.imports import sites
from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping import saved
from ccm.imports.mapping.profile import ALL, Column, Profile
from ccm.imports.mapping.targets import Rows
from ccm.imports.records import FileRefused
from ccm.models import Call, ImportBatch, ImportProfile, Site
from tests.threads import elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]

MAPPING = Profile(
    Dialect(delimiter=";"),
    Rows.CALLS,
    (
        Column("N°", "external_id"),
        Column("Heure", "moment", spelling="dmy"),
        Column("Tps", "talk", unit="min", decimal=","),
        Column("Motif", "disposition", parted="~"),
    ),
    queue="Accueil",
    answered_by=ALL,
    zone="Europe/Paris",
)
LOG = "N°;Heure;Tps;Motif\n1;03/12/2025 09:00:00;1,5;Achat ~ Retour\n"


@pytest.fixture
def layout() -> ImportProfile:
    return ImportProfile.objects.create(
        name="Le standard", slug="le-standard", mapping=MAPPING.as_json()
    )


def said(command: str, *words: str) -> str:
    out = StringIO()
    call_command(command, *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(command: str, *words: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as error:
        said(command, *words)
    return error.value.returncode, str(error.value)


def test_a_queue_and_a_zone_said_of_one_import_stand_before_its_mappings(layout, tmp_path):
    """9:00 in London in December is 9:00 UTC; the mapping alone would have read 8:00."""
    (tmp_path / "log.csv").write_text(LOG)
    here = [str(tmp_path / "log.csv"), "--site", "York", "--tz", "Europe/London"]
    said("import_log", *here, "--profile", "Le standard", "--queue", "Sales")
    call = Call.objects.get()
    assert (f"{call.offered_at:%T}", call.queue.name) == ("09:00:00", "Sales")
    # So do they where the mapping is found out.
    Call.objects.all().delete()
    said("import_log", *here, "--queue", "Support")
    call = Call.objects.get()
    assert (f"{call.offered_at:%T}", call.queue.name) == ("09:00:00", "Support")


def test_a_queue_beside_a_column_of_queues_is_refused(tmp_path):
    by_column = replace(MAPPING.with_column(Column("Motif", "queue")), queue="")
    saved.save("By column", by_column)
    spells = (Column("N°", "agent"), Column("Heure", "moment", spelling="dmy"),
              Column("Motif", "state"))  # fmt: skip
    saved.save("Spells", Profile(Dialect(delimiter=";"), Rows.STATES, spells))
    (tmp_path / "log.csv").write_text(LOG)
    for name, words in (("By column", "reads the queue from Motif"), ("Spells", "no queue")):
        code, text = refused(
            "import_log", str(tmp_path / "log.csv"), "--profile", name, "--queue", "Sales",
            "--site", "York", "--tz", "UTC",
        )  # fmt: skip
        assert (code, words in text) == (2, True)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("word", ["Le standard", "le-standard"])
def test_a_file_is_imported_by_a_saved_mapping_of_that_name(layout, tmp_path, word):
    """1.5 minutes from 9:00 in Paris, which is 8:00 UTC; the new site lies where its times do."""
    (tmp_path / "log.csv").write_text(LOG)
    said("import_log", str(tmp_path / "log.csv"), "--profile", word, "--site", "Lyon")
    call = Call.objects.get()
    assert f"{call.offered_at:%F %T}" == "2025-12-03 08:00:00"
    assert (call.talk_ms, call.queue.name) == (90_000, "Accueil")
    assert call.disposition.name == "Achat / Retour"
    assert ImportBatch.objects.get().profile == layout
    assert Site.objects.get().zone == "Europe/Paris"


def test_a_file_of_a_saved_mapping_is_found_out_without_its_name(layout, tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    said("import_log", str(tmp_path / "log.csv"), "--site", "Lyon")
    assert ImportBatch.objects.get().profile == layout


def test_a_mapping_that_is_not_there_is_refused_naming_those_that_are(layout, tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    words = (str(tmp_path / "log.csv"), "--site", "Lyon", "--tz", "UTC")
    code, text = refused("import_log", *words, "--profile", "Le standart")
    assert code == 2
    assert "Le standard" in text
    layout.delete()
    assert "No mapping" in refused("import_log", *words, "--profile", "x")[1]


def test_a_format_and_a_mapping_at_once_are_one_too_many(layout, tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    with pytest.raises(CommandError, match="not allowed with"):
        said("import_log", str(tmp_path / "log.csv"), "--profile", "x", "--format", "phonenow")


def test_the_list_names_each_mapping(layout):
    assert said("profiles", "list").split() == [
        *("le-standard", "Le", "standard:", "One", "row", "a", "call;", "4"),
        *("columns", "have", "a", "meaning"),
    ]


def test_what_is_exported_is_the_same_mapping_elsewhere(layout, tmp_path):
    text = said("profiles", "export")
    assert said("profiles", "export", "Le standard") == text
    layout.delete()
    (tmp_path / "carried.json").write_text(text)
    said("profiles", "import", str(tmp_path / "carried.json"))
    again = ImportProfile.objects.get()
    assert (again.name, again.slug) == ("Le standard", "le-standard")
    assert Profile.from_json(again.mapping) == MAPPING
    # Taken in twice it is there once.
    said("profiles", "import", str(tmp_path / "carried.json"))
    assert ImportProfile.objects.count() == 1


def test_another_mapping_of_the_same_name_is_changed_only_when_asked_to(layout, tmp_path):
    carried = json.loads(said("profiles", "export"))
    carried[saved.KEY][0]["mapping"]["queue"] = "Ventes"
    file = tmp_path / "carried.json"
    file.write_text(json.dumps(carried))
    code, text = refused("profiles", "import", str(file))
    assert (code, "something else" in text) == (2, True)
    said("profiles", "import", str(file), "--replace")
    layout.refresh_from_db()
    assert (layout.mapping["queue"], layout.slug) == ("Ventes", "le-standard")


def test_no_two_mappings_have_names_that_differ_in_case_or_space_alone(layout):
    other = replace(MAPPING, queue="Ventes")
    for name in ("le standard", "LE  STANDARD ", "Le standard"):
        with pytest.raises(saved.NameTaken, match="named Le standard already"):
            saved.save(name, other)
        assert saved.other_of(name, other) == layout
        # What says the same is the same.
        assert saved.save(name, MAPPING) == layout
    assert saved.save("le STANDARD", other, replace=True) == layout
    assert ImportProfile.objects.get().name == "Le standard"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Le standard", "Le standard"),
        ("le STANDARD", "Le standard"),
        # A name stands before another one's slug.
        ("le-standard", "le-standard"),
        ("le-standard-2", "le-standard"),
    ],
)
def test_a_word_means_one_mapping(layout, word, expected):
    assert saved.save("le-standard", MAPPING).slug == "le-standard-2"
    assert saved.named(word).name == expected


def test_a_slug_that_a_format_has_is_not_taken():
    assert saved.save("phonenow", MAPPING).slug == "phonenow-2"


@pytest.mark.django_db(transaction=True)
def test_two_that_save_a_name_at_once_save_one_layout(monkeypatch):
    """The second of two clicks finds what the first made."""
    seek = saved.unlike
    monkeypatch.setattr(saved, "unlike", lambda *said: (time.sleep(0.3), seek(*said))[1])
    same, other = ("Standard", MAPPING), ("Standard", replace(MAPPING, queue="Ventes"))
    said = elsewhere(*[partial(saved.save, *one) for one in (same, same, other)])
    assert sorted(one.split("(")[0] for one in said if one != "done") in (
        ["NameTaken"],  # of the other
        ["NameTaken", "NameTaken"],  # of both, where the other came first
    )
    assert ImportProfile.objects.get().slug == "standard"


@pytest.mark.django_db(transaction=True)
def test_two_that_make_a_site_at_once_make_one(monkeypatch):
    seek = sites.unlike
    monkeypatch.setattr(sites, "unlike", lambda *said: (time.sleep(0.3), seek(*said))[1])
    assert elsewhere(*[partial(sites.site_for, "York", "UTC", None)] * 2) == ["done", "done"]
    assert Site.objects.get().name == "York"


def test_a_site_is_found_in_whatever_case_it_is_written():
    lyon = Site.objects.create(name="Lyon", slug="lyon", zone="Europe/Paris")
    assert sites.site_for("lyon", "UTC", None) == lyon
    assert sites.site_for("LYON", "", None) == lyon
    assert Site.objects.count() == 1
    # Where there already are two of them, the case tells which; else nobody guesses.
    small = Site.objects.create(name="lyon", slug="lyon-2", zone="Europe/Paris")
    assert sites.site_for("lyon", "", None) == small
    assert sites.site_for("Lyon", "", None) == lyon
    with pytest.raises(FileRefused, match="several sites"):
        sites.site_for("LYON", "UTC", None)


def broken(**changed: Any) -> dict[str, Any]:
    return {saved.KEY: [{"name": "x", "mapping": MAPPING.as_json() | changed}]}


def test_a_mapping_that_names_no_zone_is_taken_too(layout):
    given = saved.as_json([layout])
    [one] = given[saved.KEY]
    one["mapping"]["zone"] = ""
    one["name"] = "Elsewhere"
    [made] = saved.take(given)
    assert (made.name, made.mapping["zone"]) == ("Elsewhere", "")


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {},
        {saved.KEY: 1},
        {saved.KEY: [1]},
        {saved.KEY: [{"name": "", "mapping": {}}]},
        {saved.KEY: [{"name": "x" * 81, "mapping": {}}]},
        {saved.KEY: [{"name": "x"}]},
        broken(zone="Mars/Olympus"),
        broken(columns=[]),
        broken(columns=[{"label": "a", "target": "moment", "spelling": "stardate"}]),
        broken(dialect={"kind": "stone"}),
        broken(rows="songs"),
    ],
)
def test_what_is_no_mapping_is_refused_and_nothing_kept(given):
    with pytest.raises(FileRefused):
        saved.take(given)
    assert not ImportProfile.objects.exists()


def test_a_file_that_is_no_json_or_not_there_is_refused(tmp_path):
    (tmp_path / "log").write_text(LOG)
    for words in ([str(tmp_path / "log")], [str(tmp_path / "gone")], []):
        assert refused("profiles", "import", *words)[0] == 2
