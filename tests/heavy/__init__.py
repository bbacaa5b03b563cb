"""Long runs that are no part of the suite; docs/proof.md holds what they last found."""
