"""When callers may be contacted, and who is not to be.

`hours` (pure) says when a site may call; `reads` asks of sites, callers and regions; `services`
writes; `forms`, `tables` and `told` are of their pages.
"""
