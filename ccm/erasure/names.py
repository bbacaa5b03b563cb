"""Names of agents who were erased: what stands for them where a log's own name was."""

from hashlib import blake2b

from django.conf import settings

MARK = "erased:"


def stand_in(source: str, raw_name: str) -> str:
    """What stands for a name of a source once its owner is erased: the same for the same name, so
    that a log that is read again finds whose it was and nobody can read the name from it.

    Destroying CCM_CALLER_KEY makes it anonymous, as callers.
    """
    key = blake2b(settings.CALLER_KEY.encode(), digest_size=32).digest()
    said = f"{source}\n{raw_name}".encode()
    return MARK + blake2b(said, key=key, digest_size=16, person=b"ccm.name").hexdigest()
