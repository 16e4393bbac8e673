"""Reading the roster of РМА as institutes keep it, working out what it changes, writing that down, taking it back."""
