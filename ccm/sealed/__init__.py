"""The chain that the audit log is sealed into: made, verified, and told of."""
