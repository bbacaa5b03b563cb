"""Addresses that people type lead nowhere inside: what is told is told at the socket."""

import ast
import socket
import ssl
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from ccm.outgoing import webhooks

PUBLIC = "93.184.216.34"
DAY = timedelta(days=1)
# What a server of names answers, in turn where it changes its mind.
NAMES = {
    "inside.example": [["10.0.0.7"]],
    "loop.example": [["127.0.0.1"]],
    "mixed.example": [[PUBLIC, "192.168.1.1"]],
    "mixed6.example": [["2606:2800:220:1::1", "fd00::1"]],
    "alias.example": [["169.254.169.254"]],  # a CNAME is followed before anybody is told
    "mapped.example": [["::ffff:10.0.0.1"]],
    "zero.example": [["0.0.0.0"]],
    "turns.example": [["127.0.0.1"], [PUBLIC]],
    "nothing.example": [[]],
    "metadata.google.internal": [["169.254.169.254"]],
    "kubernetes.default.svc": [["10.96.0.1"]],
    "postgres": [["172.18.0.2"]],
    "redis": [["172.18.0.3"]],
    "ip6-localhost": [["::1"]],
    "localhost.localdomain": [["127.0.0.1"]],
    "127.0.0.1.nip.example": [["127.0.0.1"]],
    "rebound.example": [[PUBLIC], ["127.0.0.1"]],
    "public.example": [[PUBLIC]],
}
REFUSED = [
    # Loopback, however it is written.
    "https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://2130706433/",
    "https://017700000001/", "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://0x7f000001/",
    "https://0x7F.1/", "https://127.0.0.1:8000/", "https://127.0.0.1./", "https://127.255.255.254/",
    "https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://a.localhost/",
    "https://localhost.localdomain/", "https://ip6-localhost/", "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/", "https://127．0．0．1/", "https://ｌｏｃａｌｈｏｓｔ/", "https://loc%61lhost/",
    "https://127.0.0.1.nip.example/",
    # Nothing, everybody, and nets that are nobody's.
    "https://0/", "https://0.0.0.0/", "https://0.1.2.3/", "https://255.255.255.255/",
    "https://240.0.0.1/", "https://224.0.0.1/", "https://192.0.2.1/", "https://198.18.0.1/",
    "https://192.0.0.8/", "https://[::]/", "https://[ff02::1]/", "https://[2001:db8::1]/",
    # The own network, and clouds' own.
    "https://10.0.0.1/", "https://10.1/", "https://167772161/", "https://172.16.0.1/",
    "https://172.31.255.255/", "https://192.168.0.1/", "https://3232235521/",
    "https://0300.0250.0.1/", "https://100.64.0.1/", "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/", "https://2852039166/", "https://0251.0376.0251.0376/",
    "https://100.100.100.200/", "https://metadata.google.internal/", "https://[fd00:ec2::254]/",
    "https://kubernetes.default.svc/", "https://postgres:5432/", "https://redis:6379/",
    # IPv6, and what stands for IPv4 in it.
    "https://[::1]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/", "https://[::ffff:0:127.0.0.1]/", "https://[::127.0.0.1]/",
    "https://[::10.0.0.1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/", "https://[fec0::1]/", "https://[fc00::1]/", "https://[fd12:3456::1]/",
    "https://[2002:7f00:1::]/", "https://[2002:a00:1::1]/", "https://[2002:c0a8:101::]/",
    "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[64:ff9b:1::7f00:1]/",
    "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    # Names that lead there.
    "https://inside.example/", "https://loop.example/", "https://mixed.example/",
    "https://mixed6.example/", "https://alias.example/", "https://mapped.example/",
    "https://zero.example/", "https://turns.example/", "https://nothing.example/",
    # Whom it is said to be told as, by what, and where.
    "https://public.example@127.0.0.1/", "https://user:pass@public.example/",
    "https://public.example:0/", "https://public.example:99999/", "https://public.example:x/",
    "http://public.example/", "HTTP://127.0.0.1/", "//public.example/", "public.example",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://public.example/",
    "dict://127.0.0.1:11211/", "unix:/run/postgres", "jar:https://public.example!/",
    "javascript:alert(1)", "data:text/plain,x", "https:", "https:///", "https://", "",
    "https://[::1", "https://]/", "https://public.example\\@127.0.0.1/", "https://#@127.0.0.1/",
    "https://?@127.0.0.1/", "https://\t127.0.0.1/", "https://127.0.0.1\n.public.example/",
    "https://" + "a." * 200 + "example/", "https://\ud800.example/", "https://.../",
]  # fmt: skip


