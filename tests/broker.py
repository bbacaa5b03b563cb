"""The part of Redis that a process of the suite has to itself."""

from django.conf import settings

from ccm.live import bus


def empty() -> None:
    """Forget what is under this process's prefix. The others' is in the same database, so neither
    `flushdb` nor `cache.clear()`, which is the same, may be used."""
    client = bus.client()
    if keys := list(client.scan_iter(f"{settings.REDIS_PREFIX}*", count=1000)):
        client.delete(*keys)
