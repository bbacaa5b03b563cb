"""Imports point one way: coaching -> qa, scheduling -> kpis -> ccm."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_no_app_imports_upward_and_no_formula_an_app():
    """The contracts stand in pyproject.toml; import-linter reads every module."""
    linted = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_pure_modules_stay_pure():
    """Modules named for a subject take numbers and give numbers: no ORM, clock or settings."""
    pure = [
        "ccm/identity.py",
        "ccm/intervals.py",
        "ccm/live/state.py",
        "coaching/measured/alike.py",
        "coaching/measured/spans.py",
        "coaching/preparing/changes.py",
        "coaching/preparing/criteria.py",
        "coaching/preparing/examples.py",
        "coaching/preparing/points.py",
        "kpis/sums/agent_time.py",
        "kpis/sums/counts.py",
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "kpis/formulas").glob("*.py")),
        "kpis/sums/histogram.py",
        "kpis/second/compare.py",
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "kpis/noise").glob("*.py")),
        "kpis/noise/student.py",
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "qa/agreement").glob("*.py")),
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "qa/checks").glob("*.py")),
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "qa/transcripts").glob("*.py")),
    ]
    forbidden = ("django.db", "django.conf", "django.utils.timezone", "ccm.models", "kpis.models")
    found = {
        (name, word)
        for name in pure
        for word in forbidden
        if word in (ROOT / name).read_text() or "timezone.now(" in (ROOT / name).read_text()
    }
    assert found == set()
