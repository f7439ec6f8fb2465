"""ResNet-18: "Deep Residual Learning for Image Recognition" (He, Zhang, Ren and Sun 2015), as torchvision has it.

Differences from the paper are torchvision's own: none in the network. Images come in [-1, 1], as in all our networks,
and are brought to ImageNet's mean and deviation here, so that ImageNet weights can be loaded. At 64 x 64 pixels the
last feature map has 2 x 2 places instead of 7 x 7.
"""

from torch import Tensor, nn
from torchvision.models import resnet18

from fashiontools.models.imagenet import normalized

_WIDTH = 512


class ResNet18(nn.Module):
    """An image to the logits of its classes, by way of 512 features.

    Args:
        classes: Names of the classes, in the order of the logits.
        size: Side of the images that it is trained on, pixels; kept for those who use it, any side of 32 or more works.

    Attributes:
        width: How many features there are.
    """

    width = _WIDTH

    def __init__(self, classes: list[str], size: int) -> None:
        super().__init__()
        self.classes = list(classes)
        self.size = size
        self.network = resnet18(weights=None, num_classes=len(self.classes))

    def forward(self, images: Tensor) -> Tensor:
        """Classify images.

        Args:
            images: (N, 3, size, size) float in [-1, 1].

        Returns:
            (N, classes) logits; their softmax is the probability of each class.
        """
        return self.classify(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """What the last layer sees.

        Args:
            images: (N, 3, size, size) float in [-1, 1].

        Returns:
            (N, 512), not negative: the mean of the last feature map.
        """
        net = self.network
        x = normalized(images)
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        x = net.layer4(net.layer3(net.layer2(net.layer1(x))))
        return net.avgpool(x).flatten(1)

    def classify(self, features: Tensor) -> Tensor:
        """From (N, 512) features to (N, classes) logits."""
        return self.network.fc(features)
