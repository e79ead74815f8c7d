"""A walk through the library: ``python -m examples.look_inside``, or cell by cell as a notebook.

Editors that know ``# %%`` cells (VS Code, PyCharm, Jupytext) show it as one.
"""

# %% A trained run and a picture
from pathlib import Path

import torch

from alexcore.features.attribution import compute_heatmap
from alexcore.figures.sprites import create_overlay, create_sprite, plan_grid
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import to_array, to_tensor
from alexcore.inference.embeddings import create_embedder
from alexcore.inference.extract import extract_activations, list_nodes
from alexcore.inference.predictions import rank_classes
from alexcore.inspection.nets import trace_net
from alexcore.models.layer_names import name_layers
from alexcore.runs.run import load_run
from alexcore.sources import create_run_source
from alexcore.weights.safetensors import load_model

ROOT = Path(__file__).resolve().parent.parent
run = load_run(ROOT / "checkpoints" / "half-b16-s1")
model = load_model(run)
image = load_image(ROOT / "sample_images" / "volt.png")
x = to_tensor(image, run.preprocessing)
print(f"{run.name}: {run.model} on {run.dataset['name']}, x is {tuple(x.shape)}")

# %% How shapes and costs flow
trace = trace_net(create_run_source(run))
for layer in trace.layers:
    if layer.params:
        print(f"{layer.label:6} {layer.out_shape!s:20} {layer.params:>12,} parameters")

# %% What it decides
with torch.inference_mode():
    for prediction in rank_classes(model(x)[0], run.classes, 3):
        print(f"{prediction.label:8} {prediction.probability:.1%}")

# %% What each channel sees
labels = name_layers(model)
nodes = {node: labels[node] for node in list_nodes(model) if labels.get(node) in ("relu1", "relu5")}
maps = extract_activations(model, x, nodes)
sprite = create_sprite(maps["relu1"][0].numpy(), plan_grid(48, 55))
print(f"relu1 as one picture of {sprite.size[0]} x {sprite.size[1]} pixels")

# %% Which pixels speak for the class
target = int(model(x).argmax())
heat = compute_heatmap(model, x, target, "Grad-CAM")
overlay = create_overlay(to_array(image, run.preprocessing), heat, signed=True)
print(f"the heatmap is {heat.shape}, from {heat.min():.2f} to {heat.max():.2f}")

# %% How far two pictures are apart
embed = create_embedder(model)
other = embed(to_tensor(load_image(ROOT / "sample_images" / "brook.png"), run.preprocessing))
print(f"volt and brook are {float((embed(x) - other).norm()):.1f} apart")
