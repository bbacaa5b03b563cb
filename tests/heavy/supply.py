"""What the program is made of: `python -m tests.heavy.supply --sbom sbom.json` (`make audit`).

Four things, each said in words: what bandit finds in the code, what is known against the packages
of the lock files (pip-audit, which asks an advisory service: where that is not reached, this says
so and fails), the licences of all that runs, and a list of it all as CycloneDX. With `--advisories
FOLDER` a copy of an advisory database is read in place of the service.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.heavy import advisories

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
CODE = ("ccm", "kpis", "scheduling", "qa", "coaching")
# What bandit thinks worth a look, by file and test, and what was seen when it was looked at. SQL
# that is put together (B608) is looked at where ruff is told of it, in pyproject.toml.
LOOKED_AT = {
    ("ccm/entry/adapters.py", "B104"): "what stands for no address; nothing listens there",
    ("ccm/entry/locking.py", "B104"): "what stands for no address; nothing listens there",
    ("ccm/sealed/sealing.py", "B608"): "names of columns, constants of the module",
    ("ccm/sealed/verifying.py", "B608"): "names of columns, constants of the module",
    ("ccm/serve.py", "B104"): "an address that somebody chose is compared with",
    ("ccm/stack/places.py", "B108"): "a folder of its own, 0700, is made there",
    ("ccm/templatetags/figures.py", "B308"): "escaped before",
    ("ccm/templatetags/figures.py", "B703"): "escaped before",
    ("ccm/together.py", "B608"): "names of columns, from the model",
    ("coaching/library/finding.py", "B308"): "escaped before",
    ("coaching/library/finding.py", "B703"): "escaped before",
    ("coaching/views/library.py", "B308"): "made by a parser that escapes HTML",
    ("coaching/views/library.py", "B703"): "made by a parser that escapes HTML",
    ("coaching/voice/reads.py", "B308"): "escaped before",
    ("coaching/voice/reads.py", "B703"): "escaped before",
    ("kpis/alerts/forms.py", "B703"): "words that are escaped, and a link of our own",
    ("kpis/call_backs.py", "B611"): "constants; values travel as parameters",
    ("qa/cards/files.py", "B506"): "a SafeLoader that refuses more",
}
# Licences under which one may use, change and pass on with no duty but to name them; and libraries
# whose licence asks to pass on changes of themselves, and which are used as they come.
PERMISSIVE = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|0BSD|Unlicense|HPND|CC0|Boost"
    r"|PostgreSQL|MIT-CMU|Public Domain)\b",
    re.IGNORECASE,
)
LIBRARIES = {"MPL": {"certifi", "fido2"}, "LGPL": {"psycopg2-binary", "python-crontab"}}


def packages(lock: str) -> dict[str, str]:
    """Name and version of all that a lock file pins; of those of several Pythons one."""
    return dict(pinned(lock))


def pinned(lock: str) -> list[tuple[str, str]]:
    """Each name and version of a lock file, for whatever Python and system."""
    found = []
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if told := re.match(r"([A-Za-z0-9][\w.-]*)(?:\[.*\])?==([^\s;\\]+)", line):
            found.append((re.sub(r"[-_.]+", "-", told[1]).lower(), told[2]))
    return found


def without_hash(lock: str) -> list[str]:
    """What a lock file would install without knowing what it gets, or from where it says."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / lock).read_text(encoding="utf-8"))
    lines = [one for one in text.splitlines() if one.strip() and not one.startswith((" ", "#"))]
    return [one[:80] for one in lines if "--hash=sha256:" not in one or "://" in one]


