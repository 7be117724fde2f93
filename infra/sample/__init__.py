"""Trips to fill the laptop's warehouse with: simulated ones, or the TLC's own files. `make run` calls `prepare`."""

from infra.sample.prepared import Prepared, Simulated, TripFiles, prepare
from infra.sample.workshop import SampleError

__all__ = ["Prepared", "SampleError", "Simulated", "TripFiles", "prepare"]
