"""What happens to polls: put together, opened, answered, closed, counted."""
