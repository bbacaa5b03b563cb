"""What the law of a country says of shifts, as data with its source beside each value.

A preset is where a contract's limits start from, and no legal advice: collective agreements, the
trade and the age of people change what holds, and laws change after the day a value is stated of.
One readable file for each country, and for regions that have rules of their own.
"""

from scheduling.presets.known import known, load
from scheduling.presets.preset import Preset, Source

__all__ = ["Preset", "Source", "known", "load"]
