"""What roles of the database may do with the audit log's tables, where they do not own them.

Who owns a table may always change it, triggers or not: the log is only added to by right where web
and workers sign in as roles that own none of it (docs/audit.md).
"""

from collections.abc import Mapping

APPLICATION: Mapping[str, tuple[str, ...]] = {
    "ccm_auditentry": ("SELECT", "INSERT"),
    "ccm_auditwaiting": ("SELECT",),
    "ccm_auditseal": ("SELECT",),
    "ccm_auditcheck": ("SELECT",),
    "ccm_auditanchor": ("SELECT",),
}
"""Of whatever serves pages: adds entries, and reads how their sealing stands."""

SEALING: Mapping[str, tuple[str, ...]] = {
    "ccm_auditentry": ("SELECT", "INSERT"),
    "ccm_auditwaiting": ("SELECT", "DELETE"),
    "ccm_auditseal": ("SELECT", "INSERT"),
    "ccm_auditcheck": ("SELECT", "INSERT"),
    "ccm_auditanchor": ("SELECT",),
}
"""Of workers: they seal, and verify. What is old goes by a function alone (`LET_GO`)."""

LET_GO = "ccm_let_go_of_audit(integer)"

SEQUENCES = ("ccm_auditentry_id_seq", "ccm_auditcheck_id_seq")
"""USAGE of these, for both."""

TABLES = tuple(APPLICATION)
