"""The floor: a bare Django application with a form of 25 questions, one SELECT to show it, one INSERT to store it."""
