"""What `ccm` tells the apps above it, which it does not know."""

from django.dispatch import Signal

# Calls changed and their queue days are marked dirty. Sent after the commit. No arguments:
# the dirty table says which.
record_changed = Signal()

# The demo centre's calls are stored; whoever adds to a demo does it now. May be sent again.
demo_loaded = Signal()

# Counts were made anew; walls may redraw. Arguments: none.
counts_changed = Signal()

# Calls go with the import that made them. Sent in the transaction that removes them, which holds
# them, before they go. Arguments: calls, their keys. Whoever would still do something about one
# leaves it.
calls_taken_back = Signal()

# A message to send was put into the outbox. Sent after the commit. Arguments: none.
message_put = Signal()

# Two names of one kind became one. Sent in the transaction that removes the loser, by its model.
# Arguments: loser and keeper, their keys. Whoever has rows that name the loser moves them.
names_merged = Signal()
