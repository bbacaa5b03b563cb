"""docker-compose.yml, read as text where no Docker engine runs."""

import http.client
import re
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml

from ccm import cli, environment, lanes

ROOT = Path(__file__).resolve().parents[2]
WORKERS = ("worker", "long")
RUNNING = {"web", "live", "beat", *WORKERS}
APP = {"migrate", *RUNNING}
SECRETS = {
    "POSTGRES_PASSWORD", "CCM_DATABASE_PASSWORD", "CCM_APP_PASSWORD", "CCM_WORKER_PASSWORD",
    "REDIS_PASSWORD", "CCM_SECRET_KEY", "CCM_CALLER_KEY",
}  # fmt: skip
# Without one of these it starts, and the doctor says what that means.
KEYS = {"CCM_ADDRESS_KEYS", "CCM_FACTOR_KEYS", "CCM_BACKUP_KEY", "CCM_AUDIT_KEY"}


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
    servers = {"postgres", "redis"}
    assert waits == {
        "postgres": set(),
        "redis": set(),
        "migrate": servers,
        **{name: {*servers, "migrate"} for name in RUNNING},
    }
    for one in services.values():
        for needed, how in one.get("depends_on", {}).items():
            if needed == "migrate":
                assert how == {"condition": "service_completed_successfully"}
            else:
                assert how == {"condition": "service_healthy"}
                assert "test" in services[needed]["healthcheck"]
    assert services["migrate"]["command"] == ["callcenter", "migrate"]
    assert services["migrate"]["restart"] == "no"


def test_its_two_workers_do_all_work(services):
    asked = {name: cli._parser().parse_args(services[name]["command"][1:]) for name in WORKERS}
    taken = [queue for one in asked.values() for queue in one.queues]
    assert sorted(taken) == sorted(lanes.ALL)
    assert (asked["long"].queues, asked["long"].concurrency) == (("long",), 1)


def test_each_process_is_asked_for_the_signs_of_life_that_it_gives(services):
    for name in RUNNING - {"web"}:
        test = services[name]["healthcheck"]["test"]
        assert test[:3] == ["CMD", "callcenter", "alive"], name
        cli._parser().parse_args(test[2:])
        words = cli._parser().parse_args(services[name]["command"][1:])
        given = {"live": ["live", "walls"], "beat": ["beat"]}.get(name)
        assert test[3:] == (given or [",".join(words.queues)]), name


def test_the_app_is_told_only_what_it_reads(services):
    read = set(environment.BY_NAME)
    told = {name for part in APP for name in services[part]["environment"]}
    assert told - read == set()
    assert {"DATABASE_URL", "REDIS_URL", "CCM_SECRET_KEY"} <= told


def test_mail_and_webhooks_find_their_way_out(services):
    """Whoever sends, or asks the directory, is on a network that leads somewhere."""
    networks = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["networks"]
    assert networks["inside"]["internal"] is True
    assert "internal" not in networks["outside"]
    there = {name for name, one in services.items() if "outside" in one["networks"]}
    assert there == {"web", *WORKERS}
    for name in APP:
        assert {
            "CCM_MAIL_URL", "CCM_MAIL_FROM", "CCM_ADDRESS", "CCM_WEBHOOK_HOSTS",
            "CCM_WEBHOOKS_ONLY_TO",
        } <= set(services[name]["environment"]), name  # fmt: skip


def test_a_proxy_on_this_machine_is_believed_and_nobody_else_of_its_network(services):
    """Who comes to the published port comes from the gateway."""
    networks = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["networks"]
    [said] = networks["outside"]["ipam"]["config"]
    default = re.search(r":-(.*)}", services["web"]["environment"]["FORWARDED_ALLOW_IPS"])[1]
    assert default.split(",") == ["127.0.0.1", said["gateway"]]
    assert ip_address(said["gateway"]) in ip_network(said["subnet"])
    assert all(port.startswith("127.0.0.1:") for port in services["web"]["ports"])