@pytest.fixture
def connects(monkeypatch):
    """Where sockets were connected to, none of which was."""
    made, asked = [], {}
    real = socket.getaddrinfo

    def looked_up(host, port, *rest, **more):
        flags = more.get("flags", 0)
        if host in NAMES and not flags & socket.AI_NUMERICHOST:
            turns = NAMES[host]
            turn = asked[host] = asked.get(host, -1) + 1
            every = turns[min(turn, len(turns) - 1)]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in every]
        # What is a number, however it is written, is one; other names no server knows.
        more["flags"] = flags | socket.AI_NUMERICHOST
        return real(host, port, *rest, **more)

    def connect(_self, address):
        made.append(address[0])
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    return made


@pytest.mark.parametrize("url", REFUSED)
def test_nothing_is_connected_to(connects, url):
    with pytest.raises(webhooks.Refused):
        webhooks.post(url, {}, ("secret",), "key", timezone.now())
    assert connects == []


def test_there_are_sixty_of_them_and_more():
    assert len(set(REFUSED)) == len(REFUSED) > 100


def test_a_public_address_is_connected_to_once_as_it_was_looked_up(connects):
    """The name leads inside when it is asked for again."""
    for url in ("https://public.example/", "https://rebound.example/"):
        with pytest.raises(webhooks.Refused, match="not reached"):
            webhooks.post(url, {}, ("secret",), "key", timezone.now())
    assert connects == [PUBLIC, PUBLIC]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_leads_on_is_not_followed(monkeypatch, connects, settings, status):
    """The first answer says to ask 127.0.0.1; nobody does."""
    ours, theirs = socket.socketpair()
    theirs.sendall(
        b"HTTP/1.1 %d Moved\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n" % status
    )
    monkeypatch.setattr(socket, "create_connection", lambda *_where: ours)
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", lambda _context, reached, **_said: reached)
    with theirs, pytest.raises(webhooks.Refused, match=str(status)):
        webhooks.post("https://public.example/", {}, ("secret",), "key", timezone.now())
    assert connects == []


@pytest.fixture
def self_signed(tmp_path):
    """A server on this machine whose certificate nobody signed: its port, and the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = timezone.now()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(today - DAY).not_valid_after(today + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    shown, hidden = tmp_path / "shown.pem", tmp_path / "hidden.pem"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    hidden.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, hidden)
    told: list[bytes] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            pass

    class Quiet(HTTPServer):
        def handle_error(self, *_said: object) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Takes)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, shown, told
    server.shutdown()
    server.server_close()


def test_a_certificate_that_nobody_signed_or_of_another_name_is_refused(
    self_signed, settings, monkeypatch
):
    port, certificate, told = self_signed
    settings.WEBHOOK_HOSTS = ["localhost", "127.0.0.1"]
    with pytest.raises(webhooks.Refused, match="CERTIFICATE_VERIFY_FAILED"):
        webhooks.post(f"https://localhost:{port}/", {}, "secret", "key", timezone.now())
    assert told == []
    # Whom the machine trusts it believes, under the name in it and no other.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(webhooks.Refused, match="CERTIFICATE_VERIFY_FAILED"):
        webhooks.post(f"https://127.0.0.1:{port}/", {}, "secret", "key", timezone.now())
    assert told == []
    webhooks.post(f"https://localhost:{port}/", {}, "secret", "key", timezone.now())
    assert told == [b"{}"]


# Modules that connect to what the program itself runs, or to what whoever runs it has named.
CONNECTING = {
    "ccm/outgoing/webhooks.py",  # the one that follows what people type: above
    "ccm/serve.py",  # listens
    "ccm/up.py",  # asks the web process that it started whether it is well
    "ccm/demo/simulate.py",  # posts to the web process beside it
    "ccm/views/entry.py",  # hears that the directory, which allauth asks, did not answer
    "ccm/watching/alive.py",  # what this machine is called
}
ASKING = {"socket", "http.client", "urllib.request", "requests", "httpx", "aiohttp", "ftplib"}


def test_no_other_module_follows_an_address():
    """One that comes to connect somewhere is added here, when it is known by whose word."""
    root = Path(__file__).parents[2]
    found = {}
    for folder in ("ccm", "kpis", "scheduling", "qa", "coaching"):
        for file in (root / folder).rglob("*.py"):
            asked = set()
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    asked |= {one.name for one in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    asked |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
            if asked & ASKING:
                found[str(file.relative_to(root))] = asked & ASKING
    assert set(found) == CONNECTING
