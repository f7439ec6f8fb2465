"""The textual feature extractor of Kinli, Ozcan and Kirac 2020, section 3.1."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

EMBEDDING = 32
LAYERS = 3
PADDING = 0


class TextEncoder(nn.Module):
    """Embedding, a three-layer bidirectional LSTM, dropout, linear, ReLU.

    The paper does not say which of the LSTM's outputs is read. Here it is the last state of either direction, at the
    last and the first word; the released code reads the output at the last place, padding included, which hides a
    short text behind its padding.

    Args:
        words: Of the vocabulary.
        width: Units of the LSTM, each layer and direction; the paper's 1024 make 59 million weights.
        features: Length of the vector.
        dropout: Between the layers and before the linear one (0.25 in the released code).
        released: Read the output at the last place, as the released code does.

    Shape:
        (N, L) int64, 0 = padding -> (N, features) float, not negative.
    """

    def __init__(
        self, words: int, width: int = 1024, features: int = 128, dropout: float = 0.25, released: bool = False
    ) -> None:
        super().__init__()
        self._released = released
        self.embedding = nn.Embedding(words, EMBEDDING, padding_idx=PADDING)
        self.lstm = nn.LSTM(EMBEDDING, width, LAYERS, batch_first=True, dropout=dropout, bidirectional=True)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * width, features), nn.ReLU())

    def forward(self, tokens: Tensor) -> Tensor:
        """Encode; see the class for shapes."""
        if self._released:
            output, _ = self.lstm(self.embedding(tokens))
            return self.head(output[:, -1])
        lengths = (tokens != PADDING).sum(dim=1).cpu()
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        _, (state, _) = self.lstm(packed)
        return self.head(torch.cat([state[-2], state[-1]], dim=1))
