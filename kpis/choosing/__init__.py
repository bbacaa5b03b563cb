"""Choosing definitions: who may count what how, where and from when; and what that would show."""
