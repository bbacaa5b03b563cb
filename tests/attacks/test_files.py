"""Every file that a person takes along, with formulas written into every column that people or
sources fill: no cell of one begins as a spreadsheet's formula does, and numbers stay numbers."""

import csv
import io
from collections import Counter

import openpyxl
import pytest
from django.test import Client

from ccm.access import ADMIN
from ccm.exports import FORMULA
from tests import once
from tests.attacks import marks, probes
from tests.attacks.walk import Person
from tests.reach import WHO, a_world

pytestmark = pytest.mark.django_db
PREFIXES = ("=", "+", "-", "@", "\t", "\r")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def one_site():
    """A site with one of everything, its rows, and the address of each file an admin gets of it."""
    before = marks.there()
    world = a_world()
    doors = probes.doors(world)
    made = marks.made_since(before)
    person = Person(world.people[ADMIN])
    found = {}
    for row, address in doors:
        if row.method == "get" and row.own[WHO.index(ADMIN)] == 200:
            more = "&" if "?" in address else "?"
            csv_too = [f"{address}{more}export=csv", f"{address}{more}export=xlsx"]
            left = [address]
            while left:
                asked = left.pop()
                answer = person.ask("get", asked)
                kind = answer.headers.get("Content-Type", "").partition(";")[0]
                if answer.status == 200 and kind in ("text/csv", SHEET):
                    found[asked] = kind
                elif asked == address and kind == "text/html" and b"export=" in answer.body:
                    left = csv_too
    return world, made, found


world = once.fixture(one_site)


def cells(body, kind):
    """Each cell of a file: its text, and whether a spreadsheet takes it for a formula."""
    if kind == SHEET:
        for sheet in openpyxl.load_workbook(io.BytesIO(body)):
            for row in sheet.iter_rows():
                for one in row:
                    yield str(one.value or ""), one.data_type == "f"
        return
    for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")):
        for text in row:
            yield text, text.startswith(FORMULA) and not is_number(text)


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_cell_of_a_file_is_a_formula(world, prefix):
    made, rows, files = world
    marks.plant(rows, prefix + marks.MARK)
    client = Client()
    client.force_login(made.people[ADMIN])
    wrong, counts = {}, Counter()
    for address, kind in files.items():
        response = client.get(address)
        assert response.status_code == 200, address
        for text, is_formula in cells(response.getvalue(), kind):
            counts["cells"] += 1
            counts["planted"] += marks.MARK in text
            if is_formula:
                wrong.setdefault(address, text[:60])
    print(f"{prefix!r}: {len(files)} files, {dict(counts)}, {len(wrong)} with a formula")
    assert len(files) >= 40
    assert counts["planted"] >= 100
    assert not wrong, wrong
