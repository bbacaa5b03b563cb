"""How many calls will come, interval by interval, and how sure that is.

Pure: arrays of counts and facts of days in, arrays out.

    days.py       what a calendar knows of a day: weekday, holiday, eve, bridge, month's end
    history.py    what was counted, and which intervals were open
    methods.py    every way to forecast, behind one call
    totals.py     a day's calls: ridge regression on what its calendar knows, and a damped level
    profile.py    how a day's calls lie in the day: a few shapes that all weekdays are made of
    scores.py     WAPE, bias, coverage
    backtest.py   what each method would have said, day after day
    bands.py      how sure: conformal quantiles of errors that were made
    choosing.py   which method a queue is forecast by
    ahead.py      days to come, with their bands
    outliers.py   days unlike what they should have been
    events.py     campaigns, launches, outages
    overrides.py  a planner's word, laid over a forecast
    handling.py   how long contacts will take
    borrowed.py   queues with little history, or none
    monthly.py    months ahead, for how many to hire
    intraday.py   the rest of a day that has begun

`docs/forecasting.md` says what was tried, what lost, and by how much.
"""
