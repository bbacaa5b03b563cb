"""The documents say what is so: links lead somewhere, commands, settings and events exist."""

import argparse
import ast
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from ccm import cli, environment
from ccm.access import ROLES
from ccm.imports import formats
from ccm.live import events
from ccm.live.shapes.mapped import Mapped
from ccm.live.stream import PREFIX
from kpis.definitions import parse
from kpis.walls.kinds import KINDS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = ROOT / "README.md"
LIVE = ROOT / "docs" / "live.md"

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"CCM_[A-Z_]+|DATABASE_URL|REDIS_URL|FORWARDED_ALLOW_IPS")
DECLARED = "ccm/environment.py"
# What the tests read, and what compose alone knows. Neither is read by the program.
FOR_TESTS = {"CCM_SAMPLE_DATA", "CCM_REQUIRE_BROWSER", "CCM_EXAMPLES_TIMES"}
FOR_COMPOSE = {
    "CCM_DATABASE_PASSWORD", "CCM_APP_PASSWORD", "CCM_WORKER_PASSWORD", "CCM_DATABASE",
    "CCM_OWNER_ROLE",
}  # fmt: skip


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """A document without its blocks of code."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    return "\n".join(line for line in text.splitlines() if not line.startswith("    "))


def code(text: str) -> Iterator[str]:
    """The lines of a document's blocks of code, continued ones joined, and its spans of code."""
    fenced = "\n".join(re.findall(r"^```\w*\n(.*?)^```$", text, flags=re.M | re.S))
    indented = "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))
    yield from re.sub(r"\\\n\s*", " ", f"{fenced}\n{indented}").splitlines()
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(text)))


def anchors(text: str) -> set[str]:
    """What `#...` may point to in a document, as code hosts make it from headings."""
    headings = re.findall(r"^#+ (.+)$", prose(text), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in headings}


def rows(text: str, header: str) -> dict[str, list[str]]:
    """The rows of the table whose header begins so, by the name in their first cell."""
    _, found, rest = text.partition(f"| {header} |")
    assert found, header
    table = []
    for line in rest.split("\n")[2:]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split(" |")])
    return {first.strip("` "): cells for first, *cells in table}


def names_in(folder: str) -> set[str]:
    """Settings that Python code under a folder names as a whole string, as it does to read one;
    but where they are declared."""
    return {
        node.value
        for path in (ROOT / folder).rglob("*.py")
        if name_of(path) != DECLARED
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if SETTING.fullmatch(node.value)
    }


def test_the_documents_are_there():
    wanted = {
        "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md",
        "docs/api.md", "docs/face.md", "docs/importing.md", "docs/live.md", "docs/metrics.md",
        "docs/operating.md",
    }  # fmt: skip
    assert wanted <= {name_of(path) for path in DOCUMENTS}
    assert (ROOT / "LICENSE").exists()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_link_between_documents_leads_somewhere(path: Path):
    for link in LINK.findall(prose(text_of(path))):
        if "://" in link:
            continue
        where, _, anchor = unquote(link).partition("#")
        target = (path.parent / where).resolve() if where else path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(text_of(target)), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_file_that_is_named_exists(path: Path):
    """A path in a code span, as `kpis/rollups.py`; one with a placeholder is none."""
    folders = "ccm|kpis|scheduling|qa|coaching|templates|static|tests|docs|deploy|benchmarks|\\.ci"
    for span in re.findall(r"`([^`\s]+)`", prose(text_of(path))):
        if re.fullmatch(rf"(?:{folders})/[\w./-]+", span):
            assert (ROOT / span).exists() or (ROOT / "templates" / span).exists(), span


def test_every_setting_that_is_read_is_declared_and_no_other():
    """When this fails: a `Setting` in ccm/environment.py, then `python manage.py settings_doc`."""
    apps = ("ccm", "kpis", "scheduling", "qa", "coaching")
    assert set(environment.BY_NAME) == {name for app in apps for name in names_in(app)}


def test_the_readme_has_the_table_of_the_settings_as_they_are_declared():
    """When this fails: `python manage.py settings_doc`, and read what changed."""
    assert environment.table() in text_of(README)
    assert text_of(README).count("| name | default | meaning |") == 1


def test_the_example_of_an_env_file_names_settings_that_are_declared_and_what_compose_alone_knows():
    told = set(re.findall(r"^(?:# )?([A-Z_]+)=", text_of(ROOT / "deploy/env.example"), flags=re.M))
    compose = text_of(ROOT / "docker-compose.yml")
    # What compose takes from the file.
    taken = set(re.findall(r"\$\{([A-Z_]+)[:?}-]", compose))
    assert told <= taken
    for_servers = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    assert taken - FOR_COMPOSE - for_servers <= set(environment.BY_NAME)


def test_contributors_are_told_what_the_tests_read():
    told = set(rows(text_of(ROOT / "CONTRIBUTING.md"), "name | meaning for the tests"))
    assert told == FOR_TESTS | {"CHROMIUM"}
    assert names_in("tests") - names_in("ccm") - FOR_COMPOSE == FOR_TESTS


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_no_document_names_a_setting_that_does_not_exist(path: Path):
    known = names_in("ccm") | FOR_TESTS
    assert set(re.findall(r"\bCCM_[A-Z_]+\b", text_of(path))) - known == set()