def licence(name: str) -> str:
    """What a package says of its licence; empty where it is not installed here."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    said = [told.get("License-Expression", ""), told.get("License", "")[:200]]
    said += [one for one in told.get_all("Classifier", []) if one.startswith("License ::")]
    return " | ".join(one for one in said if one) or "none told"


def not_permissive() -> dict[str, str]:
    """Packages of what runs that ask more of whoever passes them on."""
    found = {}
    for name in packages("requirements.lock"):
        told = licence(name)
        copyleft = re.findall(r"\b(A?GPL|LGPL|MPL|EPL|SSPL|EUPL)", told.upper())
        known = any(name in LIBRARIES.get(one, ()) for one in copyleft)
        if told and not known and (copyleft or not PERMISSIVE.search(told)):
            found[name] = told
    return found


def found_by_bandit() -> tuple[dict[str, int], list[str]]:
    """How many things by severity, and those of high or medium that nobody looked at."""
    said = subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-r", *CODE, "-f", "json"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    results: list[dict[str, Any]] = json.loads(said.stdout)["results"]
    counts = dict.fromkeys(("HIGH", "MEDIUM", "LOW"), 0)
    open_ = []
    for one in results:
        counts[one["issue_severity"]] += 1
        where = (one["filename"].removeprefix("./"), one["test_id"])
        is_known = where in LOOKED_AT or (one["test_id"] == "B608" and _put_together(where[0]))
        if one["issue_severity"] == "HIGH" or (one["issue_severity"] == "MEDIUM" and not is_known):
            open_.append(f"{where[0]}:{one['line_number']} {one['test_id']} {one['issue_text']}")
    return counts, open_


def _put_together(file: str) -> bool:
    """Whether ruff is told that this file puts SQL together of constants."""
    with (ROOT / "pyproject.toml").open("rb") as told:
        said = tomllib.load(told)["tool"]["ruff"]["lint"]["per-file-ignores"]
    patterns = [one for pattern, rules in said.items() if "S608" in rules for one in _each(pattern)]
    return "/migrations/" in file or any(fnmatch(file, one) for one in patterns)


def _each(pattern: str) -> list[str]:
    """A pattern with alternatives in braces as several without."""
    if told := re.search(r"\{([^}]*)\}", pattern):
        return [pattern.replace(told[0], one) for one in told[1].split(",")]
    return [pattern]


def known_weaknesses(lock: str) -> tuple[bool, str]:
    """Whether nothing is known against what a lock file pins, and what was said.

    pip-audit ends well, too, where the service answers of no package at all: what it skipped was
    not looked at.
    """
    words = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--no-deps"]
    said = subprocess.run(
        [*words, "-r", lock, "--progress-spinner", "off", "--timeout", "20", "-f", "json"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    try:
        every = json.loads(said.stdout)["dependencies"]
    except (ValueError, KeyError):
        why = said.stderr.strip().splitlines()[-1:] or ["no answer"]
        return False, f"NOT LOOKED AT: the advisory service was not reached ({why[0][:200]})"
    skipped = [one["name"] for one in every if "skip_reason" in one]
    found = [
        f"{one['name']} {one['version']}: {', '.join(vuln['id'] for vuln in one['vulns'])}"
        for one in every
        if one.get("vulns")
    ]
    told = f"{len(found)} of {len(every) - len(skipped)} packages have known weaknesses"
    if skipped:
        told = f"NOT LOOKED AT: the service answered of {len(skipped)} packages nothing; {told}"
    return not skipped and not found, "; ".join([told, *found])


def known_of_a_copy(lock: str, folder: Path) -> tuple[bool, str]:
    """The same, by a folder of advisories."""
    looked = advisories.look(folder, packages(lock))
    if not looked.advisories:
        return False, f"NOT LOOKED AT: {folder} has no advisories"
    told = (
        f"{len(looked.found)} known weaknesses by {looked.advisories} advisories, the newest of"
        f" {looked.newest}: what came to be known since is not among them"
    )
    return not looked.found, "; ".join([told, *looked.found])


def written_down(place: Path) -> int:
    """Write what runs down as CycloneDX JSON, read back and held against the lock file; how many
    packages."""
    said = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "requirements", "requirements.lock", "-o", place],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    if said.returncode:
        sys.exit(f"no list was made: {said.stderr[-500:]}")
    made = json.loads(place.read_text(encoding="utf-8"))
    if wrong := not_as_locked(made):
        sys.exit(f"{place} is not what requirements.lock pins: {', '.join(wrong)[:500]}")
    return len(made["components"])


def not_as_locked(made: dict[str, Any]) -> list[str]:
    """Where a list of what is inside is no CycloneDX, or differs from what is pinned."""
    if made.get("bomFormat") != "CycloneDX":
        return ["it is no CycloneDX"]
    listed = {
        (re.sub(r"[-_.]+", "-", one["name"]).lower(), one["version"]) for one in made["components"]
    }
    differ = listed ^ set(pinned("requirements.lock"))
    unhashed = [
        one["name"]
        for one in made["components"]
        if not any(ref.get("hashes") for ref in one.get("externalReferences", []))
    ]
    return [*(f"{name} {version}" for name, version in sorted(differ)), *unhashed]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sbom", type=Path, default=ROOT / "build" / "sbom.cdx.json")
    asked.add_argument("--advisories", type=Path, help="read this folder, ask no service")
    told = asked.parse_args()
    failed = False
    counts, open_ = found_by_bandit()
    print(f"bandit: {counts['HIGH']} high, {counts['MEDIUM']} medium, {len(open_)} to be looked at")
    for one in open_:
        print(f"  {one}")
    failed |= bool(open_)
    for lock in LOCKS:
        loose = without_hash(lock)
        print(f"{lock}: {len(packages(lock))} packages, {len(loose)} without a hash")
        if told.advisories:
            is_well, words = known_of_a_copy(lock, told.advisories)
        else:
            is_well, words = known_weaknesses(lock)
        print(f"what is known against {lock}: {words}")
        failed |= bool(loose) or not is_well
    asking = not_permissive()
    print(f"licences: {len(asking)} that are not permissive")
    for name, said in asking.items():
        print(f"  {name}: {said}")
    told.sbom.parent.mkdir(parents=True, exist_ok=True)
    print(f"{written_down(told.sbom)} packages are listed in {told.sbom}")
    return int(failed or bool(asking))


if __name__ == "__main__":
    sys.exit(main())
