"""The terms of work as planners keep them, and as rosters are made by them."""
