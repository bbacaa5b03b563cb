"""Leaderboards: of teams that want one, as ranges of ranks (`kpis.ranking`), of colleagues without
names.

`reads` reads, `services` writes, `forms` ask, `merging` follows agents that become one, and `told`
says it in the audit log.
"""
