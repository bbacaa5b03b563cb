"""Pages of the library that callers may read themselves, without signing in.

`reads` says which anybody reads and which somebody may make public, `services` writes, and `told`
says it in the audit log. Off for every site until somebody who manages it opens the shelf.
"""
