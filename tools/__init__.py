"""Scripts of the project: assets, preparing, running, pictures."""
