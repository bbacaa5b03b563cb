"""Settings that do not fit each other, or the world that reaches this server."""

import os
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import limits
from ccm.watching.doctor.judged import Finding, check, warning, well, wrong
from ccm.watching.doctor.seen import Seen

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
LEAST_KEY = 32
LEAST_TOKEN = 20
# What Django's own checks say of which a part here has words of its own.
TOLD_HERE = frozenset({"ccm.E001", "ccm.W001", "ccm.W010"})
# A proxy that is seen is named so many at a time.
MOST_NAMED = 3


def is_exposed() -> bool:
    """Whether others than this machine may reach the pages."""
    return not set(settings.ALLOWED_HOSTS) <= LOOPBACK


@check("secret-key", gettext_lazy("Secret key"))
def _secret_key(_seen: Seen) -> Finding:
    if not settings.SECRET_KEY_IS_SET:
        return wrong(
            _("CCM_SECRET_KEY is not set: each process makes up its own, and forgets it."),
            _("Set it to 50 random characters, the same in every process."),
        )
    if len(settings.SECRET_KEY) < LEAST_KEY:
        return warning(
            _("CCM_SECRET_KEY has fewer than %(least)d characters.") % {"least": LEAST_KEY},
            _("Set a longer one: `openssl rand -hex 32`. Everybody signs in again then."),
        )
    return well(_("It is set."))


@check("keys", gettext_lazy("Keys"))
def _keys(_seen: Seen) -> Finding:
    keys = {
        "CCM_SECRET_KEY": settings.SECRET_KEY,
        "CCM_CALLER_KEY": settings.CALLER_KEY,
        "CCM_ADDRESS_KEYS": settings.ADDRESS_KEYS[0],
        "CCM_FACTOR_KEYS": settings.FACTOR_KEYS[0],
        "CCM_AUDIT_KEY": next(iter(settings.AUDIT_KEYS), ""),
        "CCM_BACKUP_KEY": os.environ.get("CCM_BACKUP_KEY", ""),
        "CCM_METRICS_TOKEN": settings.METRICS_TOKEN,
    }
    same = _alike({name: key for name, key in keys.items() if key})
    if not same:
        return well(_("Each is its own."))
    words = _("The same: %(keys)s.") % {"keys": "; ".join(map(" = ".join, same))}
    if any("CCM_METRICS_TOKEN" in names for names in same):
        return wrong(words, _("Make another CCM_METRICS_TOKEN: programs that watch hold it."))
    if not is_exposed():
        return well(words + " " + _("That will do where nobody else comes."))
    return warning(
        words,
        _(
            "Set keys of their own before calls are imported: then the secret key can be changed"
            " without forgetting callers, and whoever learns one has one. docs/operating.md says"
            " how keys of addresses and of second factors change."
        ),
    )


def _alike(keys: Mapping[str, str]) -> list[list[str]]:
    """The names of keys that are the same, or of which one has another within it: it was made of
    it."""
    found: list[list[str]] = []
    for name, key in keys.items():
        for names in found:
            if any(key in keys[one] or keys[one] in key for one in names):
                names.append(name)
                break
        else:
            found.append([name])
    return [names for names in found if len(names) > 1]


@check("hosts", gettext_lazy("Names"))
def _hosts(_seen: Seen) -> Finding:
    if "*" in settings.ALLOWED_HOSTS:
        return wrong(
            _("CCM_ALLOWED_HOSTS takes any name."),
            _("Name those by which people reach it: links in mails could lead elsewhere."),
        )
    if not is_exposed():
        return well(_("Only this machine reaches it."))
    return well(", ".join(settings.ALLOWED_HOSTS))


@check("https", gettext_lazy("HTTPS"))
def _https(_seen: Seen) -> Finding:
    if not is_exposed():
        return well(_("Not needed where only this machine comes."))
    if not settings.HTTPS:
        return wrong(
            _("Others reach this server without HTTPS."),
            _("Put it behind a proxy that speaks HTTPS and set CCM_HTTPS=yes."),
        )
    origins = settings.CSRF_TRUSTED_ORIGINS
    if plain := [one for one in origins if not one.startswith("https://")]:
        return warning(
            _("CCM_TRUSTED_ORIGINS has %(plain)s, without HTTPS.") % {"plain": ", ".join(plain)},
            _("Take it out: whoever listens on the way could send forms."),
        )
    return well(_("Cookies are sent over HTTPS alone."))


@check("proxies", gettext_lazy("Proxies"))
def _proxies(seen: Seen) -> Finding:
    # One that was named since is well.
    if found := [one for one in seen.proxies or () if not limits.is_named(one)]:
        return _unnamed(found[:MOST_NAMED])
    if settings.FORWARDED_ALLOW_IPS.strip() == "*":
        return warning(
            _("FORWARDED_ALLOW_IPS believes anybody on who asks."),
            _("Name the proxy's address: limits by address can be got round else."),
        )
    named = [one.strip() for one in settings.FORWARDED_ALLOW_IPS.split(",") if one.strip()]
    is_elsewhere = any(not limits.is_loopback(one) for one in named)
    if is_exposed() and not is_elsewhere and not limits.is_loopback(settings.HOST):
        return warning(
            _("No proxy is named beyond this machine (FORWARDED_ALLOW_IPS)."),
            _(
                "Name the address, or the network, that the proxy comes from: else all people have"
                " its address, and wrong passwords of all are counted together."
            ),
        )
    return well(settings.FORWARDED_ALLOW_IPS or _("None is named."))


