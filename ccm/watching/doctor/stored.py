"""The database: whether it serves, and whether it will tomorrow."""

import os

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm import database, partitions
from ccm.watching import ready
from ccm.watching.doctor.judged import Finding, check, warning, well, wrong
from ccm.watching.doctor.seen import Seen

# Beside the web: live and what draws, beat, a person at psql, a dump.
CONNECTIONS_BESIDE = 10
# A statement in hand for so long keeps what was deleted since from being cleared away.
LONG_SECONDS = 3600.0
# Of the two thousand million transactions after which PostgreSQL stops.
OLD, TOO_OLD = 1_000_000_000, 1_600_000_000


@check("database", gettext_lazy("Database"))
def _server(seen: Seen) -> Finding:
    server = seen.server
    if server is None:
        return wrong(
            _("It does not answer."),
            _("See whether PostgreSQL runs, and whether DATABASE_URL leads there."),
        )
    if server["version"] < database.MIN_VERSION:
        return wrong(
            _("It is PostgreSQL %(version)s.") % {"version": server["version_words"]},
            _("Version %(least)d or newer is needed.") % {"least": database.MIN_VERSION},
        )
    if server["follows"]:
        return wrong(
            _("It only follows another server, and takes no writes."),
            _("Lead DATABASE_URL to the one that is followed, or promote this one."),
        )
    said = {"version": server["version_words"], "size": f"{server['size'] / 1e9:.2f}"}
    return well(_("PostgreSQL %(version)s, %(size)s GB.") % said)


@check("migrations", gettext_lazy("Tables"), "pending")
def _migrations(seen: Seen) -> Finding:
    if not seen.pending:
        return well(_("They are those of this version."))
    words = ngettext(
        "They are %(count)d migration behind.", "They are %(count)d migrations behind.",
        seen.pending,
    )  # fmt: skip
    return wrong(
        words % {"count": seen.pending},
        _("`callcenter migrate` as the owner, then start the processes anew."),
    )


@check("connections", gettext_lazy("Connections"), "server")
def _connections(seen: Seen) -> Finding:
    assert seen.server is not None
    processes = int(os.environ.get("CCM_WEB_PROCESSES") or min(2, os.cpu_count() or 1))
    tasks = int(os.environ.get("CCM_WORKER_CONCURRENCY") or 2) + 1
    # A task holds a second one while it works side by side.
    wanted = processes * settings.WEB_THREADS + 2 * tasks + CONNECTIONS_BESIDE
    there = seen.server["most_connections"] - seen.server["kept_back"]
    used = seen.server["connections"]
    said = {"used": used, "there": there, "wanted": wanted}
    if wanted > there:
        return wrong(
            _("Web and workers may open %(wanted)d, and the server takes %(there)d.") % said,
            _("Raise max_connections of PostgreSQL, or lower CCM_WEB_THREADS."),
        )
    if used > 0.8 * there:
        return warning(
            _("%(used)d of %(there)d are in use.") % said,
            _("See who holds them: SELECT * FROM pg_stat_activity."),
        )
    return well(_("%(used)d of %(there)d in use; web and workers may open %(wanted)d.") % said)


@check("cleaning", gettext_lazy("Cleaning up"), "server")
def _cleaning(seen: Seen) -> Finding:
    assert seen.server is not None
    server = seen.server
    if not server["vacuums"]:
        return wrong(
            _("autovacuum is off: tables grow, and their plans go wrong."),
            _("Set autovacuum = on and track_counts = on."),
        )
    if server["frozen_age"] > OLD:
        words = _("The oldest rows are %(age)d million transactions old.") % {
            "age": server["frozen_age"] // 1_000_000
        }
        advice = _("VACUUM FREEZE in a quiet hour: at 2,000 million the database stops.")
        return wrong(words, advice) if server["frozen_age"] > TOO_OLD else warning(words, advice)
    if server["longest_seconds"] > LONG_SECONDS:
        return warning(
            _("A transaction has been open for %(minutes)d minutes.")
            % {"minutes": server["longest_seconds"] // 60},
            _("See which: SELECT * FROM pg_stat_activity ORDER BY xact_start."),
        )
    return well(_("autovacuum is on, and nothing holds it up."))


@check("power-cut", gettext_lazy("Power cuts"), "server")
def _power_cut(seen: Seen) -> Finding:
    assert seen.server is not None
    if seen.server["is_safe"]:
        return well(_("What is committed outlives one."))
    return wrong(
        _("fsync or full_page_writes is off: a power cut can lose the database."),
        _("Switch both on."),
    )


@check("partitions", gettext_lazy("Months of calls"), "server", "record")
def _partitions(seen: Seen) -> Finding:
    assert seen.server is not None
    assert seen.record is not None
    if loose := seen.server["unattached"]:
        return warning(
            _("Tables of months that belong to nothing: %(names)s.") % {"names": ", ".join(loose)},
            _("Their calls are on no page. Attach or drop them: docs/operating.md."),
        )
    month = partitions.month_of(seen.now + ready.AHEAD)
    if f"{partitions.TABLE}_{month:%Y_%m}" not in seen.record["months"]:
        return warning(
            _("Calls of %(month)s have no place yet.") % {"month": f"{month:%Y-%m}"},
            _("The live process makes it: see that it runs."),
        )
    said = {"count": len(seen.record["months"]), "last": seen.record["months"][-1][-7:]}
    words = _("%(count)d months, the last %(last)s.") % said
    return well(words.replace("_", "-"))


@check("indexes", gettext_lazy("Indexes"), "server")
def _indexes(seen: Seen) -> Finding:
    assert seen.server is not None
    if broken := seen.server["invalid_indexes"]:
        return warning(
            _("Not whole: %(names)s.") % {"names": ", ".join(broken)},
            _("Their making was cut off: DROP INDEX each and make it again, or REINDEX."),
        )
    return well(_("All are whole."))
