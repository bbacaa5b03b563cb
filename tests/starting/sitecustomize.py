"""Python loads this as it starts a process of the program for a test (`tests/program.py`)."""

from tests import alone

alone.guard()
