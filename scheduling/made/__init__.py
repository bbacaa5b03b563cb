"""Forecasts as they are made, each night, and what becomes of them.

    making.py   forecasts of queues, anew
    grouped.py  of queues that the same people serve, as one
    kept.py     what is expected, as rows keep it
    ledger.py   published, scored, followed

The methods themselves are in `scheduling/forecast`.
"""
