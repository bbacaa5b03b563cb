"""What figures are read from: counts and sums that can be added up, as plain values."""