def _unnamed(addresses: Sequence[str]) -> Finding:
    told = ", ".join(addresses)
    words = _(
        "Requests say who they are for and come from %(addresses)s, which FORWARDED_ALLOW_IPS"
        " does not name: all people who come that way have one address."
    )
    named = ",".join([settings.FORWARDED_ALLOW_IPS.strip(), *addresses]).strip(",")
    advice = _(
        "If that is your proxy, set FORWARDED_ALLOW_IPS=%(named)s (or its network) for web and"
        " start it anew. If not, let nobody past the proxy to this server; it is told for a day."
    )
    return warning(words % {"addresses": told}, advice % {"named": named})


@check("second-factors", gettext_lazy("Second factors"))
def _second_factors(_seen: Seen) -> Finding:
    if settings.MFA_ROLES:
        return well(_("Asked of: %(roles)s.") % {"roles": ", ".join(sorted(settings.MFA_ROLES))})
    if not is_exposed():
        return well(_("Asked of nobody, where only this machine comes."))
    if not settings.PASSWORD_SIGN_IN:
        return well(_("Passwords open nothing here: the company's directory asks for them."))
    return warning(
        _("CCM_MFA_ROLES is empty: a password alone opens every account."),
        _("Set CCM_MFA_ROLES=admin,manager: these set up a second factor before anything else."),
    )


@check("audit-key", gettext_lazy("Key of the audit log"), "record")
def _audit_key(seen: Seen) -> Finding:
    assert seen.record is not None
    # Processes that serve pages have no need of it, so what counts is what workers have done.
    mark = seen.record["sealed_under"]
    if mark or (mark is None and settings.AUDIT_KEYS):
        return well(_("The audit log is sealed under a key."))
    if not is_exposed():
        return well(_("The audit log is sealed under none, where only this machine comes."))
    return warning(
        _("The audit log is sealed under no key: whoever may write to the database as its owner"
          " could make its seals again."),
        _("Set CCM_AUDIT_KEY for workers (`openssl rand -hex 32`): docs/audit.md."),
    )  # fmt: skip


@check("copy-key", gettext_lazy("Key of copies"), "record")
def _copy_key(seen: Seen) -> Finding:
    assert seen.record is not None
    # It is a matter of who makes copies, and of the last that was made.
    sealed = seen.record["copy_is_sealed"]
    if sealed or (sealed is None and os.environ.get("CCM_BACKUP_KEY")):
        return well(_("Copies are sealed under a key."))
    if not is_exposed():
        return well(_("Copies are sealed under none, where only this machine comes."))
    words = _("The last copy is not sealed: whoever finds it reads the record.")
    if sealed is None:
        words = _("CCM_BACKUP_KEY is unset: whoever finds a copy would read the record.")
    return warning(
        words,
        _("Set CCM_BACKUP_KEY where copies are made (`openssl rand -hex 32`), and keep it"
          " elsewhere: docs/backup.md."),
    )  # fmt: skip


@check("address", gettext_lazy("Address in mails"))
def _address(_seen: Seen) -> Finding:
    host = urlsplit(settings.ADDRESS).hostname or ""
    if is_exposed() and host in LOOPBACK:
        return warning(
            _("Links in mails lead to %(address)s.") % {"address": settings.ADDRESS},
            _("Set CCM_ADDRESS to where people reach it."),
        )
    return well(settings.ADDRESS)


@check("debug", gettext_lazy("Debug pages"))
def _debug(_seen: Seen) -> Finding:
    if not settings.DEBUG:
        return well(_("They are off."))
    words = _("CCM_DEBUG is on: pages that fail show settings and what was asked.")
    advice = _("Unset CCM_DEBUG.")
    return wrong(words, advice) if is_exposed() else warning(words, advice)


@check("watching", gettext_lazy("Token of those who watch"))
def _watching(_seen: Seen) -> Finding:
    token = settings.METRICS_TOKEN
    if not token:
        return well(_("CCM_METRICS_TOKEN is unset: there is no /metrics."))
    if len(token) < LEAST_TOKEN:
        return wrong(
            _("CCM_METRICS_TOKEN has fewer than %(least)d characters.") % {"least": LEAST_TOKEN},
            _("Make another: `openssl rand -hex 32`."),
        )
    return well(_("It is set."))


@check("django", gettext_lazy("Django's own checks"))
def _django(_seen: Seen) -> Finding:
    if not is_exposed():
        return well(_("Looked at where others come."))
    found = [
        one
        for one in checks.run_checks(include_deployment_checks=True)
        if one.level >= checks.WARNING and not one.is_silenced() and one.id not in TOLD_HERE
    ]
    told = "; ".join(f"{one.id}: {one.msg}" for one in found)
    advice = _("`manage.py check --deploy` says each with what to do.")
    if any(one.level >= checks.ERROR for one in found):
        return wrong(told, advice)
    return warning(told, advice) if told else well(_("They find nothing."))
