"""Settings, read from the environment. Each name has a default fit for a laptop.

`callcenter` starts embedded servers and fills in DATABASE_URL, REDIS_URL and CCM_SECRET_KEY
where they are unset; `checks.py` tells an operator what is missing.
"""

import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from ccm.entry import mapping
from ccm.languages import spoken
from ccm.stack import celery_broker_url, from_files
from ccm.watching import logs

env = environ.Env()
# Not only for `callcenter`: other programs load these settings, too.
from_files.read(os.environ)
BASE_DIR = Path(__file__).resolve().parent.parent


def env_bool(name: str, default: bool) -> bool:
    """A switch from the environment; a word that is neither yes nor no is refused."""
    word = os.environ.get(name, "").strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    if word:
        raise ImproperlyConfigured(f"{name}={word!r} is neither yes nor no")
    return default


def env_groups(name: str) -> dict[str, list[str]]:
    """What groups of a directory stand for, as "group=word,group=word"."""
    try:
        return mapping.of(os.environ.get(name, ""))
    except ValueError as wrong:
        raise ImproperlyConfigured(f"{name}: {wrong}") from None


def env_keys(name: str, otherwise: str) -> list[str]:
    """Keys by commas, the first of which enciphers; `otherwise` where none is said. A short one is
    found by trying: what the keys open is not stretched. Older ones still open what they did."""
    keys = [one for one in env.list(name, default=[]) if one]
    if keys and len(keys[0]) < SHORTEST_KEY:
        raise ImproperlyConfigured(
            f"{name}: its first key has fewer than {SHORTEST_KEY} characters. Put another before it"
            " and a comma, as of `openssl rand -hex 32`: what is under the old one is still read."
        )
    return keys or [otherwise]


SHORTEST_KEY = 32
DEBUG = env_bool("CCM_DEBUG", False)
# Without a key a process can still be imported and linted; `check --deploy` says so.
SECRET_KEY = env.str("CCM_SECRET_KEY", default="unset-" + os.urandom(16).hex())
SECRET_KEY_IS_SET = "CCM_SECRET_KEY" in os.environ
# Callers' numbers are stored as a hash under this key; destroying it makes them anonymous.
CALLER_KEY = env.str("CCM_CALLER_KEY", default=SECRET_KEY)
# Callers' mail addresses are kept enciphered under the first; what is under another is still read.
ADDRESS_KEYS = env_keys("CCM_ADDRESS_KEYS", SECRET_KEY)
# Copies of the record are sealed under it; only `callcenter backup` and `restore` need it.
BACKUP_KEY = env.str("CCM_BACKUP_KEY", default="")
# The audit log is sealed under the first; what is under another is still verified. None: without.
AUDIT_KEYS = [one for one in env.list("CCM_AUDIT_KEY", default=[]) if one]
# The place of the first seal that must be under a key, where there were some before there was one.
AUDIT_KEYED_FROM = env.int("CCM_AUDIT_KEYED_FROM", default=1)
ALLOWED_HOSTS = env.list("CCM_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Where `callcenter serve` listens, unless it is told otherwise.
HOST = env.str("CCM_HOST", default="127.0.0.1")
CSRF_TRUSTED_ORIGINS = env.list("CCM_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "ccm.apps.CcmConfig",
    "kpis.apps.KpisConfig",
    "scheduling.apps.SchedulingConfig",
    "qa.apps.QaConfig",
    "coaching.apps.CoachingConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "ccm.watching.requests.told",
    "kpis.middleware.screens_come_back",
    "ccm.entry.slowing.told",
    "django.middleware.security.SecurityMiddleware",
    # Before all that may refuse: what is refused is framed by nobody, too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ccm.packing.PackedFiles",
    "ccm.middleware.kept_by_nobody",
    "csp.middleware.CSPMiddleware",
    "ccm.middleware.without_nul",
    "ccm.middleware.NotTooLong",
    "ccm.middleware.of_nobody",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ccm.views.first_run.leads_there",
    "ccm.entry.sessions.Lasting",
    "ccm.middleware.as_whoever_asked",
    "ccm.middleware.noted_in_emergencies",
    "allauth.account.middleware.AccountMiddleware",
    "ccm.entry.required.SecondFactorFirst",
    "ccm.rights.heeding.Heeded",
    "ccm.acts.watched",
    "ccm.middleware.lists_noted",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kpis.middleware.InWords",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "ccm.urls"
WSGI_APPLICATION = "ccm.wsgi.application"
ASGI_APPLICATION = "ccm.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ccm.navigation.sidebar",
            ],
        },
    }
]

