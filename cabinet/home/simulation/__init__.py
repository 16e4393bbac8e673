"""A synthetic region for measurements: written in bulk, past the services, but within every constraint."""

from cabinet.home.simulation.region import SimulationRefused, simulate

__all__ = ["SimulationRefused", "simulate"]
