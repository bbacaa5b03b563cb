"""The work behind the pages: Redis, workers, what waits for them, mail."""

import smtplib
from datetime import datetime

from django.conf import settings
from django.core.mail import get_connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import lanes
from ccm.watching import alive, gathered, ready
from ccm.watching.doctor.configured import is_exposed
from ccm.watching.doctor.judged import Finding, check, warning, well, wrong
from ccm.watching.doctor.seen import Seen

# More tasks than that wait only where nobody takes them.
MOST_WAITING = 1000
# Nor does one wait for longer where somebody takes them: behind long work it may.
MOST_MINUTES = dict.fromkeys(lanes.SOON, 10) | {lanes.LONG: 60}
# A copy each night, and half a day for one that fails to be seen.
COPY_HOURS = 36


@check("redis", gettext_lazy("Redis"))
def _redis(seen: Seen) -> Finding:
    redis = seen.redis
    if redis is None:
        return wrong(
            _("It does not answer: work waits and walls stand still."),
            _("See whether Redis or Valkey runs, and whether REDIS_URL leads there."),
        )
    if redis["most"] and redis["policy"] not in ("noeviction", ""):
        return wrong(
            _("It throws away what it has where memory runs out (%(policy)s): tasks, too.")
            % {"policy": redis["policy"]},
            _("Set maxmemory-policy noeviction."),
        )
    if redis["most"] and redis["used"] > 0.8 * redis["most"]:
        return warning(
            _("%(used)d of %(most)d MB are in use.")
            % {"used": redis["used"] / 1e6, "most": redis["most"] / 1e6},
            _("Give it more memory: full, it takes no tasks."),
        )
    return well(_("It answers, with %(used).1f MB in use.") % {"used": redis["used"] / 1e6})


@check("workers", gettext_lazy("Workers"), "lives")
def _workers(seen: Seen) -> Finding:
    assert seen.lives is not None
    idle = [queue for queue in lanes.ALL if not seen.lives[alive.worker(queue)].there]
    if idle:
        return wrong(
            _("Nobody does the work of: %(queues)s.") % {"queues": ", ".join(idle)},
            _("Start `callcenter worker`, or add these to the --queues of one."),
        )
    return well(_("Each queue has one."))


@check("beat", gettext_lazy("Beat"), "lives")
def _beat(seen: Seen) -> Finding:
    assert seen.lives is not None
    there = seen.lives[alive.BEAT].there
    if not there:
        return wrong(_("It is not there: what is due is not begun."), _("Start `callcenter beat`."))
    if there > 1:
        return warning(
            _("There are %(count)d.") % {"count": there},
            _("Stop all but one: each begins what is due. One that was just started again counts"
              " twice for a minute."),
        )  # fmt: skip
    return well(_("It is there."))


@check("live", gettext_lazy("Live process"), "lives")
def _live(seen: Seen) -> Finding:
    assert seen.lives is not None
    gone = [what for what in (alive.LIVE, alive.WALLS) if not seen.lives[what].there]
    if gone:
        return wrong(
            _("Not there: %(what)s. Walls stand still.") % {"what": ", ".join(gone)},
            _("Start `callcenter live`."),
        )
    return well(_("It is there, and draws."))


@check("queues", gettext_lazy("Queues of work"), "redis")
def _queues(seen: Seen) -> Finding:
    assert seen.redis is not None
    lengths = seen.redis["lengths"]
    if full := {queue: count for queue, count in lengths.items() if count > MOST_WAITING}:
        told = ", ".join(f"{queue}: {count}" for queue, count in full.items())
        return warning(
            _("Many tasks wait: %(queues)s.") % {"queues": told},
            _("Give those queues more workers, and see the log for tasks that fail."),
        )
    minutes = {queue: (of or 0.0) / 60 for queue, of in seen.redis["waited"].items()}
    told = ", ".join(_in_queue(queue, lengths[queue], minutes[queue]) for queue in lengths)
    if any(of > MOST_MINUTES[queue] for queue, of in minutes.items()):
        return warning(
            _("Tasks wait long: %(queues)s.") % {"queues": told},
            _("See what the workers of those queues do, or give them another (docs/operating.md)."),
        )
    return well(told)


