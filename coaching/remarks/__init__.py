"""Notes and questions of agents on what is told of them, and the answers."""
