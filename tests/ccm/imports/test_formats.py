"""Which format a file is of, and refusing to guess."""

import pkgutil

import openpyxl
import pytest

from ccm.imports import formats
from ccm.imports.files import opening
from ccm.imports.records import FileRefused, Unknown
from tests.logs import DATA


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("queue_log", "asterisk_queue_log"),
        ("asterisk_cdr_master.csv", "asterisk_cdr"),
        ("asterisk_cdr_freepbx.csv", "asterisk_cdr"),
        ("asterisk_cdr_pbxware.csv", "asterisk_cdr"),
        ("cisco_cucm_cdr.csv", "cisco_cucm_cdr"),
        ("cisco_cucm_cmr.csv", "cisco_cucm_cdr"),
        ("freeswitch_cdr.csv", "freeswitch_cdr"),
        ("threecx_cdr.csv", "threecx_cdr"),
        ("queue_log_table.csv", "asterisk_queue_log_table"),
        ("queue_log_pbxware.csv", "asterisk_queue_log_table"),
        ("phonenow.csv", "phonenow"),
        ("technion_bank.txt", "technion_bank"),
        ("amazon_connect_ctr.jsonl", "amazon_connect_ctr"),
        ("amazon_connect_agent_events.jsonl", "amazon_connect_agent_events"),
        ("genesys_conversation_detail.json", "genesys_conversation_detail"),
        ("zendesk_talk_calls.json", "zendesk_talk_calls"),
        ("twilio_calls.json", "twilio_calls"),
    ],
)
def test_a_file_is_recognised_by_what_it_holds_not_by_its_name(tmp_path, name, form):
    plain = opening.plain_file(DATA / name, tmp_path)
    assert formats.recognise(plain, "whatever.bin").name == form


def test_a_workbook_is_recognised_by_a_sheets_header(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Notes"])
    for row in ([None, " "], [None]):
        book.create_sheet("Blank").append(row)
    header = (DATA / "phonenow.csv").read_text().splitlines()[0]
    calls = book.create_sheet("Calls")
    calls.append([None])  # a blank row above
    calls.append(header.split(","))
    book.save(tmp_path / "book")
    assert formats.recognise(tmp_path / "book", "book").name == "phonenow"


def test_a_strange_file_is_of_none_and_may_be_explained(tmp_path):
    (tmp_path / "log").write_text("dear diary,\ntoday nobody called\n")
    with pytest.raises(Unknown, match="what its columns mean"):
        formats.recognise(tmp_path / "log", "log")


@pytest.mark.parametrize("cells", range(2, 30))
def test_a_row_is_of_no_format_by_the_number_of_its_cells_alone(tmp_path, cells):
    (tmp_path / "log").write_text(",".join("x" * cells) + "\n")
    with pytest.raises(FileRefused, match="none of the formats"):
        formats.recognise(tmp_path / "log", "log")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "log").write_text("\n \n")
    with pytest.raises(FileRefused, match="nothing"):
        formats.recognise(tmp_path / "log", "log")


def test_two_fitting_formats_are_both_named(monkeypatch):
    bank = formats.FORMATS["technion_bank"]
    monkeypatch.setattr(type(bank), "recognises", lambda self, head, filename: True)
    with pytest.raises(FileRefused, match=r"PhoneNow .* Technion"):
        formats.recognise(DATA / "phonenow.csv", "phonenow.csv")


def test_names_are_the_keys():
    modules = {one.name for one in pkgutil.iter_modules(formats.__path__)}
    assert set(formats.FORMATS) == modules - {"queue_log_events", "queue_log_fold"}
    assert all(one.name == name for name, one in formats.FORMATS.items())