def _in_queue(queue: str, count: int, minutes: float) -> str:
    if minutes < 1:
        return f"{queue}: {count}"
    words = _("%(queue)s: %(count)d, the oldest for %(minutes)d minutes")
    return words % {"queue": queue, "count": count, "minutes": minutes}


def _old(since: datetime | None, seen: Seen, most: float, what: str, advice: str) -> Finding:
    seconds = gathered.age(since, seen.now)
    if seconds <= most:
        return well(_("Nothing waits long."))
    return warning(what % {"minutes": seconds / 60}, advice)


@check("counts", gettext_lazy("Counts"), "record")
def _counts(seen: Seen) -> Finding:
    assert seen.record is not None
    return _old(
        seen.record["dirty_since"], seen, ready.DIRTY_SECONDS,
        _("A day has waited for %(minutes)d minutes to be counted anew: figures are old."),
        _("See that a worker takes `rollup`; `callcenter rebuild` counts at once."),
    )  # fmt: skip


@check("inbox", gettext_lazy("Live events"), "record")
def _inbox(seen: Seen) -> Finding:
    assert seen.record is not None
    return _old(
        seen.record["inbox_since"], seen, ready.INBOX_SECONDS,
        _("An event has waited for %(minutes)d minutes to be folded into the record."),
        _("See that `callcenter live` runs, and what its log says."),
    )  # fmt: skip


@check("jobs", gettext_lazy("Jobs"), "record")
def _jobs(seen: Seen) -> Finding:
    assert seen.record is not None
    if not (stale := seen.record["stale_jobs"]):
        return well(_("All that run give signs of life."))
    return warning(
        _("%(count)d gave no sign of life for ten minutes.") % {"count": stale},
        _("Beat queues them again: see that it runs, and a worker for them."),
    )


@check("outbox", gettext_lazy("Messages"), "record")
def _outbox(seen: Seen) -> Finding:
    assert seen.record is not None
    if given_up := seen.record["given_up"]:
        return warning(
            _("%(count)d were given up within a week.") % {"count": given_up},
            _("The page Messages says why, and tries them again."),
        )
    return _old(
        seen.record["outbox_due"], seen, ready.OVERDUE_SECONDS,
        _("One should have been sent %(minutes)d minutes ago."),
        _("See that a worker takes `mail`."),
    )  # fmt: skip


@check("copies", gettext_lazy("Copies"), "record")
def _copies(seen: Seen) -> Finding:
    assert seen.record is not None
    made_at = seen.record["copied_at"]
    advice = _(
        "`callcenter backup` each night, by a timer: docs/backup.md. Of copies that are made by"
        " other means nothing is known here."
    )
    if made_at is None:
        words = _("None was ever made.")
        return warning(words, advice) if is_exposed() else well(words)
    hours = gathered.age(made_at, seen.now) / 3600
    words = _("The last one was made %(hours)d hours ago.") % {"hours": hours}
    return warning(words, advice) if hours > COPY_HOURS else well(words)


@check("mail", gettext_lazy("Mail server"), slow=True)
def _mail(_seen: Seen) -> Finding:
    if not settings.MAIL_IS_SET:
        words = _("CCM_MAIL_URL is unset: no mail goes out, and messages wait.")
        if is_exposed():
            return warning(words, _("Name the mail server, or have no alerts by mail."))
        return well(words)
    line = get_connection()
    try:
        # It signs in, and sends nothing.
        line.open()
    except (OSError, smtplib.SMTPException, ValueError) as refused:
        # What a server answers may repeat who signed in.
        return wrong(
            _("It cannot be reached, or refuses us: %(why)s.") % {"why": type(refused).__name__},
            _("See CCM_MAIL_URL; waiting messages go out when it works again."),
        )
    finally:
        line.close()
    return well(_("It takes us. Nothing was sent."))
