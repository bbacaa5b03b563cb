"""docker-compose.yml, read as text where no Docker engine runs."""

import re
from pathlib import Path

import pytest
import yaml

from ccm import cli, lanes

ROOT = Path(__file__).resolve().parents[2]
WORKERS = ("worker", "long")
APP = {"web", "live", "beat", *WORKERS}
SECRETS = {"POSTGRES_PASSWORD", "CCM_DATABASE_PASSWORD", "REDIS_PASSWORD", "CCM_SECRET_KEY"} | {
    "CCM_CALLER_KEY"
}


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def services(text: str) -> dict[str, dict]:
    return yaml.safe_load(text)["services"]


def test_every_part_is_there(services):
    assert set(services) == APP | {"postgres", "redis"}
    assert services["postgres"]["image"] == "postgres:18"


def test_only_the_page_is_published_and_only_here(services):
    published = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_each_waits_for_what_it_needs(services):
    waits = {name: set(one.get("depends_on", ())) for name, one in services.items()}
    assert waits == {
        "postgres": set(),
        "redis": set(),
        "web": {"postgres", "redis"},
        "live": {"web"},
        "worker": {"web"},
        "long": {"web"},
        "beat": {"web"},
    }
    for one in services.values():
        for needed, how in one.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "test" in services[needed]["healthcheck"]


def test_its_two_workers_do_all_work_and_are_asked_by_their_names_whether_they_are_well(services):
    asked = {name: cli._parser().parse_args(services[name]["command"][1:]) for name in WORKERS}
    taken = [queue for one in asked.values() for queue in one.queues]
    assert sorted(taken) == sorted(lanes.ALL)
    assert (asked["long"].queues, asked["long"].concurrency) == (("long",), 1)
    for name, one in asked.items():
        node = lanes.node(one.queues).replace("%h", "$$HOSTNAME")
        assert services[name]["healthcheck"]["test"][1].endswith(f'-d "{node}"')


def test_the_app_is_told_only_what_it_reads(services):
    sources = [ROOT / "ccm" / "settings.py", ROOT / "ccm" / "cli.py"]
    read = {
        name
        for source in sources
        for name in re.findall(r'"((?:CCM_|DATABASE_|REDIS_)[A-Z_]+)"', source.read_text())
    }
    told = {name for part in APP for name in services[part]["environment"]}
    assert told - read == set()
    assert {"DATABASE_URL", "REDIS_URL", "CCM_SECRET_KEY"} <= told


def test_no_secret_has_a_default(text):
    """Each is asked for with a word; compose refuses to start without it."""
    uses = re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", text)
    assert {name for name, _ in uses} >= SECRETS
    for name, rest in uses:
        if name in SECRETS:
            assert rest == ":?set it in .env", name
    written = (ROOT / "deploy" / "env.example").read_text()
    assert set(re.findall(r"^(\w+)=$", written, re.M)) == SECRETS


def test_the_app_runs_without_rights(services):
    for part in APP:
        one = services[part]
        assert one["cap_drop"] == ["ALL"]
        assert one["read_only"] is True
        assert (ROOT / one["build"]["dockerfile"]).exists()
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    assert lines[1] == "FROM python:3.11-slim"
    assert "USER ccm" in lines
    assert any("pip install --require-hashes -r requirements.lock" in line for line in lines)


def test_the_database_role_of_the_app_is_no_superuser(services):
    script = (ROOT / "deploy" / "postgres" / "10-application.sh").read_text()
    assert "CREATE ROLE ccm LOGIN NOSUPERUSER" in script
    assert services["postgres"]["environment"]["POSTGRES_USER"] == "postgres"
    assert services["web"]["environment"]["DATABASE_URL"].startswith("postgres://ccm:")
