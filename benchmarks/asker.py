"""`python -m benchmarks.asker`: how long it takes to find whoever asks for a page, with the roles,
the sites and all that the sidebar counts.

On servers and a database of its own under CCM_DATA_DIR/bench. The statement that is kept
(`ccm.kept`) beside the same one put together for each request, by turns; told are the medians of
three rounds, and their ratio.
"""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from ccm import stack

ROUNDS, TIMES = 3, 100


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    with stack.running(name="bench"):
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure()


def measure() -> None:
    from ccm import navigation
    from ccm.access import facts
    from ccm.backend import Backend
    from ccm.models import User

    user, _made = User.objects.get_or_create(username="asker")
    backend = Backend()

    def kept() -> Any:
        return backend.get_user(user.pk)

    def anew() -> Any:
        return User.objects.filter(pk=user.pk).annotate(**facts(), **navigation.counted()).first()

    kept(), anew()
    rounds = [(_milliseconds(kept), _milliseconds(anew)) for _ in range(ROUNDS)]
    of_kept, of_anew = (statistics.median(side) for side in zip(*rounds, strict=True))
    print(f"kept {of_kept:.1f} ms, anew {of_anew:.1f} ms: {of_anew / of_kept:.1f} times")


def _milliseconds(find: Callable[[], Any]) -> float:
    times = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        find()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
