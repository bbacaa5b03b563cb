"""Certificates: what passing a course gives, until when, renewed or withdrawn.

`terms` says until when, pure; `reads` reads, `services` writes, `forms` asks, `listed` draws,
`told` says it in the audit log.
"""
