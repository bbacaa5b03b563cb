"""Shift bids: rows of a draft roster as lines without names, which people rank, and which are given
out by criteria that were stated before: `awarding` and `possible` are pure.
"""
