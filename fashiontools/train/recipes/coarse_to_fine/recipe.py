"""The recipe `coarse-to-fine`: Kinli, Ozcan and Kirac 2020.

Three turns, as the paper has three optimizers: the coarse network with the text encoder, the discriminators, the
refinement network. What the paper leaves open and is decided here: the refinement network's gradient stops before the
coarse one; "twice the adversarial loss" is 2 (pixel + style) + global + local; holes are drawn by the photo's number.
The differences in networks and losses are told there.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fashiontools.models.inpainting.coarse_to_fine import begin_hole, coarse_to_fine, paste
from fashiontools.models.inpainting.local_global import crop_holes
from fashiontools.models.registry import MODELS
from fashiontools.models.text.vocabulary import Vocabulary
from fashiontools.train.pixels import to_images
from fashiontools.train.recipe import Batch, Data, Losses, Model, Picked, Turn
from fashiontools.train.recipes.coarse_to_fine.holes import Holes
from fashiontools.train.recipes.coarse_to_fine.objective import Game, Reconstruction
from fashiontools.train.recipes.coarse_to_fine.options import DESCRIPTION, CoarseToFineOptions
from fashiontools.train.schedules import cosine, exponential

VOCABULARY = "vocabulary.json"
_SHOWN = 8
_AT_ONCE = 32


class CoarseToFine:
    """Two networks that fill holes one after the other, and two that judge the second.

    Args:
        options: Of the recipe.
        data: The photos; their descriptions make the vocabulary.
        device: Where they are trained.
    """

    preview_columns = 5
    figures = ()
    in_one_process = False
    keeps_best = False

    def __init__(self, options: CoarseToFineOptions, data: Data, device: torch.device) -> None:
        self._options, self._device = options, device
        self._reconstruction = self._objective(data.before.facts if data.before else {})
        self.facts, self.notes = self._reconstruction.facts, self._reconstruction.notes
        self._game = Game(hinge=options.objective == "hinge")
        self._adversarial = bool(options.global_weight or options.local_weight)
        self.files: dict[str, bytes] = {}
        self._tokens = self._read_descriptions(data)
        self.models = self._named_models()
        self.modules = {name: MODELS[model.name].load()(**model.arguments) for name, model in self.models.items()}
        self.shown = tuple(name for name in ("text", "coarse", "refinement") if name in self.modules)
        self.turns = tuple(self._turns())
        self._data, self._holes = data, self._holes_of(data)
        self._fixed = self._fixed_batch(data.held_out or data)

    # ------------------------------------------------------------------------------------------------------ building

    def _objective(self, recorded: Mapping[str, Any]) -> Reconstruction:
        return Reconstruction(self._options, self._device, recorded)

    def _read_descriptions(self, data: Data) -> Tensor | None:
        """(photos, length) int64 numbers of words, or None; the vocabulary becomes a file of the run."""
        options = self._options
        if not options.descriptions:
            return None
        texts = [row.get(DESCRIPTION, "") for row in data.rows]
        if data.before is not None and VOCABULARY in data.before.files:
            # The words keep the numbers that they were trained under.
            self._vocabulary = Vocabulary.from_json(data.before.files[VOCABULARY].decode())
        else:
            self._vocabulary = Vocabulary.of(texts, options.word_count, options.vocabulary)
        self.files[VOCABULARY] = self._vocabulary.to_json().encode()
        return torch.from_numpy(self._vocabulary.encode(texts, options.text_length))

    def _named_models(self) -> dict[str, Model]:
        options = self._options
        shared = self._layout()
        text = options.text_features if options.descriptions else 0
        spectral = options.objective == "hinge"
        models = {
            "coarse": Model("inpainting-network", {**shared, "text": text, "deep": 4}),
            "refinement": Model("inpainting-network", {**shared, "deep": 8}),
        }
        if options.descriptions:
            size = {"words": len(self._vocabulary), "width": options.text_width, "features": text}
            models["text"] = Model("text-encoder", {**size, "dropout": options.text_dropout})
        if options.global_weight:
            models["global"] = Model("global-discriminator", {"width": options.width, "spectral": spectral})
        if options.local_weight:
            models["local"] = Model("local-discriminator", {"width": max(1, options.width // 2), "spectral": spectral})
        return models

    def _layout(self) -> dict[str, Any]:
        """The arguments that both networks share."""
        names = ("size", "width", "norm", "upsample", "dropout", "attention", "mask_channel", "residual")
        return {name: getattr(self._options, name) for name in names}

    def _turns(self) -> list[Turn]:
        options = self._options
        schedule = cosine if options.schedule == "cosine" else partial(exponential, options.decay)

        def turn(name: str, trains: tuple[str, ...], rate: float, losses: Callable[[Batch], Losses]) -> Turn:
            adam = partial(torch.optim.Adam, lr=rate, betas=(options.beta1, options.beta2))
            return Turn(name, tuple(one for one in trains if one in self.models), adam, losses, schedule=schedule)

        turns = [
            turn("coarse", ("text", "coarse"), options.coarse_rate, self._coarse_losses),
            turn("discriminators", ("global", "local"), options.discriminator_rate, self._judge),
            turn("refinement", ("refinement",), options.refinement_rate, self._refinement_losses),
        ]
        return turns if self._adversarial else [turns[0], turns[2]]

    def _holes_of(self, data: Data) -> Holes:
        options = self._options
        return Holes(
            data.rows,
            options.size,
            options.fit,
            options.seed,
            area=options.area,
            aspect=options.aspect,
            central=options.position == "central",
            touched=options.touch_garment,
        )

    # ------------------------------------------------------------------------------------------------------- training

    def draw(self, picked: Picked) -> dict[str, Tensor]:
        """`mask` and `box` as `Holes.draw` has them, and `tokens`, (B, length) int64, where descriptions are read."""
        drawn = self._holes.draw(picked.numbers, picked.mirrored, picked.epoch)
        return drawn if self._tokens is None else {**drawn, "tokens": self._tokens[picked.numbers]}

    def share(self, batch: Batch) -> Batch:
        """Add both networks' outputs, (N, 3, S, S), and what their losses compare with."""
        coarse, refined = self._fill(batch)
        truth = self._reconstruction.features(batch["photo"])
        features = {f"feature {number}": one for number, one in enumerate(truth)}
        return {**batch, "coarse": coarse, "refined": refined, **features}

    def _fill(self, batch: Batch) -> tuple[Tensor, Tensor]:
        modules, options = self.modules, self._options
        text = modules["text"](batch["tokens"]) if options.descriptions else None
        return coarse_to_fine(
            modules["coarse"],
            modules["refinement"],
            batch["photo"],
            batch["mask"],
            text,
            hole=options.hole,
            pasted=options.residual,
        )

    def _reconstruct(self, batch: Batch, name: str) -> tuple[Tensor, dict[str, Tensor]]:
        truth = [value for key, value in batch.items() if key.startswith("feature ")]
        return self._reconstruction.loss(batch[name], batch["photo"], batch["mask"], truth)

    def _coarse_losses(self, batch: Batch) -> Losses:
        """Equation 4."""
        loss, parts = self._reconstruct(batch, "coarse")
        return {"loss": loss, "loss_coarse": loss, **{f"coarse_{name}": part for name, part in parts.items()}}

    def _judge(self, batch: Batch) -> Losses:
        scores = {
            "photo": self._judged(batch["photo"], batch),
            "refined": self._judged(batch["refined"].detach(), batch),
        }
        losses = {name: self._game.judge(real, scores["refined"][name]) for name, real in scores["photo"].items()}
        loss = torch.stack(list(losses.values())).sum()
        return {"loss": loss, "loss_d": loss, **{f"loss_d_{name}": one for name, one in losses.items()}}

    def _judged(self, image: Tensor, batch: Batch) -> dict[str, Tensor]:
        scores = {}
        if "global" in self.modules:
            scores["global"] = self.modules["global"](image)
        if "local" in self.modules:
            scores["local"] = self.modules["local"](crop_holes(image, batch["box"]))
        return scores

    def _refinement_losses(self, batch: Batch) -> Losses:
        """Equation 6."""
        options = self._options
        loss, parts = self._reconstruct(batch, "refined")
        loss = options.reconstruction_weight * loss
        weights = {"global": options.global_weight, "local": options.local_weight}
        for name, score in self._judged(batch["refined"], batch).items():
            parts[name] = self._game.fool(score)
            loss = loss + weights[name] * parts[name]
        return {"loss": loss, "loss_refinement": loss, **{f"refined_{name}": part for name, part in parts.items()}}

    # -------------------------------------------------------------------------------------------------------- judging

    def validate(self, data: Data) -> dict[str, float]:
        """Smooth L1 loss and PSNR of both raw outputs, and their PSNR in the hole; the same holes always."""
        totals: dict[str, float] = {}
        for start in range(0, len(data.photos), _AT_ONCE):
            batch = self._still_batch(data, np.arange(start, min(start + _AT_ONCE, len(data.photos))))
            for name, output in zip(("coarse", "refined"), self._fill(batch), strict=True):
                for key, values in _scores(output, batch["photo"], batch["mask"]).items():
                    totals[f"val_{key}_{name}"] = totals.get(f"val_{key}_{name}", 0.0) + values.sum().item()
        return {name: total / len(data.photos) for name, total in totals.items()}

    def _still_batch(self, data: Data, numbers: np.ndarray) -> Batch:
        """Photos by number, none mirrored, with the holes of epoch 0."""
        photo = to_images(data.photos.batch(numbers))
        drawn = self._holes_of(data).draw(numbers, np.zeros(len(numbers), bool), 0)
        if self._options.descriptions:
            texts = [data.rows[number].get(DESCRIPTION, "") for number in numbers]
            drawn["tokens"] = torch.from_numpy(self._vocabulary.encode(texts, self._options.text_length))
        return {name: value.to(self._device) for name, value in {"photo": photo, **drawn}.items()}

    def _fixed_batch(self, data: Data) -> Batch:
        count = min(_SHOWN, len(data.photos))
        return self._still_batch(data, np.linspace(0, len(data.photos) - 1, count).astype(int))

    def preview(self) -> Tensor:
        """Of eight photos, held out if possible: the hole, both raw outputs, the pasted fill, the photo."""
        batch = self._fixed
        photo, mask = batch["photo"], batch["mask"]
        coarse, refined = self._fill(batch)
        lines = (begin_hole(photo, mask, "white"), coarse, refined, paste(photo, refined, mask), photo)
        return torch.stack(lines, dim=1).flatten(0, 1)

    def best_epoch(self, epochs: list[dict[str, float]]) -> tuple[int, str]:
        """The epoch with the best held-out PSNR in the hole, or else the least pixel loss; the paper has no rule."""
        if "val_hole_psnr_refined" in epochs[-1]:
            scores = [-epoch["val_hole_psnr_refined"] for epoch in epochs]
            return scores.index(min(scores)), "highest held-out PSNR in the hole"
        losses = [epoch["refined_pixel"] for epoch in epochs]
        return losses.index(min(losses)), "least pixel loss of the refinement network"


def _scores(output: Tensor, photo: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """Per image, (N,): the smooth L1 loss, PSNR over the image, PSNR in the hole."""
    smooth = torch.nn.functional.smooth_l1_loss(output, photo, reduction="none").mean(dim=(1, 2, 3))
    squares = (output.clamp(-1, 1) - photo).square().mean(dim=1, keepdim=True)
    whole = squares.mean(dim=(1, 2, 3))
    hole = (squares * mask).sum(dim=(1, 2, 3)) / mask.sum(dim=(1, 2, 3))
    # The range of [-1, 1] is 2; a fill without any error counts as 80 dB.
    psnr, hole_psnr = (10 * torch.log10(4 / error.clamp(min=4e-8)) for error in (whole, hole))
    return {"loss": smooth, "psnr": psnr, "hole_psnr": hole_psnr}
