"""What waits for whoever teaches, of all that is learned: on the Home of those without figures."""
