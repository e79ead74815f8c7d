"""The parts of the larger pages, one subject a module."""
