"""Whether coaching worked, of the record: what `coaching.progress` reckons with, read and told.

periods    time in periods of four weeks: pure
beyond     agents' figures beyond what their queues explain: pure
measures   which KPIs it is told of, and how they are counted
reads      figures and people of a site, kept while no past day is counted anew
sources    what may have changed something, and when: sessions are the first
told       the answer to a question, for who asks
words, drawn, files    how it is said, drawn and taken along
"""
