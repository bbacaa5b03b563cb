"""The voice of the customer: what callers answered and wrote, and what became of what returned.

`results` reads answers by queue, agent or topic, `reads` comments, `counting` how many of them have
which tag, `changes` (pure) what changed from some days to others. `services` writes tags and items,
`forms` asks, `listed` draws the files, `beside` leads there from findings, `merging` follows queues
that become one, and `told` says it in the audit log.
"""
