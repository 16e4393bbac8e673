"""Filters of the gathering pages."""
