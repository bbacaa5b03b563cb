"""What is wrong with the centre, in words with what to do about it.

    seen.py                                     looks once at the database, Redis and the machine
    configured.py machine.py stored.py worked.py   judge what was seen: each check a small function
    judged.py                                   the checks, how bad what they find is, and the whole

`callcenter doctor` prints it and the page *System* shows it.
"""
