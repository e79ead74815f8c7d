"""Measurements, each a ratio to a named baseline in the same run: ``python -m benchmarks``."""
