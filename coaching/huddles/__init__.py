"""Huddles: a team's short meeting, whose agenda fills itself.

`preparing` finds the points, `services` writes, `reads` reads, `told` says it in the audit log.
What steps are is `coaching.following`'s.
"""
