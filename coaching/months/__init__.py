"""A team's month as its manager looks at it: what to decide, what stood out, and what else there is
to know of it, of one page to print.

Every figure is of its one home: KPIs of `kpis.evaluation`, scores of `qa.scores`, hours and
shrinkage of `scheduling.adherence`, coaching of `coaching.rhythm` and the rest beside it. `reads`
finds them with the team's people, `sections` says them, and `deciding` (pure) chooses what is to be
decided.
"""
