"""Makes rosters: who works when, so that what is asked for is covered and nobody's rules are
broken. Pure: a `scheduling.shifts.Problem` in, a roster and what is to be said of it out.

A search from both ends. Where many people are alike, how many of them work which tour of a week is
solved exactly (`classes`); everyone's own span is then found exactly while all others' stays
(`tour`, `descent`), which names people and takes wishes and fairness in; and parts of it, some
people or some days, are solved exactly again and again while time lasts (`model`, `search`).
Pauses and activities are placed against the curve at last (`pauses`). Nothing here checks a roster:
`scheduling.rules` does, and knows nothing of how it was made.
"""
