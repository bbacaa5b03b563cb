"""What a copy of an advisory database says of pinned packages, where no service is reached.

The database is a folder of files of the OSV form, as the Python Packaging Authority keeps one
(<https://github.com/pypa/advisory-database>, below `vulns/`) and others do.
See <https://ossf.github.io/osv-schema/>.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, as "name version: id", of how many advisories, and when the newest of them
    was last changed: of what came to be known since then nothing is said."""

    found: list[str]
    advisories: int
    newest: str


def look(folder: Path, pinned: Mapping[str, str]) -> Looked:
    """Hold pinned versions, by the names of their packages, against the advisories of a folder."""
    found, many, newest, now = [], 0, "", datetime.now(UTC).isoformat()
    for said in _each(folder):
        many += 1
        # Some say a year that is to come, by mistake.
        if newest < (changed := said.get("modified", "")) < now:
            newest = changed
        for one in () if said.get("withdrawn") else said.get("affected", ()):
            package = one.get("package", {})
            name = re.sub(r"[-_.]+", "-", package.get("name", "")).lower()
            if package.get("ecosystem") != "PyPI" or name not in pinned:
                continue
            if is_affected(one, pinned[name]):
                found.append(f"{name} {pinned[name]}: {said['id']}")
    return Looked(sorted(set(found)), many, newest)


def is_affected(affected: Mapping[str, Any], version: str) -> bool:
    """Whether a version is listed, or lies in a range that begins at one and ends before another
    (`fixed`) or with it (`last_affected`). What cannot be read as a version is taken for affected:
    somebody is to look."""
    if version in affected.get("versions", ()):
        return True
    ranges = [one for one in affected.get("ranges", ()) if one.get("type") == "ECOSYSTEM"]
    try:
        return any(_is_within(one["events"], Version(version)) for one in ranges)
    except InvalidVersion:
        return True


def _is_within(events: list[Mapping[str, str]], version: Version) -> bool:
    """Events are in order: each that begins is followed by the one that ends it, if any does."""
    told = [next(iter(one.items())) for one in events]
    for (kind, begins), (end, at) in pairwise([*told, ("", "")]):
        if kind != "introduced":
            continue
        if begins != "0" and version < Version(begins):
            continue
        if end == "fixed" and version >= Version(at):
            continue
        if end == "last_affected" and version > Version(at):
            continue
        return True
    return False


def _each(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".yaml", ".yml", ".json"):
            # Words alone: 4.10 is a version, no number.
            said = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
            if isinstance(said, dict) and "affected" in said:
                yield said
