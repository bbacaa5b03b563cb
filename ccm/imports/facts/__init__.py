"""Lists that are no logs: people, teams and queues, costs, targets, headcount, sales,
absences, paid time.

columns  what the columns of each list can mean, and what a list must tell
labels   guesses it from the names of columns
reading  cells become dates, numbers and words: a frame of facts, and the wrong rows
storing  facts become rows of the record: made, corrected, known already, or rejected with the
         reason where they name what is not there
"""
