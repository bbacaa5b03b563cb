"""Trades of published shifts: whether one may be, what it does, and what is said of it."""
