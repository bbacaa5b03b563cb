"""Badges and milestones: given by rules, once, and never taken back.

`rules` says who has reached what, pure; `giving` gives what was reached, `reads` reads, `services`
writes, `forms` ask, `merging` follows agents that become one, and `told` says it in the audit log.
"""
