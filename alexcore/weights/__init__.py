"""Weights on disk: ours, those of strangers, and ImageNet's."""
