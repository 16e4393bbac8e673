"""Background work of the gathering pages: importing this module registers its jobs."""

from cabinet.home.services import lists

__all__ = ["lists"]
