"""Every setting that is read from the environment: its default, what it does, where it came from.

Declared once, here. The table of the README is made of it (`manage.py settings_doc`), the page
*Settings* and `callcenter doctor` read it, and a test holds it against what the code reads: so
whoever reads a new name adds a line to `SETTINGS`. What is secret is never shown.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from ccm import stack


class Shown(StrEnum):
    """How much of a value may be seen."""

    WHOLE = "whole"
    SECRET = "secret"  # noqa: S105  whether it is set, and nothing of it
    ADDRESS = "address"  # where it leads, without who signs in there and how


class Source(StrEnum):
    """Where a value came from."""

    ENVIRONMENT = "environment"
    MADE = "made"  # by `callcenter`, for its embedded servers
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """A name in the environment. `default` and `meaning` are words of the README, in Markdown."""

    name: str
    default: str
    meaning: str
    of: str | Callable[[], object] | None = None
    """Where the value that holds is: its name among Django's settings, or what gives it; None: it
    holds as it was said."""
    shown: Shown = Shown.WHOLE
    told: str = ""
    """Where there is more of it: a heading of docs/operating.md, as addresses have it."""


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting as it holds in this process, fit to be seen."""

    setting: Setting
    value: str
    source: Source


SETTINGS = (
    Setting(
        "CCM_DATA_DIR",
        "`.data`",
        "folder of the embedded servers and their secrets",
        stack.data_dir,
    ),
    Setting(
        "DATABASE_URL",
        "embedded",
        "`postgres://user:password@host/name`; 18 or newer",
        shown=Shown.ADDRESS,
    ),
    Setting(
        "REDIS_URL",
        "embedded",
        "`redis://`, `rediss://` or `unix://`",
        shown=Shown.ADDRESS,
    ),
    Setting(
        "CCM_SECRET_KEY",
        "made once",
        "signs sessions and tokens; the same in every process",
        shown=Shown.SECRET,
    ),
    Setting(
        "CCM_CALLER_KEY",
        "the secret key",
        "callers' numbers are kept as a hash under it",
        shown=Shown.SECRET,
    ),
    Setting(
        "CCM_ADDRESS_KEYS",
        "the secret key",
        "callers' mail addresses are enciphered under the first, by commas",
        shown=Shown.SECRET,
        told="keys-of-addresses",
    ),
    Setting(
        "CCM_FACTOR_KEYS",
        "the secret key",
        "secrets of second factors are enciphered under the first, by commas",
        shown=Shown.SECRET,
        told="keys-of-second-factors",
    ),
    Setting(
        "CCM_AUDIT_KEY",
        "none",
        "the audit log is sealed under the first, by commas; for workers and"
        " `callcenter verify --audit`",
        shown=Shown.SECRET,
        told="the-audit-log",
    ),
    Setting(
        "CCM_AUDIT_KEYED_FROM",
        "`1`",
        "the place of the first seal that must be under a key",
        "AUDIT_KEYED_FROM",
        told="the-audit-log",
    ),
    Setting(
        "CCM_BACKUP_KEY",
        "none",
        "seals copies of the record; `callcenter backup` and `restore` alone read it",
        shown=Shown.SECRET,
        told="backup",
    ),
    Setting(
        "CCM_APP_ROLE",
        "none",
        "role of the database for web, live and beat, which owns no table",
        "APP_ROLE",
        told="roles-of-the-database",
    ),
    Setting(
        "CCM_WORKER_ROLE",
        "none",
        "the same, for workers",
        "WORKER_ROLE",
        told="roles-of-the-database",
    ),
    Setting(
        "CCM_MFA_ROLES",
        "none; with Docker `admin,manager`",
        "roles that set up a second factor before anything else, by commas, as `admin,manager`",
        "MFA_ROLES",
    ),
    Setting(
        "CCM_PASSWORD_SIGN_IN",
        "`yes`",
        "whether passwords open anything; `no` where everybody comes by the directory or a passkey",
        "PASSWORD_SIGN_IN",
    ),
    Setting(
        "CCM_HOUSE_WORDS",
        "none",
        "names of the organisation, its products and places, by commas: passwords made of them are"
        " refused, as those made of names of sites are",
        "HOUSE_WORDS",
    ),
    Setting(
        "CCM_OIDC_ISSUER",
        "none",
        "the company's directory, an OpenID provider",
        "OIDC_ISSUER",
    ),
    Setting(
        "CCM_OIDC_CLIENT_ID",
        "none",
        "what this program is called there",
        "OIDC_CLIENT_ID",
    ),
    Setting(
        "CCM_OIDC_CLIENT_SECRET",
        "none",
        "and shows itself by",
        shown=Shown.SECRET,
    ),
    Setting(
        "CCM_OIDC_NAME",
        "`the company's directory`",
        "what people call it, on the button",
        "OIDC_NAME",
    ),
    Setting(
        "CCM_OIDC_GROUPS_CLAIM",
        "`groups`",
        "the claim that names a person's groups",
        "OIDC_GROUPS_CLAIM",
    ),
    Setting(
        "CCM_OIDC_ROLES",
        "none",
        "which roles groups give, as `group=role,group=role`; nobody enters without one",
        "OIDC_ROLES",
    ),
    Setting(
        "CCM_OIDC_SITES",
        "none",
        "which sites groups give, as `group=site-slug`; unset: an admin gives them",
        "OIDC_SITES",
    ),
    Setting(
        "CCM_OIDC_STRENGTH",
        "none",
        "how people have to have signed in there, by commas: `acr` or `amr` of the ID token has one"
        " of these, as `mfa`",
        "OIDC_STRENGTH",
    ),
    Setting(
        "CCM_ALLOWED_HOSTS",
        "`localhost,127.0.0.1,[::1]`",
        "names this server answers to",
        "ALLOWED_HOSTS",
        told="behind-a-proxy",
    ),
    Setting(
        "CCM_HOST",
        "`127.0.0.1`; with Docker `0.0.0.0`",
        "where `callcenter serve` listens, unless `--host` says otherwise",
        "HOST",
    ),
    Setting(
        "CCM_TRUSTED_ORIGINS",
        "none",
        "origins of forms behind a proxy, as `https://calls.example.org`",
        "CSRF_TRUSTED_ORIGINS",
        told="behind-a-proxy",
    ),
    Setting(
        "CCM_HTTPS",
        "`no`",
        "behind a proxy with a certificate: secure cookies, HSTS",
        "HTTPS",
        told="behind-a-proxy",
    ),
    Setting(
        "CCM_HSTS_SUBDOMAINS",
        "`no`",
        "whether browsers take hosts below this one's name for HTTPS alone, too, for a year",
        lambda: getattr(settings, "SECURE_HSTS_INCLUDE_SUBDOMAINS", False),
        told="behind-a-proxy",
    ),
    Setting(
        "FORWARDED_ALLOW_IPS",
        "`127.0.0.1,::1`",
        "proxies whose word on who asks (`X-Forwarded-For`), and by which id (`X-Request-ID`), is"
        " taken; by commas, `*`: any",
        "FORWARDED_ALLOW_IPS",
        told="behind-a-proxy",
    ),
    Setting(
        "CCM_SESSION_IDLE_MINUTES",
        "`30`",
        "so long after the last act a session ends",
        "SESSION_IDLE_MINUTES",
        told="sessions-and-wrong-passwords",
    ),
    Setting(
        "CCM_SESSION_HOURS",
        "`12`",
        "and so long after signing in",
        "SESSION_HOURS",
        told="sessions-and-wrong-passwords",
    ),
    Setting(
        "CCM_LOCK_AFTER",
        "`10`",
        "wrong passwords for an account from an address before a pause",
        "LOCK_AFTER",
        told="sessions-and-wrong-passwords",
    ),
    Setting(
        "CCM_LOCK_MINUTES",
        "`15`",
        "how long that is, and within how long they are counted",
        told="sessions-and-wrong-passwords",
    ),
    Setting(
        "CCM_ADDRESS_GUESSES",
        "`100`",
        "wrong passwords from an address for any accounts, or made-up tokens, before one",
        "ADDRESS_GUESSES",
        told="sessions-and-wrong-passwords",
    ),
    Setting(
        "CCM_API_PER_MINUTE",
        "`6000`",
        "requests a minute that one token of the API is answered; `0`: any number",
        "API_PER_MINUTE",
        told="limits-of-the-api",
    ),
    Setting(
        "CCM_WEB_PROCESSES",
        "`2`, where there is one core `1`",
        "processes of `callcenter serve` that share its port; each makes one page at a time",
        lambda: os.environ.get("CCM_WEB_PROCESSES") or min(2, os.cpu_count() or 1),
    ),
    Setting(
        "CCM_WEB_THREADS",
        "`8`",
        "threads that run Django in each, with a connection each",
        "WEB_THREADS",
    ),
    Setting(
        "CCM_PAGE_SECONDS",
        "`30`",
        "after so long the database ends a statement of a page, which then says that it asks for"
        " too much; `0`: never",
        "PAGE_SECONDS",
    ),
    Setting(
        "CCM_ANSWER_SECONDS",
        "`3`",
        "so long a page waits for what it reads from the calls themselves; then a worker reads it"
        " and the page says how far it is; `0`: as long as it takes",
        "ANSWER_SECONDS",
    ),
    Setting(
        "CCM_FILE_SECONDS",
        "`600`",
        "the same of a file that is sent while it is read",
        "FILE_SECONDS",
    ),
    Setting(
        "CCM_RECORDINGS",
        "unset",
        "the folder that holds recordings of calls, under the names that calls have for them;"
        " unset: `recordings` beside the embedded servers, and with servers of your own none are"
        " played here, only linked to",
        "RECORDINGS",
    ),
    Setting(
        "CCM_STREAM_CAP",
        "`6000`",
        "walls that one web process keeps open at most",
        "STREAM_CAP",
    ),
    Setting(
        "CCM_WORKER_CONCURRENCY",
        "`2`",
        "tasks a worker does at a time; long ones have a worker of their own under `up` and"
        " Docker, which does one",
        told="processes-and-ports",
    ),
    Setting(
        "CCM_REDIS_PREFIX",
        "`ccm:`",
        "begins every key, so that several centres may share one Redis",
        "REDIS_PREFIX",
    ),
    Setting(
        "CCM_MAX_UPLOAD",
        "`2147483648`",
        "the largest upload of call logs, in bytes",
        "MAX_UPLOAD_BYTES",
    ),
    Setting(
        "CCM_MAIL_URL",
        "none",
        "where mail goes out, as `smtp+tls://user:password@host:587`; without it messages wait"
        " and say so",
        shown=Shown.ADDRESS,
    ),
    Setting(
        "CCM_ADDRESS",
        "the first of `CCM_TRUSTED_ORIGINS`, else where `up` is, else `http://localhost:8000`",
        "what addresses in mails begin with",
        "ADDRESS",
    ),
    Setting("CCM_MAIL_FROM", "`ccm@localhost`", "who mails are from", "DEFAULT_FROM_EMAIL"),
    Setting(
        "CCM_WEBHOOK_HOSTS",
        "none",
        "hosts of the own network that webhooks may lead to, by commas",
        "WEBHOOK_HOSTS",
    ),
    Setting(
        "CCM_WEBHOOKS_ONLY_TO",
        "any public host",
        "hosts that webhooks may lead to beside those, and to no others, by commas",
        "WEBHOOKS_ONLY_TO",
    ),
    Setting(
        "CCM_STATIC_ROOT",
        "none",
        "where `collectstatic` writes, for a proxy that serves files itself",
        "STATIC_ROOT",
    ),
    Setting(
        "CCM_METRICS_TOKEN",
        "none",
        "who brings it as a bearer token reads `/metrics` and the details of `/readyz`; at least"
        " 20 characters; unset: there is no `/metrics`",
        shown=Shown.SECRET,
        told="health",
    ),
    Setting(
        "CCM_LOG_FORMAT",
        "`plain`; with Docker `json`",
        "lines of the log for people (`plain`) or for programs (`json`)",
        "LOG_FORMAT",
        told="logs",
    ),
    Setting(
        "CCM_LOG_LEVEL",
        "`WARNING`; with Docker `INFO`",
        "the least that is logged; from `INFO` on each request and task has a line",
        "LOG_LEVEL",
        told="logs",
    ),
    Setting("CCM_DEBUG", "`no`", "Django's debug pages; never where strangers come", "DEBUG"),
    Setting(
        "CCM_MADE",
        "set by `callcenter`",
        "which of these it filled in for its own servers; not for you to set",
        stack.made,
    ),
    Setting(
        "CCM_PARENT",
        "set by `up`",
        "the process that a child ends with; not for you to set",
    ),
)
BY_NAME = {one.name: one for one in SETTINGS}


