"""Scenarios: what work and people become over eighteen months if something changes."""
