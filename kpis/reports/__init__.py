"""Reports that people put together: `asked` is what an address or a saved report says, `reach`
what its reader may ask, `comparing` what stands beside the figures, `making` the whole of it for
one reader, `links` where each figure explains itself, `shapes` and `charts` how a page draws it,
`files` how it is taken along."""
