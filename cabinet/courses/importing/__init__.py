"""Reading lists of слушатели and of staff as institutes send them. Knows nothing of the database."""
