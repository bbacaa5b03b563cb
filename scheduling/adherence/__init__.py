"""How schedules were kept: what was done, held against what was published, day by day.

`done` tells what people did in the words of the plan, `comparing` holds a day's plan against it
(pure), `counting` keeps that of each site day, and again when schedule or states change (`marks`).
`exceptions` are asked for and decided. `reads` sums the days for pages.
"""
