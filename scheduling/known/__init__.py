"""What is known of queues by now, and which sites' forecasts are due for it.

past.py  what was counted of them, as forecasts take it
runs.py  of which sites another day is known than all was done for
"""
