"""Erasing a person: what is held of them is looked for, shown, taken along, and goes; counts stay.

`numbers` finds a telephone number in any text, pure. `traces` says of each table what becomes of
rows about a customer or an agent; apps add theirs. `customers` and `agents` do it, each as a job.
`returning` keeps logs that are read again from bringing anybody back.
"""
