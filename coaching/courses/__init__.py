"""Courses: lessons and a quiz in versions, who is to take them, and how that goes.

`scoring` draws and scores, pure; `people` says who belongs to a site, `rules` who is to take what;
`reads` reads, `writing`, `assigning` and `taking` write, `forms` asks, `listed` draws, `told` says
it in the audit log.
"""