def test_parts_of_uploads_lie_on_the_disk_and_what_lies_in_memory_is_less_than_there_is(services):
    web = services["web"]
    assert (web["tmpfs"], web["volumes"]) == ([], ["uploads:/tmp"])
    for name in APP - {"web"}:
        [said] = services[name]["tmpfs"]
        assert said.startswith("/tmp:")
        assert said.endswith("size=512m")
        assert services[name]["mem_limit"] == "2g"


@pytest.mark.parametrize(
    ("hosts", "asked"),
    [
        ("localhost,127.0.0.1", "localhost"), ("calls.example.org", "calls.example.org"),
        (".example.org,localhost", "example.org"), ("*", "localhost"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("status", "code"), [(200, 0), (400, 1), (503, 1)])
def test_the_web_is_asked_by_a_name_that_is_served(
    services, monkeypatch, hosts, asked, status, code
):
    said = []

    class Connection:
        def __init__(self, *there, timeout):
            said.append((there, timeout))

        def request(self, *what, headers):
            said.append((what, headers))

        def getresponse(self):
            return type("Answer", (), {"status": status})

    monkeypatch.setattr(http.client, "HTTPConnection", Connection)
    monkeypatch.setenv("CCM_ALLOWED_HOSTS", hosts)
    with pytest.raises(SystemExit) as end:
        exec(services["web"]["healthcheck"]["test"][-1], {})
    assert int(end.value.code) == code
    assert said == [(("127.0.0.1", 8000), 3), (("GET", "/healthz"), {"Host": asked})]


def test_no_secret_has_a_default(text):
    """Each is asked for with a word; compose refuses to start without it."""
    uses = re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", text)
    assert {name for name, _ in uses} >= SECRETS
    for name, rest in uses:
        if name in SECRETS:
            assert rest == ":?set it in .env", name
    written = (ROOT / "deploy" / "env.example").read_text()
    assert set(re.findall(r"^(\w+)=$", written, re.M)) == SECRETS | KEYS


def test_every_container_runs_without_rights_on_a_file_system_that_is_only_read(services):
    for name, one in services.items():
        assert one["cap_drop"] == ["ALL"], name
        assert one["read_only"] is True, name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["mem_limit"], name
        assert one["pids_limit"] > 0, name
        assert "privileged" not in one, name
    given = {name: one["cap_add"] for name, one in services.items() if "cap_add" in one}
    # As its image needs: it begins as root, gives the volume to its own user and becomes that.
    assert given == {"postgres": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]}
    for part in APP:
        assert (ROOT / services[part]["build"]["dockerfile"]).exists()
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    assert lines[1] == "FROM python:3.11-slim"
    assert "USER ccm" in lines
    assert any("pip install --require-hashes -r requirements.lock" in line for line in lines)


def test_only_migrate_signs_in_as_the_owner(services):
    script = (ROOT / "deploy" / "postgres" / "10-application.sh").read_text()
    assert services["postgres"]["environment"]["POSTGRES_USER"] == "postgres"
    signs_in = {
        name: services[name]["environment"]["DATABASE_URL"].split("//")[1].split(":")[0]
        for name in APP
    }
    assert signs_in == {
        "migrate": "ccm", "web": "ccm_app", "live": "ccm_app", "beat": "ccm_app",
        "worker": "ccm_worker", "long": "ccm_worker",
    }  # fmt: skip
    for role in set(signs_in.values()):
        assert f":-{role}}}" in script  # made by that name
    told = services["migrate"]["environment"]
    assert (told["CCM_APP_ROLE"], told["CCM_WORKER_ROLE"]) == ("ccm_app", "ccm_worker")
    for name in RUNNING:
        words = repr(services[name]["environment"])
        assert "CCM_DATABASE_PASSWORD" not in words, name
        assert "CCM_BACKUP_KEY" not in words, name
