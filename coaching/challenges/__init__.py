"""Challenges and incentive schemes: a rule that is said beforehand and stays, a period, a reward.

`reads` reads, `services` writes and decides, `forms` ask, `merging` follows agents that become one,
and `told` says it in the audit log. Who stands where is `coaching.leaderboards`' to tell.
"""
