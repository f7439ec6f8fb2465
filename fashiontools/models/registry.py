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
    "classifier": Entry(
        target="fashiontools.models.classifier.resnet18:ResNet18",
        summary="image to the class that it shows, by residual blocks",
        source="He, Zhang, Ren and Sun 2015, as torchvision has it",
    ),
    "inpainting-network": Entry(
        target="fashiontools.models.inpainting.coarse_to_fine:InpaintingNetwork",
        summary="photo with a hole to photo: a U-Net with dilated blocks, self-attention and a text vector",
        source="Kinli, Ozcan and Kirac 2020, sections 3.2 and 3.3",
    ),
    "global-discriminator": Entry(
        target="fashiontools.models.inpainting.local_global:GlobalDiscriminator",
        summary="image to how surely it is real",
        source="Kinli, Ozcan and Kirac 2020, section 3.3; their code",
    ),
    "local-discriminator": Entry(
        target="fashiontools.models.inpainting.local_global:LocalDiscriminator",
        summary="a hole's crop to how surely it is real",
        source="Kinli, Ozcan and Kirac 2020, section 3.3; their code",
    ),
    "faster-rcnn": Entry(
        target="fashiontools.models.detection.faster_rcnn:FasterRcnn",
        summary="photo to boxes of garments: proposals, then classes, on a feature pyramid",
        source="Ren, He, Girshick and Sun 2015; Lin et al. 2016; Chiaretti 2020, chapter 4.2",
    ),
    "unet-generator": Entry(
        target="fashiontools.models.translation.pix2pix:UNetGenerator",
        summary="image to image: an encoder, a decoder and skips, with dropout as the noise",
        source="Isola, Zhu, Zhou and Efros 2016",
    ),
    "patch-discriminator": Entry(
        target="fashiontools.models.translation.pix2pix:PatchDiscriminator",
        summary="an image and what it was made of to how surely each of its patches is real",
        source="Isola, Zhu, Zhou and Efros 2016",
    ),
    "text-encoder": Entry(
        target="fashiontools.models.text.lstm:TextEncoder",
        summary="a description's words to a vector: a three-layer bidirectional LSTM",
        source="Kinli, Ozcan and Kirac 2020, section 3.1",
    ),
}
