"""The Architecture page, in parts."""
