"""What one picture gives, as files to take along."""

import io
import json
import zipfile

import numpy as np

from alexcore.dashboard.caching import get_model, get_picture, get_seen
from alexcore.dashboard.session import ImageChoice, ModelChoice
from alexcore.features.channels import combine_channels
from alexcore.figures.sprites import create_heatmap, create_sprite, encode_png, plan_grid


def write_arrays(choice: ModelChoice, image: ImageChoice) -> bytes:
    """Return the outputs of all nodes as NPZ, under their paper names."""
    labels = get_model(choice).labels
    file = io.BytesIO()
    arrays = {labels[node]: array for node, array in get_seen(choice, image).activations.items()}
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def write_all(choice: ModelChoice, image: ImageChoice) -> bytes:
    """Return a ZIP: the crop, a sprite and a sum of every layer, all values, the classes."""
    labels, seen = get_model(choice).labels, get_seen(choice, image)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        from PIL import Image

        crop = Image.fromarray(get_picture(image, choice.preset).pixels)
        archive.writestr("crop.png", encode_png(crop))
        for node, maps in seen.activations.items():
            if maps.ndim == 3:
                signed = bool(maps.min() < 0)
                sprite = create_sprite(maps, plan_grid(len(maps), maps.shape[1]), signed=signed)
                archive.writestr(f"sprites/{labels[node]}.png", encode_png(sprite))
                total = create_heatmap(combine_channels(maps, "sum"), 390, signed)
                archive.writestr(f"sums/{labels[node]}.png", encode_png(total))
        archive.writestr("activations.npz", write_arrays(choice, image))
        classes = {p.label: p.probability for p in seen.predictions}
        facts = {"model": choice.name, "image": image.name, "classes": classes}
        archive.writestr("about.json", json.dumps(facts, indent=2))
    return file.getvalue()
