"""Overtime and voluntary time off, offered during a day to those who could.

able.py      whose shifts can end later or sooner for some hours, and what that gives
services.py  offers, answers, what is decided and what ends by itself
reads.py     what pages tell of them
words.py     in words
told.py      in the audit log
"""
