"""What people said of a call in notes stands again when a call that was taken back comes back.

Its id is made anew the same, so its notes know it; only what they had set is gone with the row.
"""

import polars as pl
from django.db.backends.utils import CursorWrapper

# The columns that a note may set (`ccm.notes.COLUMNS`).
_COLUMNS = ("disposition_id", "topic_id", "resolved", "resolvable")
# What stands of a column is what the last note that knew it said.
_SAID = """CASE WHEN '{0}' = ANY(n.standing) THEN (
        SELECT m.{0} FROM ccm_callnote m WHERE m.call_id = c.id AND m.{0} IS NOT NULL
        ORDER BY m.at DESC, m.id DESC LIMIT 1
    ) ELSE c.{0} END"""
_STAND_AGAIN = f"""
UPDATE ccm_call c SET noted = n.standing, {", ".join(f"{x} = {_SAID.format(x)}" for x in _COLUMNS)}
FROM ccm_callnote n
WHERE n.id = ANY(%(notes)s) AND c.id = ANY(%(calls)s::uuid[]) AND c.id = n.call_id
  AND c.noted IS NULL
"""


def stand_again(cursor: CursorWrapper, calls: pl.Series) -> None:
    """Set on these calls, just written, what notes said of them before they went."""
    cursor.execute(
        "SELECT id, call_id::text FROM ccm_callnote"
        " WHERE call_id BETWEEN %s AND %s AND is_current AND standing IS NOT NULL",
        [str(calls.min()), str(calls.max())],
    )
    if found := cursor.fetchall():
        notes, noted = zip(*found, strict=True)
        cursor.execute(_STAND_AGAIN, {"notes": list(notes), "calls": list(noted)})
