"""Forms of РМА."""
