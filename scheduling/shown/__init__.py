"""What pages, files, walls and alerts show of forecasts.

queues.py    the queue that a page is about
facts.py     rows and sums of what is kept
byday.py     days and weeks, as tables and files have them
drawn.py     curves, with their bands
scored.py    how forecasts did
listed.py    every queue and group at a glance
expected.py  a site's day, for walls, *Floor* and Home
strayed.py   alerts of queues whose days left their bands
"""
