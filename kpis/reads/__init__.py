"""Reads of the sums: one value a key of a report, summed in the database."""
