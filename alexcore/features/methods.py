"""The ways to ask which pixels raise the score of a class; the list is read without torch."""

from typing import Literal

Method = Literal["Grad-CAM", "integrated gradients", "occlusion"]
METHODS: dict[Method, str] = {
    "Grad-CAM": "where the last convolution's channels raise the class",
    "integrated gradients": "how each pixel adds to the class on the way from black",
    "occlusion": "how much the class falls when a grey square covers the place",
}
