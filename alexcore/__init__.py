"""Look inside AlexNet: models, inspection, training, extraction, retrieval and their figures.

Importing the package is cheap: torch is imported by the modules that compute with it.
"""

__version__ = "0.1.0"
