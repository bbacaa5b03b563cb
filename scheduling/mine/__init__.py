"""What people see of their own shifts: when they work, what changed, and their calendar."""
