"""Live events in, folded into the record, and what follows from them out to the walls."""
