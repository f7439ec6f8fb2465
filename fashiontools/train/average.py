"""The exponential moving average of a network's weights."""

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def average_of(module: nn.Module, decay: float) -> AveragedModel:
    """An exponential moving average of the weights (buffers are copied), on the module's device.

    Early on the decay is lower, (1 + n) / (10 + n) after n steps, so that a short run is not an average of noise.
    """
    full = get_ema_multi_avg_fn(decay)

    def average(averages: list[Tensor], weights: list[Tensor], taken: Tensor | int) -> None:
        early = (1 + int(taken)) / (10 + int(taken))
        (full if early >= decay else get_ema_multi_avg_fn(early))(averages, weights, taken)

    return AveragedModel(module, multi_avg_fn=average)
