"""Folders of pictures: anyone's, read once into a decoded cache, and the drawn demo set."""
