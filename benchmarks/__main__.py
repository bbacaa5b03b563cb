"""`make bench [ROWS=1000000]`: three rounds of each comparison, medians and ratios.

Runs on servers and a database of its own under CCM_DATA_DIR/bench. `--only pages` reads the record
that `--only figures` made there.
"""

import argparse
import os

from ccm import stack

PARTS = ["import", "memory", "rollup", "board", "walls", "figures", "pages"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=PARTS, action="append")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    with stack.running(name="bench"):
        import django

        django.setup()
        from django.core.management import call_command

        from benchmarks import board, figures, imports, rollup, walls

        call_command("migrate", verbosity=0)
        wanted = options.only or PARTS
        if "memory" in wanted:  # before the others fill it
            imports.remember(options.rows)
        if "import" in wanted:
            imports.compare(options.rows, options.rounds)
        if "rollup" in wanted:
            rollup.compare(options.rows, options.rounds)
        if "board" in wanted:
            board.measure()
        if "walls" in wanted:
            walls.sites()
            for count in (20, 200):
                walls.draw(count)
        if "figures" in wanted:
            figures.measure(options.rows, options.rounds)
        if "pages" in wanted:  # of the record that the figures left
            figures.read(options.rounds)
            board.measure(beside=True)


if __name__ == "__main__":
    main()
