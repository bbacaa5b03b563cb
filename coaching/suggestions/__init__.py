"""The suggestions box: named, or of nobody.

`reads` reads, `services` writes, `mixing` takes away what the database itself would tell of when
one came in, `forms` asks and `told` says it in the audit log. Addresses below `UNLOGGED` stand in
no access log.
"""

UNLOGGED = "/coaching/suggestions/"
"""The list, too: where one is there of a day on which one person opened that, they wrote it."""
