"""Dates are written as everywhere, also where nobody says how."""

from datetime import UTC, datetime

from django.template import Context, Template
from django.utils.formats import date_format

AT = datetime(2026, 12, 7, 15, 4, tzinfo=UTC)


def test_a_day_without_a_format_reads_as_every_other():
    said = (
        "{{ day }}; {{ day|date }}; {{ day|date:'DATE_FORMAT' }}; {{ at }}; {{ at|time }};"
        "{% load figures %}{% local_time at 'UTC' 'DATE_FORMAT' %}"
    )
    page = Template(said).render(Context({"day": AT.date(), "at": AT}))
    assert page.startswith("7 Dec 2026; 7 Dec 2026; 7 Dec 2026; 7 Dec 2026 15:04; 15:04;")
    assert "Dec. " not in page
    assert page.endswith(">7 Dec 2026</time>")
    assert date_format(AT.date()) == "7 Dec 2026"
