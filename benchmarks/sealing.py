"""`python -m benchmarks.sealing --entries 1000000`: how fast the audit log is sealed and verified,
and in how much memory.

On servers and a database of its own under CCM_DATA_DIR/bench; what is there is added to. Told are
entries a second, beside those at which the same database hashes the same texts by itself (SHA-256
in SQL, one after the other and no chain), and how much the process grew while it verified.
"""

import argparse
import logging
import os
import resource
import time

from ccm import stack

_FILL = """
INSERT INTO ccm_auditentry (at, who_id, action, model, object_id, before, after, names, why)
SELECT now() - interval '1 day' + n * interval '1 millisecond', n %% 50, 'changed', 'ccm.target',
       (n %% 900)::text, jsonb_build_object('value', n, 'kpi', 'service_level', 'queue', n %% 30),
       jsonb_build_object('value', n + 1, 'kpi', 'service_level', 'queue', n %% 30),
       '{"ccm.queue": {"9": "Sales"}}', ''
FROM generate_series(1, %s) AS n
"""
_HASHED = "SELECT count(sha256(convert_to({said}, 'UTF8'))) FROM ccm_auditentry entry"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    os.environ["CCM_AUDIT_KEY"] = "k" * 40
    with stack.running(name="bench"):
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(asked.entries)


def measure(many: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from ccm.sealed import chain, sealing, verifying

    logging.getLogger("ccm.sealed").setLevel(logging.WARNING)
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(_FILL, [many])
        _tell("added by one statement", many, begun)
        cursor.execute("ANALYZE ccm_auditentry, ccm_auditwaiting")
        begun = time.perf_counter()
        _tell("sealed", sealing.seal_waiting(timezone.now()), begun)
        cursor.execute("ANALYZE ccm_auditseal")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        found = verifying.verify(timezone.now())
        verified = _tell(f"verified, {found.wrong} faults", found.seals, begun)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        begun = time.perf_counter()
        cursor.execute(_HASHED.format(said=chain.SAID))
        hashed = _tell("hashed in SQL", found.entries, begun)
    print(f"verified / hashed in SQL: {verified / hashed:.2f}; grown by {grown:.0f} MB")


def _tell(words: str, many: int, begun: float) -> float:
    rate = many / (time.perf_counter() - begun)
    print(f"{words}: {many:,} entries, {rate:,.0f} a second", flush=True)
    return rate


if __name__ == "__main__":
    main()
