"""A loaded model, and what one pass over one picture gives."""
