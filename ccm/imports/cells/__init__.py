"""From the text of a cell to its meaning: times, zones, durations, words; and rows to calls."""
