"""Counting: raw calls and states in, rows of counts out, a stretch of site days at a time.

`recount` says when and what, `units` lays out visits and contacts, `sums` adds them up;
`presence` lays out and adds up the time of agents.
"""

from kpis.rollups.recount import Stretch, rebuild, recount_dirty, refresh

__all__ = ["Stretch", "rebuild", "recount_dirty", "refresh"]
