"""Onboarding: paths of stages from the first day to live calls, who is where, and who signs off.

`stages` says how far somebody is, pure; `reads` reads, `services` writes, `merging` follows agents
that become one, `forms` asks, `listed` draws the file, `told` says it in the audit log.
"""
