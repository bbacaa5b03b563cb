"""The watch for what wears people out: by team, with its causes, and of oneself.

`signs` says of days what they are signs of and what of a week is more than usual, pure; `reads`
reads the days from the figures of kpis and scheduling, which nothing here counts anew; `words` say
it, `services` keep a site's limits, `forms` ask for them and `told` says them in the audit log.
"""
