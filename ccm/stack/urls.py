"""Addresses of the servers, as each library wants to read them. Pure."""

from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit


def database_url(sockets: Path, user: str, password: str, database: str) -> str:
    """A PostgreSQL address over a unix socket, as libpq and django-environ both read it."""
    return f"postgres://{quote(user)}:{quote(password, safe='')}@/{quote(database)}?" + urlencode(
        {"host": str(sockets)}, quote_via=quote, safe="/"
    )


def redis_url(socket: Path, password: str) -> str:
    """A Redis address over a unix socket, as redis-py reads it."""
    return f"unix://:{quote(password, safe='')}@{quote(str(socket))}?db=0"


def celery_broker_url(url: str) -> str:
    """The same server as Celery (kombu) wants it named.

    `redis://` stays. `rediss://` gains `ssl_cert_reqs=required` unless it says otherwise: kombu
    would talk plainly over a `rediss://` address without it. `unix://` becomes `redis+socket://`.

    Raises ValueError for any other scheme.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "redis":
        return url
    if parts.scheme == "rediss":
        query.setdefault("ssl_cert_reqs", "required")
        return parts._replace(query=urlencode(query)).geturl()
    if parts.scheme == "unix":
        userinfo = parts.netloc.rpartition("@")[0]
        number = query.get("db", "0")
        # quote(unquote()): redis-py takes a path with or without percent signs, kombu only with.
        path = quote(unquote(parts.path))
        return f"redis+socket://{userinfo and userinfo + '@'}{path}?virtual_host={number}"
    raise ValueError(f"{parts.scheme}: is no Redis address (redis, rediss or unix)")
