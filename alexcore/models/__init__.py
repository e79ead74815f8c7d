"""The AlexNet family: what can be built (``registry``) and how (the other modules)."""

from alexcore.models.registry import ModelSpec, create_model, get_config, get_spec, list_models

__all__ = ["ModelSpec", "create_model", "get_config", "get_spec", "list_models"]
