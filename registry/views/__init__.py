"""Pages of the registry."""

from registry.views.entries import entry_list
from registry.views.exports import export_list, export_order
from registry.views.summary import summary

__all__ = ["entry_list", "export_list", "export_order", "summary"]
