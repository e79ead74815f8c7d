"""The Feature maps page, in parts."""
