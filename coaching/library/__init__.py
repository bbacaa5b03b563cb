"""What agents look up while they work, kept in versions, found by its words.

`text` draws Markdown, `differences` compares, `highlights` marks what was found: all three pure.
`reads` reads, `finding` searches, `reading` knows who has still to read what, `services` writes,
`forms` asks, `listed` draws, `told` says it in the audit log.
"""
