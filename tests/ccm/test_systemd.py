"""deploy/systemd and deploy/proxy: what they run, what they may, what they do not tell."""

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from ccm import cli, unlogged
from ccm.watching import masked

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
PROXY = ROOT / "deploy" / "proxy"
SERVICES = sorted(UNITS.glob("*.service"))
PROGRAM = "/opt/callcenter/.venv/bin/callcenter"
LOCKED = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes", "CapabilityBoundingSet": "", "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes", "LockPersonality": "yes", "UMask": "0077", "User": "ccm",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "ProtectProc": "invisible",
}  # fmt: skip


def said(path: Path) -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in path.read_text().splitlines():
        key, is_one, value = line.partition("=")
        if is_one and not line.startswith("#"):
            found[key].append(value)
    return found


def name_of(path: Path) -> str:
    return path.stem.removeprefix("callcenter-")


def test_they_run_what_compose_runs():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for path in SERVICES:
        name, [command] = name_of(path), said(path)["ExecStart"]
        program, *words = command.split()
        assert program == PROGRAM
        if name == "backup":
            assert words == ["backup", "--sealed", "/srv/callcenter-backups"]
            continue
        parsed = vars(cli._parser().parse_args(words[:1] if words == ["migrate"] else words))
        asked = services[name]["command"][1:]
        there = vars(cli._parser().parse_args(asked))
        if name == "web":  # a proxy on the same machine is in front
            assert parsed.pop("host") == "127.0.0.1"
            del there["host"]  # by CCM_HOST
        assert parsed == there, name
    running = {"web", "live", "worker", "long", "beat"}
    assert {name_of(path) for path in SERVICES} == running | {"migrate", "backup"}
    [wants] = said(UNITS / "callcenter.target")["Wants"]
    assert set(wants.split()) == {f"callcenter-{name}.service" for name in running}


@pytest.mark.parametrize("path", SERVICES, ids=name_of)
def test_each_is_locked_in(path):
    there = said(path)
    assert {key: there[key] for key in LOCKED} == {key: [value] for key, value in LOCKED.items()}
    assert there["SystemCallFilter"] == ["@system-service", "~@privileged"]
    # Niceness is asked for, and may be refused; it must not end the process.
    assert there["SystemCallErrorNumber"] == ["EPERM"]
    assert there["MemoryMax"]


def test_no_secret_stands_in_a_unit_and_only_who_must_is_the_owner():
    files = {name_of(path): said(path)["EnvironmentFile"] for path in SERVICES}
    for path in SERVICES:
        assert not re.search(r"Environment=(?!NUMBA_CACHE_DIR)", path.read_text())
    settings = "/etc/callcenter/settings"
    app, worker = [settings, "/etc/callcenter/app"], [settings, "/etc/callcenter/worker"]
    owner = [settings, "/etc/callcenter/owner"]
    assert files == {
        "web": app, "live": app, "beat": app, "worker": worker, "long": worker,
        "migrate": owner, "backup": [*owner, "-/etc/callcenter/backup"],
    }  # fmt: skip


def test_systemd_finds_nothing_wrong(tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("there is no systemd-analyze here")
    for path in UNITS.iterdir():
        # The program is elsewhere; everything else is as it is.
        text = path.read_text().replace(PROGRAM, "/bin/true")
        (tmp_path / path.name).write_text(text)
    found = subprocess.run(
        [program, "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, text=True, env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    ours = [line for line in found.stderr.splitlines() if "callcenter" in line]
    assert ours == []


SECRET = {"/kiosk/", "/s/", "/accounts/password/"}


def test_proxies_log_no_address_that_is_a_secret_or_nobodys():
    """Those that the program leaves out of its own log, and those whose words are a key."""
    places = {place for place in unlogged._places if not place.startswith("/api/")}
    assert {"/coaching/suggestions/", "/coaching/pulse/"} <= places
    assert {place for place in masked.places() if not place.startswith((*SECRET,))} == set()
    nginx = (PROXY / "nginx.conf").read_text()
    off = set(
        re.findall(r"location (\S+) \{ access_log off; proxy_pass http://callcenter; \}", nginx)
    )
    assert off == places | SECRET
    [skipped] = re.findall(r"@unlogged path (.+)", (PROXY / "Caddyfile").read_text())
    assert {one.removesuffix("*") for one in skipped.split()} == places | SECRET
    assert "$request " not in nginx  # which has the query string
    assert "$args" not in nginx


def test_pages_alone_are_led_from_http_to_https():
    """A program is refused, so that whoever set it up hears that its token went in clear."""
    nginx, caddy = (PROXY / "nginx.conf").read_text(), (PROXY / "Caddyfile").read_text()
    plain = nginx.partition("listen 443")[0]
    [refused] = re.findall(r"location ~ (\S+) \{ return 403; \}", plain)
    for path, is_refused in (
        ("/api/v1/events/", True), ("/api", True), ("/live/hall", True), ("/metrics", True),
        ("/", False), ("/accounts/login/", False), ("/apis/", False),
    ):  # fmt: skip
        assert bool(re.search(refused, path)) is is_refused, path
    assert "return 301" not in plain.replace("location / { return 301", "")
    [block] = re.findall(r"^http://calls\.example\.org \{(.*?)^\}", caddy, re.M | re.S)
    refuses = ["@programs", "path", "/api/*", "/live/*", "/metrics", "/readyz", "respond"]
    assert block.split()[: len(refuses) + 2] == [*refuses, "@programs", "403"]


def test_who_only_looks_at_the_sign_in_is_not_counted():
    """A centre behind one address has a whole shift sign in within minutes."""
    nginx = (PROXY / "nginx.conf").read_text()
    [[methods, counted]] = re.findall(r"map \$request_method (?:\$(\w+)) \{([^}]+)\}", nginx)
    keys = dict(re.findall(r"(\w+) (\S+);", counted))
    assert keys == {"default": '""', "POST": "$binary_remote_addr"}  # an empty key is not counted
    assert f"limit_req_zone ${methods} zone=callcenter_entry:10m rate=100r/m;" in nginx


def test_proxies_believe_nothing_that_clients_say_of_themselves_and_keep_no_stream_back():
    nginx, caddy = (PROXY / "nginx.conf").read_text(), (PROXY / "Caddyfile").read_text()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert "$proxy_add_x_forwarded_for" not in nginx
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in nginx
    assert re.search(r"location /live/ \{[^}]*proxy_buffering off;", nginx)
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "flush_interval -1" in caddy
    # A location that sets a header of its own loses all that are set above it.
    for block in re.findall(r"location [^{]+\{[^}]*\}", nginx):
        assert "proxy_set_header" not in block
