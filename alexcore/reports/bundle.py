"""What one picture gives, as files to take along."""

import io
import json
import zipfile

import numpy as np
from PIL import Image

from alexcore.features.channels import combine_channels
from alexcore.figures.sprites import (
    ColourScale,
    create_heatmap,
    create_sprite,
    encode_png,
    plan_grid,
)
from alexcore.inference.model import Inference


def write_activations(inference: Inference) -> bytes:
    """Return the outputs of all nodes as NPZ, under their paper names."""
    names = inference.model.names
    file = io.BytesIO()
    arrays = {names[node]: array for node, array in inference.activations.items()}
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def write_bundle(inference: Inference) -> bytes:
    """Return a ZIP: the crop, a sprite and a sum of every layer, all values, the predictions."""
    names = inference.model.names
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("crop.png", encode_png(Image.fromarray(inference.picture.pixels)))
        for node, maps in inference.activations.items():
            if maps.ndim == 3:
                signed = bool(maps.min() < 0)
                grid = plan_grid(len(maps), maps.shape[1])
                sprite = create_sprite(maps, grid, ColourScale(signed))
                archive.writestr(f"sprites/{names[node]}.png", encode_png(sprite))
                total = create_heatmap(combine_channels(maps, "sum"), 390, signed)
                archive.writestr(f"sums/{names[node]}.png", encode_png(total))
        archive.writestr("activations.npz", write_activations(inference))
        facts = {
            "model": inference.model.source.name,
            "image": inference.name,
            "classes": {p.label: p.probability for p in inference.predictions},
        }
        archive.writestr("about.json", json.dumps(facts, indent=2))
    return file.getvalue()
