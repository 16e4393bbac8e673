"""What happens to routes, a verb per function; each module is one side of the work."""
