"""What staffing is told in, below everything that is kept.

requirement.py  positions and people of a forecast's intervals; pure
shrinkage.py    paid time that is not for calls, by kinds, and as somebody writes it
fields.py       inputs of several forms
"""
