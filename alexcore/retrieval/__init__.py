"""Galleries of embeddings, kept on disk and searched."""
