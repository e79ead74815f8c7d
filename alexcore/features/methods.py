"""The ways to ask which pixels raise a score or drive a unit; the lists are read without torch."""

from typing import Literal

Method = Literal["Grad-CAM", "integrated gradients", "occlusion"]
METHODS: dict[Method, str] = {
    "Grad-CAM": "where the last convolution's channels raise the class",
    "integrated gradients": "how each pixel adds to the class on the way from black",
    "occlusion": "how much the class falls when a grey square covers the place",
}

Projection = Literal["deconvolution", "guided backpropagation"]
PROJECTIONS: dict[Projection, str] = {
    "deconvolution": "the channel's answer on its way back to the pixels, as in figure 2 of Zeiler "
    "and Fergus (2013): what is negative is cut off at each ReLU",
    "guided backpropagation": "the same (Springenberg et al., 2014), cut off at each ReLU also "
    "where the picture left it silent, which draws sharper",
}
