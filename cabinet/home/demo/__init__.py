"""Invented people, organizations and stories: what the demo and the measurements are filled with."""
