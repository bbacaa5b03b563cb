"""The pages of quality review; each module has its addresses in `urls`."""
