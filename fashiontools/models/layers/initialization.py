"""How the weights of generative networks begin."""

from torch import nn


def initialize(module: nn.Module) -> None:
    """Radford, Metz and Chintala 2015, and many since: convolutions N(0, 0.02); batch norm N(1, 0.02); biases 0."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
