"""The dashboard and the rules of alerts: each figure in them is one that there is."""

import json
import re
from pathlib import Path

import pytest
import yaml

from ccm import lanes
from ccm.watching import alive, declared

ROOT = Path(__file__).resolve().parents[3]
RULES = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
SCRAPE = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.example.yml").read_text())
BOARD = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text())
ALERTS = [rule for group in RULES for rule in group["rules"]]
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
ASKED = [(rule["alert"], rule["expr"]) for rule in ALERTS] + [
    (panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]
]

# What PromQL has, of what is used here: aggregations, functions, and words between.
AGGREGATIONS = {"sum", "max", "min", "count", "topk"}
FUNCTIONS = {
    "rate": "counter", "increase": "counter", "delta": "gauge", "predict_linear": "gauge",
    "histogram_quantile": "bucket", "vector": None, "absent": None,
}  # fmt: skip
WORDS = {"by", "or"}
# What a server of Prometheus adds by itself.
BESIDES = {"up": {"job", "instance"}}
TARGET = {"instance", "job"}
TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"[^"]*") | (?P<window>\[(?:\d+[smhd]|\$__rate_interval)\])
    | (?P<number>\d+(?:\.\d+)?(?:e\d+)?) | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
    | (?P<sign>==|!=|>=|<=|=~|!~|[-+*/(){},<>=])
    )""",
    re.VERBOSE,
)


def tokens(expression):
    found, place = [], 0
    while expression[place:].strip():
        hit = TOKEN.match(expression, place)
        assert hit, f"{expression!r} at {expression[place:]!r}"
        found.append((hit.lastgroup, hit[hit.lastgroup]))
        place = hit.end()
    return found


def labels_of(series):
    if series in BESIDES:
        return BESIDES[series]
    base = re.sub(r"_(?:bucket|sum|count)$", "", series)
    told = declared.BY_NAME.get(series) or declared.BY_NAME[base]
    return {*told.labels, *TARGET} | ({"le"} if series.endswith("_bucket") else set())


def is_a_counter(series):
    return series not in declared.BY_NAME or declared.BY_NAME[series].kind == "counter"


@pytest.mark.parametrize(("where", "expression"), ASKED)
def test_each_figure_that_is_asked_for_is_there_with_the_labels_that_it_is_asked_by(
    where, expression
):
    known = declared.series() | set(BESIDES)
    depth, series, by, function = [], set(), set(), []
    found = tokens(expression)
    for place, (kind, word) in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else (None, None)
        if word in "({" and kind == "sign":
            depth.append((word, found[place - 1][1] if place else ""))
        elif word in ")}" and kind == "sign":
            assert depth, expression
            assert {"(": ")", "{": "}"}[depth.pop()[0]] == word, expression
        elif kind == "window":
            # Ranges are of what a function of ranges is given.
            inside = [name for sign, name in depth if sign == "(" and name in FUNCTIONS]
            assert inside, expression
            wanted = FUNCTIONS[inside[-1]]
            last = [name for kind, name in found[:place] if kind == "name" and name in known][-1]
            assert is_a_counter(last) == (wanted == "counter"), (inside[-1], last)
        elif kind == "name":
            if depth and depth[-1][0] == "{":
                last = [name for kind, name in found[:place] if name in known][-1]
                assert word in labels_of(last), (word, last)
            elif depth and depth[-1] == ("(", "by"):
                by.add(word)
            elif after == ("sign", "(") or word in WORDS | AGGREGATIONS:
                assert word in WORDS | AGGREGATIONS | set(FUNCTIONS), word
                function.append(word)
            else:
                assert word in known, word
                series.add(word)
    assert depth == [], expression
    assert series, expression
    for one in series:
        if "histogram_quantile" in function:
            assert one.endswith("_bucket")
            assert "le" in by
        # Counters say nothing by how high they are, but by how they grow.
        if is_a_counter(one) and one not in BESIDES:
            assert {"rate", "increase"} & set(function), expression
    assert by <= set.union(*(labels_of(one) for one in series)), expression


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_each_alert_says_how_bad_it_is_and_has_its_words_and_what_to_do(rule):
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"Ccm[A-Z][A-Za-z]+", rule["alert"])
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))
    summary = rule["annotations"]["summary"]
    for label in re.findall(r"\$labels\.(\w+)", summary):
        names = [name for kind, name in tokens(rule["expr"]) if name in declared.series() | {"up"}]
        assert label in set.union(*map(labels_of, names))
        # What was added up away is no label of the alert.
        if "by (" in rule["expr"]:
            assert re.search(rf"by \([^)]*\b{label}\b", rule["expr"])
    document = (ROOT / "docs/watching.md").read_text()
    assert f"| `{rule['alert']}` |" in document


def test_no_alert_is_told_of_that_there_is_not_and_none_has_two():
    names = [rule["alert"] for rule in ALERTS]
    document = (ROOT / "docs/watching.md").read_text()
    assert re.findall(r"^\| `(Ccm\w+)` \|", document, flags=re.M) == names
    assert len(set(names)) == len(names)


def test_values_of_labels_that_are_asked_for_can_come():
    asked = {
        pair
        for _where, expression in ASKED
        for pair in re.findall(r'(what|state|outcome|place)=(?:~)?"([^"]+)"', expression)
    }
    there = {
        "what": set(alive.ALL),
        "state": {"waiting", "failed", "queued", "running"},
        "outcome": {"done", "failed", "again"},
        "place": {"data", "tmp"},
    }
    assert {label for label, _value in asked} == {"what", "state", "outcome", "place"}
    for label, value in asked:
        assert any(re.fullmatch(value, one) for one in there[label]), (label, value)
    workers = [one for one in alive.ALL if re.fullmatch("worker .+", one)]
    assert len(workers) == len(lanes.ALL)


def test_the_panels_have_a_place_each_and_words():
    taken = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    for panel in PANELS:
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["datasource"]["uid"] == "${datasource}"


def test_most_figures_are_on_the_dashboard():
    """All but those that nobody looks at for themselves."""
    shown = " ".join(expression for _where, expression in ASKED)
    missing = {one.name for one in declared.METRICS if one.name not in shown}
    assert missing == {"ccm_process_seen_seconds"}


def test_the_example_asks_with_a_token_from_a_file_at_the_address_there_is():
    (job,) = SCRAPE["scrape_configs"]
    assert job["job_name"] == "ccm"
    assert job["metrics_path"] == "/metrics"
    assert job["authorization"]["type"] == "Bearer"
    assert "credentials_file" in job["authorization"]
    assert "credentials" not in job["authorization"]
    assert job["scheme"] == "http"
    [[machine]] = [one["targets"] for one in job["static_configs"]]
    # Both proxies answer 404 to it, whoever asks.
    assert machine.startswith("127.0.0.1:")
    assert "location = /metrics { return 404; }" in (ROOT / "deploy/proxy/nginx.conf").read_text()
    assert SCRAPE["rule_files"] == ["alerts.yml"]
