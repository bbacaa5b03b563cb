"""Points: what a team makes of thanks, badges, challenges and courses where it wants to, counted
from these whenever they are looked at and kept nowhere.

`counting` (pure) says what they are worth and since when, `reads` counts, `services` writes what a
team wants, `forms` ask, and `told` says it in the audit log.
"""
