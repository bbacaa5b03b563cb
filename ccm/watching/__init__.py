"""Watching over the centre: what its processes tell of themselves, and whether it is well.

logs.py masked.py requests.py   lines of the log, each request by its id
alive.py                        which processes are there, by a sign of life in Redis
declared.py counted.py tasks.py gathered.py   figures of `/metrics`
ready.py                        the parts behind `/readyz`
doctor/                         what is wrong, in words with what to do
"""
