"""The Training page, in parts."""
