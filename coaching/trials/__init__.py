"""Trials: an idea registered with its measure, its agents and its days before it begins, told when
it is over, beside the others, and decided on.

    locks       what the database refuses from the start on, and who is let past it
    services    registers, changes, stops and decides
    reads       lists, states, who takes part
    verdicts    what a trial that ran as registered did
    words       how it is said
"""
