"""The ways to ask which pixels raise a score or drive a unit; the lists are read without torch."""

from typing import Literal

Method = Literal[
    "Grad-CAM",
    "Grad-CAM++",
    "LayerCAM",
    "gradient x input",
    "integrated gradients",
    "gradient SHAP",
    "DeepLIFT",
    "occlusion",
]
METHODS: dict[Method, str] = {
    "Grad-CAM": "where a convolution's channels raise the class, each weighed as a whole",
    "Grad-CAM++": "the same, weighed by the cells that raise it, so that several places count",
    "LayerCAM": "the same, each cell weighed alone, so that it is sharp at early layers too",
    "gradient x input": "how each pixel would change the class, times how far it is from grey",
    "integrated gradients": "how each pixel adds to the class on the way from grey",
    "gradient SHAP": "the same on ways from plain pictures, dark to bright, with some noise",
    "DeepLIFT": "how each pixel's difference from grey passes through every layer to the class",
    "occlusion": "how much the class falls when a grey square covers the place",
}

Projection = Literal["deconvolution", "guided backpropagation"]
PROJECTIONS: dict[Projection, str] = {
    "deconvolution": "the channel's answer on its way back to the pixels, as in figure 2 of Zeiler "
    "and Fergus (2013): what is negative is cut off at each ReLU",
    "guided backpropagation": "the same (Springenberg et al., 2014), cut off at each ReLU also "
    "where the picture left it silent, which draws sharper",
}

LAYERED: tuple[Method, ...] = ("Grad-CAM", "Grad-CAM++", "LayerCAM")
"""Those that read the maps of one layer, the last convolution's by default."""

UNSIGNED: tuple[Method, ...] = ("Grad-CAM++", "LayerCAM")
"""Those that add up what raises the class alone: behind a ReLU their heat is never negative."""
