"""What whoever recruits has to know: how many are needed when, who leaves, how long people are new,
and what those who began well have in common.

`starters` (pure) compares, `reads` reads. Nothing is told of a single person, nor of fewer than
five.
"""
