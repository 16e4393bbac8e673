"""Pages of МОТОР."""
