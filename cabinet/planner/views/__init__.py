"""Pages of tasks and of methodical events."""
