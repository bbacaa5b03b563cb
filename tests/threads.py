"""Work done at once, as several requests or workers would."""

import threading
from collections.abc import Callable

from django.db import connection


def elsewhere(*work: Callable[[], object]) -> list[str]:
    """What becomes of pieces of work, each with a connection and a thread of its own."""
    said: list[str] = []

    def done(one) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '3s'")
            one()
            said.append("done")
        except Exception as fault:
            said.append(repr(fault))
        finally:
            connection.close()

    threads = [threading.Thread(target=done, args=[one]) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return said
