"""Scenarios: what work and people become over eighteen months if something changes.

forms.py     what is asked
months.py    months ahead of queues, kept beside their forecasts
work.py      their hours on calls, and what changes them; pure
reopened.py  calls of a week whose opening hours change; pure
steps.py     positions of loads that grow in steps; pure
reckoned.py  hours of each month, reckoned and kept
record.py    what the record knows of a site's people
people.py    the people of a scenario
capacity.py  people needed, people there, and when to hire; pure
shown.py     what the pages show
drawn.py     their curves
"""
