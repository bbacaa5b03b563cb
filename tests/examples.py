"""How many random examples a test of the whole program looks at.

One that stores a centre and asks every way that leads to its figures takes a second an example. The
suite looks at some, the same each time; `python -m tests.heavy.further` looks at many others.
"""

import os

TIMES = int(os.environ.get("CCM_EXAMPLES_TIMES", "1"))


def examples(many: int) -> int:
    """So many in the suite."""
    return many * TIMES
