"""Runs: what a training left, read without torch."""
