"""An OpenID provider on the loopback address, that answers as it is told to.

Written from the specification (OpenID Connect Core 1.0, RFC 7636), apart from what it tries.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "ccm-client", "a secret of the client's own, long enough"


class Provider:
    """`person` are the claims of whoever signs in; `spoil` changes those of an ID token, `userinfo`
    is what it says beside. `key` signs, `published` are the keys that it shows."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.published = [self.key]
        self.person: dict[str, Any] = {"sub": "s-1", "preferred_username": "ada"}
        self.spoil: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.configuration: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.token: Any = None
        """What the token endpoint answers instead; None: what it should."""
        self.asked: dict[str, dict[str, str]] = {}
        self.faults: list[str] = []

    def grant(self, url: str) -> str:
        """Somebody signs in there: where their browser is sent back to."""
        asked = {name: said[0] for name, said in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.asked)}"
        self.asked[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked.get("nonce"), "auth_time": now if "max_age" in asked else None,
            **self.person, **self.spoil,
        }  # fmt: skip
        said = {name: value for name, value in claims.items() if value is not None}
        key: Any = self.key if self.algorithm == "RS256" else SECRET
        if self.algorithm == "none":
            key = None
        return jwt.encode(said, key, self.algorithm, headers={"kid": "k0"})

    def answer(self, path: str, form: dict[str, str]) -> Any:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "userinfo_endpoint": f"{self.address}/userinfo",
                **self.configuration,
            }
        if path == "/keys":
            shown = [
                json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
                | {"kid": f"k{place}", "use": "sig", "alg": "RS256"}
                for place, key in enumerate(self.published)
            ]
            return {"keys": shown}
        if path == "/userinfo":
            return self.userinfo
        if path == "/token":
            return self.token if self.token is not None else self._tokens(form)
        return None

    def _tokens(self, form: dict[str, str]) -> dict[str, Any]:
        asked = self.asked.pop(form["code"])
        made = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(made).rstrip(b"=").decode()
        if asked["code_challenge_method"] != "S256" or asked["code_challenge"] != challenge:
            self.faults.append("PKCE")
        if form["client_id"] != CLIENT or form["client_secret"] != SECRET:
            self.faults.append("client")
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token(asked)}


@contextmanager
def running() -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    server.provider = provider  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/authorize?"):
            self.send_response(302)
            self.send_header("Location", self.server.provider.grant(self.path))  # type: ignore[attr-defined]
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer({name: said[0] for name, said in parse_qs(body).items()})

    def _answer(self, form: dict[str, str]) -> None:
        said = self.server.provider.answer(self.path, form)  # type: ignore[attr-defined]
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(404 if said is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        pass
