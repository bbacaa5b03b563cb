"""From a chunk of records to the tables of the record, with the fate of every line."""
