"""Filters of РМА, kept in the address."""
