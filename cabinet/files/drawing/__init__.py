"""Drawing of strangers' pictures and documents by a child process that may be stopped without harm."""

from cabinet.files.drawing.parent import Drawn, Page, Stopped, Undrawable, draw

__all__ = ["Drawn", "Page", "Stopped", "Undrawable", "draw"]
