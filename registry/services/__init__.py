"""What happens to the registry, and what it tells others."""

from registry.services.rebuild import Difference, differences, rebuild
from registry.services.sweeping import refresh, sweep

__all__ = ["Difference", "differences", "rebuild", "refresh", "sweep"]
