"""What reviews found that somebody should do something about: whose it is, how far it is.

`reads` reads, `services` writes, `forms` asks, `listed` draws and `told` says it in the audit log.
"""