DATABASES = {
    "default": env.db_url("DATABASE_URL", default="postgres:///ccm"),
}
# Before each commit the audit log is seen to (`ccm.acts`).
DATABASES["default"]["ENGINE"] = "ccm.engine"
# A web process serves Django from a pool of threads, each keeping its connection.
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Roles that do not own the database: what each may do is granted to them after a migration.
APP_ROLE = env.str("CCM_APP_ROLE", default="")
WORKER_ROLE = env.str("CCM_WORKER_ROLE", default="")

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
# Any number of sites may share one Redis: every key and channel begins with this.
REDIS_PREFIX = env.str("CCM_REDIS_PREFIX", default="ccm:")

CACHES = {
    "default": {
        "BACKEND": "ccm.caching.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{REDIS_PREFIX}cache",
        # Another one whenever values are written in another way.
        "VERSION": 2,
        # No value runs code, whoever wrote it.
        "OPTIONS": {"serializer": "ccm.caching.Serializer"},
    }
}

AUTH_USER_MODEL = "ccm.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "ccm.entry.choosing.NotGuessable"},
    {"NAME": "ccm.entry.longest.Longest"},
]
# By commas: names of the organisation, its products and its places, of which no password is made.
HOUSE_WORDS = [word.strip() for word in env.list("CCM_HOUSE_WORDS", default=[]) if word.strip()]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Seconds that a link to choose a password is good which an admin hands out.
PASSWORD_RESET_TIMEOUT = 72 * 3600
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

AUTHENTICATION_BACKENDS = [
    "ccm.entry.locking.Lock",
    "ccm.demo.exposure.Door",
    "ccm.backend.Backend",
]
# After so many wrong passwords for one account from one address, and after so many from one address
# for any, nothing is tried any more for so many minutes (`ccm.entry.locking`).
LOCK_AFTER = AXES_FAILURE_LIMIT = env.int("CCM_LOCK_AFTER", default=10)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("CCM_LOCK_MINUTES", default=15))
ADDRESS_GUESSES = env.int("CCM_ADDRESS_GUESSES", default=100)
# So many requests of a minute are answered to one token of the API; 0: any number.
API_PER_MINUTE = env.int("CCM_API_PER_MINUTE", default=6000)
AXES_HANDLER = "ccm.entry.locking.Handler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "ccm.entry.locking.key_of"
AXES_CLIENT_IP_CALLABLE = "ccm.entry.locking.address"
AXES_LOCKOUT_CALLABLE = "ccm.entry.locking.locked_out"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
# A session ends so many minutes after a person last did something in it, and so many hours after
# they signed in (`ccm.entry.lasting`).
SESSION_IDLE_MINUTES = env.int("CCM_SESSION_IDLE_MINUTES", default=30)
SESSION_HOURS = env.int("CCM_SESSION_HOURS", default=12)
SESSION_ENGINE = "ccm.entry.store"

