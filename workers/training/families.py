"""Origins that share an ancestor, so that leaving one out leaves out its kin."""

from __future__ import annotations

# Beginnings of origin names. Pictures of one family come from the same decoder, or from
# the same hospital archive by another way; a detector that has seen one has seen both.
_FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("llm-image", ("gpt-4o", "gpt-image")),
    ("latent-diffusion-1", ("stable-diffusion", "latent-diffusion", "Stable Diff")),
    ("latent-diffusion-1", ("sd inpaint", "aligned-latent")),
    ("latent-diffusion-2", ("sdxl", "sd3", "stable-cascade", "flux", "auraflow")),
    ("latent-diffusion-2", ("chroma", "hunyuan", "lumina", "omnigen", "z-image")),
    ("latent-diffusion-2", ("cosmos",)),
    ("dall-e", ("dall-e", "dalle")),
    ("medical-gan", ("ACGAN", "CycleGAN", "MUNIT", "AnaCAttNet")),
    ("medical-diffusion", ("DDPM",)),
    ("ieee8023", ("ieee8023",)),
    ("nih", ("nih", "uao", "torchxrayvision")),
    ("kermany", ("kermany", "uao-neumonia")),
    ("mammography", ("mini-mias", "ffdm")),
    ("photo-web", ("standard-test", "kodak")),
)


def family_of(origin: str) -> str:
    """Return the family of a source or generator; its own name where it has none."""
    best, length = origin, 0
    for family, beginnings in _FAMILIES:
        for beginning in beginnings:
            if origin.startswith(beginning) and len(beginning) > length:
                best, length = family, len(beginning)
    return best
