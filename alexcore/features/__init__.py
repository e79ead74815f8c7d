"""What a net computes on the way: activations of any node, embeddings, probabilities."""
