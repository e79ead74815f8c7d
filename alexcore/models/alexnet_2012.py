"""The net of the 2012 paper: two towers as groups, local response normalisation.

https://papers.nips.cc/paper/4824, section 3.5 for the layers and section 5 for the weights.
The paper says 224 pixels; its 55x55 first map needs 227, or 2 pixels of padding as here.
"""

from torch import nn

from alexcore.models.alexnet import AlexNet, AlexNetConfig, ConvSpec

ORIGINAL = AlexNetConfig(
    convs=(
        ConvSpec(96, 11, stride=4, padding=2, lrn=True, pool=True),
        ConvSpec(256, 5, padding=2, groups=2, lrn=True, pool=True),
        ConvSpec(384, 3, padding=1),
        ConvSpec(384, 3, padding=1, groups=2),
        ConvSpec(256, 3, padding=1, groups=2, pool=True),
    ),
    hidden=4096,
    num_classes=1000,
    input_size=224,
)


def initialise_as_paper(model: AlexNet) -> None:
    """Draw weights from N(0, 0.01²); biases are 1 in conv2, conv4, conv5 and hidden layers.

    Section 5 of the paper: the ones feed the ReLUs positive inputs early on. It gives the
    weights in place from torch's current generator.
    """
    convs = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    ones = {convs[1], convs[3], convs[4], *linears[:-1]}
    for layer in (*convs, *linears):
        for name, tensor in layer.named_parameters():
            if name == "weight":
                nn.init.normal_(tensor, std=0.01)
            else:
                nn.init.constant_(tensor, 1.0 if layer in ones else 0.0)
