"""Forms of the gathering pages."""
