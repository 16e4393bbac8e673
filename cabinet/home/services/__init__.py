"""What happens on pages that gather several apps."""
