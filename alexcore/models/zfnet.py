"""The successor of 2013: smaller first kernels at half the stride keep more of the picture.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks",
https://arxiv.org/abs/1311.2901, figure 3. The contrast normalisation of the paper is LRN here.
"""

from alexcore.models.alexnet import AlexNetConfig, ConvSpec

ZFNET = AlexNetConfig(
    convs=(
        ConvSpec(96, 7, stride=2, padding=1, then=("relu", "norm", "pool"), pool_padding=1),
        ConvSpec(256, 5, stride=2, then=("relu", "norm", "pool"), pool_padding=1),
        ConvSpec(384, 3, padding=1),
        ConvSpec(384, 3, padding=1),
        ConvSpec(256, 3, padding=1, then=("relu", "pool")),
    ),
    hidden=4096,
    num_classes=1000,
    input_size=224,
)