@pytest.fixture(scope="module")
def options() -> dict[str, set[str]]:
    """The options of each `callcenter` command."""
    parser = cli._parser()
    (commands,) = (one.choices for one in parser._actions if isinstance(one.choices, dict))
    found = {name: set(one._option_string_actions) for name, one in commands.items()}
    for name, (command, _words) in cli.COMMANDS.items():
        owner = cli._load(command).create_parser(cli.PROG, name)
        # A command may have parts with options of their own.
        parts = [one for one in owner._actions if isinstance(one, argparse._SubParsersAction)]
        every = [owner, *(part for one in parts for part in one.choices.values())]
        found[name] = {option for one in every for option in one._option_string_actions}
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_that_is_named_exists_with_its_options(path: Path, options):
    """`callcenter NAME --option`, `python manage.py NAME`, `make NAME`."""
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), flags=re.M))
    managed = set(get_commands())
    planned = {"verify"} if path.name == "ARCHITECTURE.md" else set()  # named as still to come
    for line in code(text_of(path)):
        for name, rest in re.findall(r"(?:^|[\s/&'])callcenter ([a-z]+)([^|&<'`]*)", line):
            assert name in options or name in planned, line
            used = set(re.findall(r"(?<!\S)--[a-z][a-z-]*", rest))
            assert used <= options.get(name, set()), line
            for kpi in re.findall(r"--kpi (\S+)", rest):
                parse(kpi)
        for name in re.findall(r"manage\.py ([a-z_]+)", line):
            assert name in managed, line
        for name in re.findall(r"^make ([a-z]+)", line):
            assert name in targets, line


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_address_that_is_named_is_one(path: Path):
    for address in re.findall(r"(?<![\w.])/(?:api|boards|healthz)[\w/<>-]*", text_of(path)):
        made = address.replace("<id>", "00000000-0000-7000-8000-000000000000")
        if made == "/api/v1/":
            continue  # what all addresses of the API begin with
        try:
            resolve(made)
        except Resolver404:
            pytest.fail(address)


def test_the_readme_tells_every_log_format():
    told = rows(text_of(README), "`--format` | is | its times | its queue")
    assert set(told) == set(formats.FORMATS)
    headings = re.findall(r"^## `(\w+)`$", text_of(ROOT / "docs" / "importing.md"), flags=re.M)
    assert set(headings) == set(formats.FORMATS)


def test_every_role_is_told():
    assert set(rows(text_of(ROOT / "SECURITY.md"), "role | sites | agents | calls")) == set(ROLES)


def test_the_events_are_told_as_they_are_taken():
    text = text_of(LIVE)
    kinds = rows(text, "kind | must say | means")
    assert set(kinds) == set(events.KINDS)
    for kind, (needed, _means) in kinds.items():
        assert tuple(re.findall(r"`(\w+)`", needed)) == events.NEEDS[kind], kind
    members = rows(text, "member | is")
    assert set(members) == {*events.TEXTS, "at", "resolved", "survey"}
    for name, rule in events.TEXTS.items():
        if rule.choices and name not in ("kind", "state"):
            told = re.findall(r"`(\w+)`", members[name][0])
            assert tuple(told) == rule.choices, name
    assert f"{PREFIX}york" in text
    assert all(f"`{kind}`" in text for kind in KINDS)


def test_the_example_events_are_taken():
    now = datetime(2026, 5, 4, tzinfo=UTC) + timedelta(days=1)
    blocks = re.findall(r"^```json\n(.*?)^```$", text_of(LIVE), flags=re.M | re.S)
    told = [json.loads(block) for block in blocks]
    examples: list[Any] = [event for one in told if isinstance(one, list) for event in one]
    assert examples
    shapes = [Mapped.from_json(one) for one in told if isinstance(one, dict)]
    assert len(shapes) == 1
    for example in examples:
        assert isinstance(events.read(example, now), events.Event), example


def test_the_example_programs_can_be_read():
    for path in DOCUMENTS:
        for block in re.findall(r"^```python\n(.*?)^```$", text_of(path), flags=re.M | re.S):
            ast.parse(block)


def project_files() -> list[Path]:
    asked = ["git", "ls-files", "-z"]
    try:
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout, so nothing tells which files are the project's")
    paths = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_names_the_machine_it_was_made_on_or_a_package_index():
    # In parts, or this file would be the first to be found.
    strange = re.compile(
        "|".join(
            [
                "/wo" r"rk/", r"/\.libr" "ary", "/tm" "p/h/", "/ho" r"me/\w+/",
                r"(?<![\w-])--(?:extra-)?ind" "ex-url", "pythonhos" "ted", r"registry\.np" "mjs",
                r"pypi\.o" "rg/simple", r"proxy\.gol" "ang", "_IND" "EX_URL",
            ]
        ).encode()
    )  # fmt: skip
    for path in project_files():
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue  # a picture, a font
        found = strange.search(content)
        assert found is None, f"{name_of(path)}: {content[found.start() - 40 : found.end() + 40]!r}"
