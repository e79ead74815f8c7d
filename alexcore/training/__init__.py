"""Training runs: their configuration, the loop, and the history they leave."""
