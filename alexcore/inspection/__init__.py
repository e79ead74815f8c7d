"""Shapes, costs and receptive fields, layer by layer, without allocating a weight."""