def effective() -> list[Effective]:
    """All settings as they hold in this process, in the order of their declaration."""
    return [_effective(one) for one in SETTINGS]


def _effective(setting: Setting) -> Effective:
    said = os.environ.get(setting.name)
    if said is None:
        source = Source.DEFAULT
    elif setting.name in stack.made():
        source = Source.MADE
    else:
        source = Source.ENVIRONMENT
    return Effective(setting, _shown(setting, said), source)


def _shown(setting: Setting, said: str | None) -> str:
    if setting.shown is Shown.SECRET:
        return _("set") if said else _("unset")
    if setting.shown is Shown.ADDRESS:
        return place(said or "")
    if setting.of is None:
        return said if said else setting.default.replace("`", "")
    holds = setting.of() if callable(setting.of) else getattr(settings, setting.of, None)
    return words(holds)


def words(value: object) -> str:
    """A value as somebody would type it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (set, frozenset)):
        value = sorted(map(str, value))
    if isinstance(value, Mapping):
        value = [f"{key}={one}" for key, several in value.items() for one in _each(several)]
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or _("none")
    return _("none") if value in (None, "") else str(value)


def _each(several: object) -> Iterable[object]:
    return several if isinstance(several, (list, tuple, set, frozenset)) else [several]


def place(address: str) -> str:
    """Where an address leads: no user, no password, nothing of its query, which may hold either.
    Of what cannot be read it says so, and shows nothing."""
    if not address:
        return _("unset")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _("set, but no address that can be read")
    # An unquoted sign in a password may end what is taken for the host.
    if not parts.scheme or "@" in parts.path + parts.query + parts.fragment:
        return _("set, but no address that can be read")
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


def table() -> str:
    """The table of all settings, as the README has it."""
    lines = ["| name | default | meaning |", "|---|---|---|"]
    for one in SETTINGS:
        more = f" ([docs/operating.md](docs/operating.md#{one.told}))" if one.told else ""
        lines.append(f"| `{one.name}` | {one.default} | {one.meaning}{more} |")
    return "\n".join(lines) + "\n"
