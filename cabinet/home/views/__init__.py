"""Pages that gather several parts."""
