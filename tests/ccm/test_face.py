"""What every template and style sheet must keep to, and what the fragments say.

How they behave is in test_face_in_browser.py; the pages' views have tests of their own.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django_tables2 as tables
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from plotly.offline import get_plotlyjs_version

TOP = Path(settings.BASE_DIR)
TEMPLATES = sorted((TOP / "templates").rglob("*.html"))
OURS = [file for file in sorted((TOP / "static").rglob("*.*")) if "vendor" not in file.parts]
NOW = datetime(2025, 11, 20, 14, 36, 8, tzinfo=UTC)


def name_of(file: Path) -> str:
    return str(file.relative_to(TOP))


# What holds for every file


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_a_template_compiles_and_asks_for_nothing_that_is_not_there(file):
    text = file.read_text()
    get_template(str(file.relative_to(TOP / "templates")))
    # A comment of more than one line is none: it would be shown.
    assert not re.search(r"\{#[^#}]*\n", text)
    for wanted in re.findall(r"{% static '([^']+)' %}", text):
        assert finders.find(wanted), wanted
    sprite = (TOP / "templates/_partials/icons.html").read_text()
    for icon in re.findall(r'href="#i-([a-z0-9-]+)"', text):
        assert f'id="i-{icon}"' in sprite, icon


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_a_template_keeps_to_the_content_policy(file):
    text = file.read_text()
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script, script
    assert not re.search(r"\son[a-z]+=|javascript:|hx-on|hx-vals='js:", text)
    if file.parent.name != "mail":  # a mail brings its styles along
        assert "<style" not in text
    assert not re.search(r"https?://", text), "a page asks nothing of the outside"


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_nothing_says_successfully(file):
    assert "success" not in file.read_text().replace("level_tag == 'success'", "").lower()


# A number, or a name out of a list of the script's own or of a figure that this program drew.
KNOWN_NAMES = {
    "layout[name] = ", "found[into] = ", "this.told[row][mine] = ",
}  # fmt: skip


@pytest.mark.parametrize("file", [f for f in OURS if f.suffix == ".js"], ids=name_of)
def test_no_script_sets_a_member_by_a_name_that_it_was_told(file):
    """One that is told `__proto__` would change what all objects have."""
    set_by_name = re.findall(r"[\w.[\]]+\[[^\[\]'\"\d]+\] = ", file.read_text())
    assert set(set_by_name) <= KNOWN_NAMES


@pytest.mark.parametrize(
    "file", [f for f in OURS if f.suffix in {".css", ".js", ".svg"}], ids=name_of
)
def test_our_static_files_ask_nothing_of_the_outside(file):
    text = file.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?://|//# sourceMappingURL|/\*# sourceMappingURL|@import", text)
    for wanted in re.findall(r'url\("(?!data:)([^"]+)"\)', text):
        assert (file.parent / wanted).is_file(), wanted


def test_what_is_vendored_carries_its_licence_and_no_source_map():
    folders = [folder for folder in (TOP / "static/vendor").iterdir() if folder.is_dir()]
    assert {folder.name for folder in folders} == {"event-calendar", "inter", "plotly", "tabler"}
    for folder in folders:
        assert (folder / "LICENSE").stat().st_size > 500
        for file in folder.iterdir():
            assert b"sourceMappingURL" not in file.read_bytes(), file


def test_plotly_in_the_browser_is_the_one_that_the_server_writes_figures_for():
    head = (TOP / "static/vendor/plotly/plotly-cartesian.min.js").read_text()[:300]
    assert f"v{get_plotlyjs_version()}\n" in head


# Colours: WCAG 2.2, reckoned from the tokens


def tokens(theme: str) -> dict[str, str]:
    css = (TOP / "static/css/ccm.css").read_text()
    block = re.search(rf'\[data-bs-theme="{theme}"\] \{{\n  color-scheme(.*?)\n\}}', css, re.S)
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block.group(1)))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_reckoned_as_the_guideline_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("fore", "back"),
    [
        *((ink, ground) for ink in ("ink", "soft", "faint") for ground in ("bg", "panel")),
        *((state, f"{state}-soft") for state in ("ok", "warn", "bad", "accent")),
        *((word, "panel") for word in ("ok", "warn", "bad", "accent")),
        ("warn", "bg"),
        ("bad", "bg"),
        ("accent-ink", "accent"),
    ],
)
def test_words_can_be_read_in_both_themes(theme, fore, back):
    colours = tokens(theme)
    assert contrast(colours[fore], colours[back]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("mark", ["edge", "accent", *(f"c{n}" for n in range(1, 9))])
def test_marks_can_be_seen_in_both_themes(theme, mark):
    colours = tokens(theme)
    assert contrast(colours[mark], colours["panel"]) >= 3


# Fragments


def drawn(template: str, **context: Any) -> str:
    return render_to_string(f"_partials/{template}.html", context)


def a_tile(**changes: Any) -> dict[str, Any]:
    return {
        "id": "service_level",
        "name": "Service level",
        "value": 0.8142,
        "unit": "fraction",
        "level": "ok",
        "word": "on target",
        "values": [0.7, None, 0.8],
        "left": "target 80 %",
        "right": "usual 79 %",
        "url": "/passport/",
        **changes,
    }


def test_a_tile_is_a_sentence_with_a_way_to_its_passport():
    tile = drawn("tile", tile=a_tile())
    assert "81.4<small>%</small>" in tile
    assert '<span class="state" data-level="ok">on target</span>' in tile
    assert 'href="/passport/" data-drawer' in tile


def test_an_idle_tile_shows_a_dash_and_no_unit():
    tile = drawn("tile", tile=a_tile(value=None, word="", values=[]))
    assert '<p class="fig">–</p>' in tile
    assert "state" not in tile


def test_an_old_tile_says_so_instead_of_its_state():
    tile = drawn("tile", tile=a_tile(stale=True))
    assert "on target" not in tile
    assert '<span class="state" data-level="warn">old</span>' in tile


def test_a_colour_never_speaks_without_a_word():
    assert drawn("tag", level="bad", word="").strip() == ""
    assert "act now" in drawn("tag", level="bad", word="act now")


def a_job(**changes: Any) -> SimpleNamespace:
    facts = {"pk": 7, "state": "running", "done": 412_000, "total": 1_000_000, "finished_at": None}
    facts |= {"percent": 41}
    facts |= {"words": "Reading", "cancel_requested": False, **changes}
    return SimpleNamespace(**facts, get_state_display=lambda: facts["state"].capitalize())


def test_a_running_job_asks_again_and_a_finished_one_does_not():
    running = drawn("job", job=a_job(), poll_url="/jobs/7/")
    assert 'hx-get="/jobs/7/" hx-trigger="every 1s"' in running
    assert 'max="1000000" value="412000"' in running
    assert "41 %" in running
    done = drawn(
        "job", job=a_job(state="done", finished_at=NOW), poll_url="/jobs/7/", result_url="/r/"
    )
    assert "hx-trigger" not in done
    assert "<progress" not in done
    assert 'href="/r/"' in done


def test_a_job_whose_length_nobody_knows_claims_no_share():
    assert "value=" not in drawn("job", job=a_job(total=0), poll_url="/jobs/7/")


def test_the_age_of_the_data_is_said_with_its_zone():
    words = drawn("age", as_of=NOW - timedelta(seconds=12), now=NOW, zone="America/New_York")
    assert 'title="America/New_York">09:35:56</time>' in words
    assert '<span data-age="12">12\u00a0s\u00a0ago</span>' in words
    assert "no data yet" in drawn("age", as_of=None, now=NOW, zone="UTC")


class Queues(tables.Table):
    """Two columns, as a page would declare them."""

    queue = tables.Column(attrs={"td": {"class": "words"}, "th": {"class": "words"}})
    offered = tables.Column()
    label = "Queues"
    empty_hint = "Choose another period."

    class Meta:
        template_name = "_partials/table.html"
        empty_text = "No queue took a call."


@pytest.fixture
def request_alone(settings: Any) -> None:
    """Templates that know the request and nothing else: a table needs no more."""
    alone = {"context_processors": ["django.template.context_processors.request"]}
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "OPTIONS": alone}]


def a_table(count: int, address: str = "/queues/") -> str:
    rows = [{"queue": f"<b>{n}", "offered": n} for n in range(count)]
    request = RequestFactory().get(address)
    table = Queues(rows)
    paging = {"per_page": 25, "paginator_class": tables.LazyPaginator}
    tables.RequestConfig(request, paginate=paging).configure(table)
    page = engines["django"].from_string("{% load django_tables2 %}{% render_table table %}")
    return page.render({"table": table}, request)


@pytest.mark.usefixtures("request_alone")
def test_a_table_of_nothing_says_so_in_words():
    empty = a_table(0)
    assert "<table" not in empty
    assert "No queue took a call." in empty
    assert "Choose another period." in empty


@pytest.mark.usefixtures("request_alone")
def test_a_table_sorts_by_links_that_keep_the_rest_of_the_address():
    table = a_table(3, "/queues/?site=leeds&sort=-offered&page=1")
    assert 'aria-sort="descending"' in table
    # The other direction, the same filter, from the first page.
    assert 'id="sort-offered" href="?site=leeds&amp;sort=offered"' in table
    assert table.index("&lt;b&gt;2") < table.index("&lt;b&gt;0")


@pytest.mark.usefixtures("request_alone")
def test_a_table_pages_without_counting_all_its_rows():
    first, last = a_table(60), a_table(60, "/queues/?page=3")
    assert 'rel="next" href="?page=2"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev" href="?page=2"' in last
    assert 'rel="next"' not in last


def test_the_page_of_a_broken_server_needs_nothing():
    assert "Something broke" in get_template("500.html").render()
