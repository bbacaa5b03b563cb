"""Rosters as they are kept: what is asked of them, how they are made by `scheduling.roster`, what
they cost and cover by `scheduling.rules`, and what planners do with them.
"""
