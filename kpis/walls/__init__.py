"""Wallboards: what tiles they have, how each is drawn, and the frames that go to the screens."""