# How people get in (`ccm.entry`): by allauth, whose accounts are made by admins alone.
# By commas: whoever has one of these roles sets up a second factor before anything else.
MFA_ROLES = frozenset(
    word.strip() for word in env.list("CCM_MFA_ROLES", default=[]) if word.strip()
)
# Secrets of second factors are enciphered under the first; what is under another is still read.
FACTOR_KEYS = env_keys("CCM_FACTOR_KEYS", SECRET_KEY)
# Whether passwords open anything here, beside the company's directory.
PASSWORD_SIGN_IN = env_bool("CCM_PASSWORD_SIGN_IN", True)
# The company's directory, an OpenID provider; unset: there is none.
OIDC_ISSUER = env.str("CCM_OIDC_ISSUER", default="").strip()
OIDC_CLIENT_ID = env.str("CCM_OIDC_CLIENT_ID", default="").strip()
OIDC_CLIENT_SECRET = env.str("CCM_OIDC_CLIENT_SECRET", default="").strip()
OIDC_NAME = env.str("CCM_OIDC_NAME", default="").strip() or "the company's directory"
OIDC_GROUPS_CLAIM = env.str("CCM_OIDC_GROUPS_CLAIM", default="").strip() or "groups"
OIDC_ROLES = env_groups("CCM_OIDC_ROLES")
# By commas: of these the ID token's `acr` or `amr` has one, or nobody enters; empty: any will do.
OIDC_STRENGTH = [word.strip() for word in env.list("CCM_OIDC_STRENGTH", default=[]) if word.strip()]
# None: sites are an admin's to give.
OIDC_SITES = env_groups("CCM_OIDC_SITES") if os.environ.get("CCM_OIDC_SITES") else None
DIRECTORY_IS_SET = bool(OIDC_ISSUER and OIDC_CLIENT_ID)

