"""What the gathering pages hand out in Excel."""
