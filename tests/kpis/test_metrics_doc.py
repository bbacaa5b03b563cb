from itertools import pairwise
from pathlib import Path

from django.utils import translation

from kpis import metrics_doc
from kpis.definitions import KPIS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


def test_the_document_is_the_one_the_definitions_make():
    """When this fails: `python manage.py metrics_doc`, and read what changed."""
    with translation.override("en"):
        assert DOCUMENT.read_text(encoding="utf-8") == metrics_doc.render()


def test_the_document_names_every_kpi_every_variant_and_what_unknown_means():
    text = DOCUMENT.read_text(encoding="utf-8")
    for kpi in KPIS.values():
        assert f"`{kpi.id}`" in text
        assert str(kpi.unknown) in text
        for variant in kpi.variants:
            assert f"`{variant.formula}`" in text
            assert str(variant.source) in text


def test_no_table_row_is_broken():
    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    tables = [line.count("|") for line in rows]
    assert min(tables) >= 3
    for above, below in pairwise(rows):
        if set(below) <= set("|- "):
            assert above.count("|") == below.count("|")
