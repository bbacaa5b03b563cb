"""The calculator: one queue in one interval, as somebody types it.

asked.py   what is asked, and its answer; pure
forms.py   what the page asks
drawn.py   the curve of its answer
"""
