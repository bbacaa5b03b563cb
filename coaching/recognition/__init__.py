"""Recognition: anybody at a site thanks an agent of it, in words.

`reads` reads, `services` writes, `forms` asks, `listed` draws the file, `beside` leads there from
calls, `merging` follows agents that become one, and `told` says it in the audit log.
"""
