"""The Retrieval page, in parts."""
