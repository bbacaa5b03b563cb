"""Letters as a mail program shows them: on a telephone, too."""

from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def told(whose, kpi, value, said):
    figure = SimpleNamespace(kpi=SimpleNamespace(name=kpi))
    url = "http://localhost/passport/?kpi=service_level"
    return SimpleNamespace(whose=whose, figure=figure, value=value, said=said, url=url)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_recap_stays_within_its_card(browser: Browser, width):
    many = [
        told(
            "queue Reclamaciones y devoluciones", "Average speed of answer", "1:02:35",
            "of 12,345; target 0:30; worse than usual: 0:25, 0:12 to 0:48",
        ),
        told("team " + "x" * 80, "Customer satisfaction", "67.0\N{NO-BREAK SPACE}%", ""),
    ]  # fmt: skip
    recap = SimpleNamespace(
        offered=9, missed=[("bad", "off target", many)], weaknesses=many, strengths=[], others=many,
        uncompared="", count=2, looked_at=9, on_target="Leeds (Service level)", partly_on_target="",
    )  # fmt: skip
    letter = render_to_string(
        "kpis/mail/recap.html",
        {"heading": "Leeds, 2026-03-02", "recap": recap, "mailing": {"owner": "Marta"}},
    )
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(letter)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    card = "document.querySelector('h1').parentElement"
    tables = "[...document.querySelectorAll('table')]"
    assert page.locator("table").count() == 3
    ends = f"{tables}.every(one => one.getBoundingClientRect().right <= right)"
    assert page.evaluate(f"(right => {ends})({card}.getBoundingClientRect().right)")
    page.close()