ACCOUNT_ADAPTER = "ccm.entry.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "ccm.entry.reset_tokens.Tokens"  # noqa: S105  no password
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"] if PASSWORD_SIGN_IN else ["mfa"]
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
# How often whom one address may ask is limited where a secret could be guessed; a whole floor signs
# in from one address when its shift begins.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/5m/key",
    # Links for a new password: nobody's box is filled by strangers.
    "reset_password": "20/m/ip,3/h/key",
}
ACCOUNT_FORMS = {
    "login": "ccm.entry.forms.SignInForm",
    "reset_password": "ccm.entry.forms.ResetForm",
    "reset_password_from_key": "ccm.entry.forms.ChosenPassword",
}
MFA_ADAPTER = "ccm.entry.adapters.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Nobody proves here that a mail address is theirs.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
# One code before and one after, for clocks that are not quite right.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "ccm"
MFA_FORMS = {
    "activate_totp": "ccm.entry.forms.SetUpApp",
    "add_webauthn": "ccm.entry.forms.AddPasskey",
    "authenticate_webauthn": "ccm.entry.forms.UsePasskey",
    "login_webauthn": "ccm.entry.forms.EnterByPasskey",
    "reauthenticate_webauthn": "ccm.entry.forms.ProveByPasskey",
}
SOCIALACCOUNT_ADAPTER = "ccm.entry.adapters.DirectoryAccounts"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "ccm.entry.oidc.Directory", "OAUTH_PKCE_ENABLED": True}
}
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = env_bool("CCM_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Browsers take a cookie of such a name from this host alone, over HTTPS: no other host of the
# domain puts one in its place. Without HTTPS they would take none.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "ccm.entry.notices.Storage"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 86_400
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env_bool("CCM_HSTS_SUBDOMAINS", False)

# The proxy that speaks HTTPS sends others there (docs/operating.md), and what other hosts of a
# domain do is for its owner to say (CCM_HSTS_SUBDOMAINS).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # Plotly positions its layers with style attributes.
        "style-src-attr": [UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Recordings of calls.
        "media-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGES = spoken(LANGUAGE_CODE, LOCALE_PATHS)
FORMAT_MODULE_PATH = "ccm.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # storage; every page names its site's zone

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("CCM_STATIC_ROOT", default="") or None
# Files are served from where they are, fingerprinted by their own ETag: no collectstatic
# stands between a clone and a page. What is text goes out packed (`ccm.packing`).
WHITENOISE_USE_FINDERS = True
# A checkout may change under a running server: then files are looked at anew for each request.
WHITENOISE_AUTOREFRESH = STATIC_ROOT is None
WHITENOISE_MAX_AGE = 300

# Threads that run Django in a web process, each with a connection to the database of its own.
WEB_THREADS = env.int("CCM_WEB_THREADS", default=8)
# Seconds after which the database ends a statement of a page, and one of a file that is sent while
# it is read; 0: never. Work that workers and commands do is not bound by them.
PAGE_SECONDS = env.int("CCM_PAGE_SECONDS", default=30)
# Seconds that a page waits for what it reads from calls, before a worker does it; 0: as long as it
# takes.
ANSWER_SECONDS = env.float("CCM_ANSWER_SECONDS", default=3)
FILE_SECONDS = env.int("CCM_FILE_SECONDS", default=600)
# Walls that one web process keeps open at most.
STREAM_CAP = env.int("CCM_STREAM_CAP", default=6000)

# Who brings this reads `/metrics`, and the details of `/readyz`; unset: nobody does.
METRICS_TOKEN = env.str("CCM_METRICS_TOKEN", default="")
# Proxies whose word on who asks is taken (`ccm.serve`).
FORWARDED_ALLOW_IPS = env.str("FORWARDED_ALLOW_IPS", default="127.0.0.1,::1")

# The largest upload of call logs, in bytes.
MAX_UPLOAD_BYTES = env.int("CCM_MAX_UPLOAD", default=2 * 2**30)
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

# The folder that holds recordings of calls, as calls name them; unset: there are none here.
RECORDINGS = env.str("CCM_RECORDINGS", default="")

# Where mail goes out: smtp+tls://user:password@host:587. Unset: none does, and messages say so.
_MAIL_URL = env.str("CCM_MAIL_URL", default="")
MAIL_IS_SET = bool(_MAIL_URL)
globals().update(env.email_url_config(_MAIL_URL or "consolemail://"))
# Empty is unset, as with Docker, which has no other way to say so.
DEFAULT_FROM_EMAIL = env.str("CCM_MAIL_FROM", default="") or "ccm@localhost"
EMAIL_TIMEOUT = 20
# What the addresses in mails begin with.
ADDRESS = (
    env.str("CCM_ADDRESS", default="") or (CSRF_TRUSTED_ORIGINS or ["http://localhost:8000"])[0]
).rstrip("/")
# What a page says once may be a secret that was just made: it stays on this side, where a cookie
# would take it along.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Hosts inside the own network that webhooks may lead to, and without TLS.
WEBHOOK_HOSTS = env.list("CCM_WEBHOOK_HOSTS", default=[])
# Where any are named, webhooks lead to these and to hosts of the own network alone.
WEBHOOKS_ONLY_TO = env.list("CCM_WEBHOOKS_ONLY_TO", default=[])

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = celery_broker_url(REDIS_URL)
# So it is by Celery's own default; a task that came as anything else would run code by itself.
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 1500
CELERY_TASK_TIME_LIMIT = 1800
# Well above the longest task, or Redis would hand a running one to a second worker.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 2 * 3600,
    "global_keyprefix": REDIS_PREFIX,
    # Who sends work while Redis is away is told so at once, for beat finds it: no news
    # would be folded as long as the live process waits.
    "max_retries": 0,
    # One that takes connections and answers nothing is away, too. The worker's own wait for news
    # takes a second.
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# What is named nowhere here is short, and goes to the default queue. In `long` is what may take
# minutes; an import may, too, but somebody waits for it (`ccm.lanes`).
_TASKS_OF_QUEUES = {
    "import": ["ccm.tasks.run_import", "ccm.tasks.run_undo", "ccm.tasks.move_named"],
    "rollup": [
        "kpis.tasks.recount_dirty",
        "kpis.tasks.recount_repeats",
        "kpis.tasks.watch_alerts",
    ],
    "mail": ["ccm.tasks.send_messages", "ccm.tasks.send_reset", "kpis.tasks.send_mailings"],
    "long": [
        "ccm.tasks.run_retention",
        "ccm.tasks.run_erasure",
        "ccm.tasks.verify_audit_log",
        "kpis.tasks.run_verify",
        "scheduling.tasks.forecast_due",
        "scheduling.tasks.make_roster",
        "scheduling.tasks.repair_roster",
        "scheduling.tasks.explain_refusals",
        "scheduling.tasks.time_off_due",
        "scheduling.tasks.demo_forecasts",
        "qa.tasks.check_transcripts",
        "qa.tasks.look_again_at_checks",
        "qa.tasks.train_check",
        "qa.tasks.look_for_topics",
        "qa.tasks.demo_reviews",
        "coaching.tasks.propose_sessions",
        "coaching.tasks.look_for_matters",
        "coaching.tasks.demo_coaching",
    ],
}
CELERY_TASK_ROUTES = {
    task: {"queue": queue} for queue, tasks in _TASKS_OF_QUEUES.items() for task in tasks
}
CELERY_BEAT_SCHEDULER = "ccm.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "requeue-stale-jobs": {"task": "ccm.tasks.requeue_stale_jobs", "schedule": 30.0},
    "sweep-drafts": {"task": "ccm.tasks.sweep_drafts", "schedule": 3600.0},
    "forget-rejected-rows": {"task": "ccm.tasks.forget_rejected_rows", "schedule": 86_400.0},
    "note-viewings": {"task": "ccm.tasks.note_viewings", "schedule": 20.0},
    "log-viewings": {"task": "ccm.tasks.log_viewings", "schedule": 3600.0},
    "seal-audit-log": {"task": "ccm.tasks.seal_audit_log", "schedule": 60.0},
    "verify-audit-log": {
        "task": "ccm.tasks.verify_audit_log",
        "schedule": crontab(hour="2", minute="20"),
    },
    "forget-viewings": {"task": "ccm.tasks.forget_viewings", "schedule": 86_400.0},
    "send-messages": {"task": "ccm.tasks.send_messages", "schedule": 30.0},
    "forget-messages": {"task": "ccm.tasks.forget_messages", "schedule": 86_400.0},
    "sweep-addresses": {"task": "ccm.tasks.sweep_addresses", "schedule": 600.0},
    "forget-attempts": {"task": "ccm.tasks.forget_attempts", "schedule": 3600.0},
    "forget-sessions": {"task": "ccm.tasks.forget_sessions", "schedule": 3600.0},
    "retention": {
        "task": "ccm.tasks.retention_nightly",
        "schedule": crontab(hour="1", minute="30"),
    },
    "forget-erasures": {"task": "ccm.tasks.forget_erasures", "schedule": 3600.0},
    "forget-posts": {"task": "ccm.tasks.forget_posts", "schedule": 3600.0},
    "forget-screens": {"task": "kpis.tasks.forget_screens", "schedule": 3600.0},
    "watch-alerts": {"task": "kpis.tasks.watch_alerts", "schedule": 60.0},
    "send-mailings": {"task": "kpis.tasks.send_mailings", "schedule": 60.0},
    "recount-dirty-days": {"task": "kpis.tasks.recount_dirty", "schedule": 15.0},
    "forecasts": {"task": "scheduling.tasks.forecast_due", "schedule": 600.0},
    "adherence": {"task": "scheduling.tasks.count_adherence", "schedule": 60.0},
    "adherence-afresh": {"task": "scheduling.tasks.adherence_afresh", "schedule": 86_400.0},
    "reforecasts": {"task": "scheduling.tasks.reforecast_due", "schedule": 300.0},
    "time-off": {
        "task": "scheduling.tasks.time_off_due",
        "schedule": crontab(hour="4", minute="20"),
    },
    "close-bids": {"task": "scheduling.tasks.close_bids", "schedule": 60.0},
    "roster-notices": {"task": "scheduling.tasks.put_notices", "schedule": 60.0},
    "end-shift-offers": {"task": "scheduling.tasks.end_shift_offers", "schedule": 60.0},
    # Asked for where a roster is published, too; this is for what was lost.
    "refusals": {"task": "scheduling.tasks.explain_refusals", "schedule": 300.0},
    "end-trades": {"task": "scheduling.tasks.end_trades", "schedule": 300.0},
    "draw-reviews": {"task": "qa.tasks.draw_due", "schedule": 600.0},
    "release-reviews": {"task": "qa.tasks.release_reviews", "schedule": 60.0},
    "ask-callers": {"task": "coaching.tasks.ask_callers", "schedule": 120.0},
    "assign-courses": {
        "task": "coaching.tasks.assign_courses",
        "schedule": crontab(hour="2", minute="50"),
    },
    "mix-suggestions": {"task": "coaching.tasks.mix_suggestions", "schedule": 3600.0},
    "mix-pulses": {"task": "coaching.tasks.mix_pulses", "schedule": 3600.0},
    "give-badges": {
        "task": "coaching.tasks.give_badges",
        "schedule": crontab(hour="4", minute="45"),
    },
    "decide-challenges": {
        "task": "coaching.tasks.decide_challenges",
        "schedule": crontab(hour="4", minute="35"),
    },
    "remind-of-sessions": {"task": "coaching.tasks.remind_of_sessions", "schedule": 600.0},
    "propose-sessions": {
        "task": "coaching.tasks.propose_sessions",
        "schedule": crontab(hour="4", minute="50"),
    },
    # Asked for where a transcript comes in or a check changes, too; this is for what was lost.
    "check-transcripts": {"task": "qa.tasks.check_transcripts", "schedule": 60.0},
    "checks-again": {
        "task": "qa.tasks.look_again_at_checks",
        "schedule": crontab(hour="3", minute="40"),
    },
    "verify-nightly": {
        "task": "kpis.tasks.verify_nightly",
        "schedule": crontab(hour="3", minute="10"),
    },
}
CELERY_TIMEZONE = "UTC"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ccm.api.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "ccm.api.problem",
    # What there is, the description says; of an address that is not there nothing else does.
    "DEFAULT_METADATA_CLASS": None,
    "PAGE_SIZE": 100,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ccm",
    "DESCRIPTION": "The call-centre record, its KPIs and its live events.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ccm.api.refusals.told",
    ],
    # Choices that go by one name in several answers, by the names they have in the schema.
    "ENUM_NAME_OVERRIDES": {
        "CheckKindEnum": "qa.api.rules.KINDS",
        "DisputeStateEnum": "qa.models.disputes.Dispute.State",
        "FindingKindEnum": "qa.models.findings.Finding.Kind",
        "FindingStateEnum": "qa.models.findings.Finding.State",
        "ReleaseEnum": "qa.models.plans.SamplingPlan.Release",
        "ReviewKindEnum": "qa.models.evaluations.Evaluation.Kind",
        "ReviewStateEnum": "qa.models.evaluations.Evaluation.State",
        "SpeakerEnum": "qa.api.rules.SPEAKERS",
        "VersionStateEnum": "qa.models.scorecards.CardVersion.State",
    },
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *logs.BEFORE,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOG_LEVEL = env.str("CCM_LOG_LEVEL", default="WARNING")
LOG_FORMAT = env.str("CCM_LOG_FORMAT", default="plain")
if LOG_FORMAT not in logs.FORMATS:
    raise ImproperlyConfigured(
        f"CCM_LOG_FORMAT={LOG_FORMAT!r} is none of {', '.join(logs.FORMATS)}"
    )
LOGGING = logs.configured(LOG_FORMAT, LOG_LEVEL)
# Of a task that begins nothing is said: its end has a line.
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
# Nor is it a warning that one was asked for again, or came too late: beat asks anew.
DJANGO_STRUCTLOG_CELERY_TASK_RETRY_LOG_LEVEL = logging.INFO
