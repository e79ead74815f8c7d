"""The Overview, in parts."""
