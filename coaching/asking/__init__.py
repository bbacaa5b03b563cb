"""Asking callers after their calls: who is drawn, and how their links are handed on.

`drawing` (pure) says which calls are drawn, `services` draws and keeps the rules, `handing` posts
links to webhooks and gives lists of them, `sending` mails them (`letters` says what), `wanted` says
whose addresses are kept for that, `reads` reads what became of them by step, `forms` asks,
`merging` follows queues that become one, `back` leaves calls that are taken back, and `told` says
it in the audit log.
"""
