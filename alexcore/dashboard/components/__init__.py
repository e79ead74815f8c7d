"""Components of our own: one folder each."""
