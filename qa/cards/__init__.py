"""Scorecards with their words: what a form asks, how it is written, what is wrong with one."""

from qa.cards.card import Card, CriterionWords, Link, OptionWords
from qa.cards.document import Misread, Wrong, read, write

__all__ = ["Card", "CriterionWords", "Link", "Misread", "OptionWords", "Wrong", "read", "write"]
