"""The table of recipes."""

from dataclasses import dataclass

from fashiontools.core.command import Command


@dataclass(frozen=True, kw_only=True)
class RecipeCommand(Command):
    """A recipe: a command of `train`, with the columns of Farnsworth's table 1.

    Attributes:
        recipe: What builds the recipe, as `module:object`.
        supervised: Whether it needs pairs.
        multi_domain: Whether one model serves several domains.
        multi_modal: Whether one input has several outputs.
        latent: Whether it has a latent space.
    """

    recipe: str
    supervised: bool
    multi_domain: bool
    multi_modal: bool
    latent: bool


RECIPES = {
    "dcgan": RecipeCommand(
        target="fashiontools.train.recipes.dcgan.options:DcganOptions",
        step="fashiontools.train.step:train",
        recipe="fashiontools.train.recipes.dcgan.recipe:Dcgan",
        summary="New images from noise: deep convolutional GAN.",
        source="Radford, Metz and Chintala 2015; Chiaretti 2020",
        folder="runs/dcgan",
        kind="recipe",
        supervised=False,
        multi_domain=False,
        multi_modal=False,
        latent=True,
    ),
    "classifier": RecipeCommand(
        target="fashiontools.train.recipes.classifier.options:ClassifierOptions",
        step="fashiontools.train.step:train",
        recipe="fashiontools.train.recipes.classifier.recipe:Classifier",
        summary="Tell labels apart: features to judge generated images by.",
        source="He, Zhang, Ren and Sun 2015, torchvision's ResNet-18",
        folder="runs/classifier",
        kind="recipe",
        supervised=True,
        multi_domain=False,
        multi_modal=False,
        latent=False,
    ),
    "detector": RecipeCommand(
        target="fashiontools.train.recipes.detector.options:DetectorOptions",
        step="fashiontools.train.step:train",
        recipe="fashiontools.train.recipes.detector.recipe:Detector",
        summary="Find garments: boxes of upper, lower and full clothes.",
        source="Ren, He, Girshick and Sun 2015; Chiaretti 2020",
        folder="runs/detector",
        kind="recipe",
        supervised=True,
        multi_domain=False,
        multi_modal=False,
        latent=False,
    ),
    "pix2pix": RecipeCommand(
        target="fashiontools.train.recipes.pix2pix.options:Pix2pixOptions",
        step="fashiontools.train.step:train",
        recipe="fashiontools.train.recipes.pix2pix.recipe:Pix2pix",
        summary="Images of images, learned from pairs: worn photos of product photos.",
        source="Isola, Zhu, Zhou and Efros 2016; Farnsworth 2018",
        folder="runs/pix2pix",
        kind="recipe",
        supervised=True,
        multi_domain=False,
        multi_modal=False,
        latent=False,
    ),
    "coarse-to-fine": RecipeCommand(
        target="fashiontools.train.recipes.coarse_to_fine.options:CoarseToFineOptions",
        step="fashiontools.train.step:train",
        recipe="fashiontools.train.recipes.coarse_to_fine.released:build",
        summary="Fill holes, guided by descriptions: coarse and refinement networks.",
        source="Kinli, Ozcan and Kirac 2020",
        folder="runs/coarse-to-fine",
        kind="recipe",
        supervised=True,
        multi_domain=False,
        multi_modal=False,
        latent=False,
    ),
}
