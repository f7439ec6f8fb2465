"""The table of networks: what a run folder names, so that it can be loaded without its recipe."""

from fashiontools.core.registry import Entry

MODELS = {
    "dcgan-generator": Entry(
        target="fashiontools.models.gan.dcgan:Generator",
        summary="latent vector to image by transposed convolutions",
        source="Radford, Metz and Chintala 2015; Chiaretti 2020, figure 4.9",
    ),
    "dcgan-discriminator": Entry(
        target="fashiontools.models.gan.dcgan:Discriminator",
        summary="image to the probability that it is real, by strided convolutions",
        source="Radford, Metz and Chintala 2015; Chiaretti 2020, figure 4.10",
    ),
}
