"""Breach and near miss of each rule on bits, compression, tones and kind."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from pydicom.uid import JPEGBaseline8Bit

from tests import dicom
from tests.pure.lanes.metadata.films import (
    Film,
    bell,
    edited,
    film,
    noise,
    stretch,
    with_pixels,
)

_LOSSY = {
    "LossyImageCompression": "01",
    "LossyImageCompressionRatio": 2,
    "LossyImageCompressionMethod": "ISO_10918_1",
}


def _grey() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.tile(dicom.make_pixels(256, 256, bits_stored=8), (2, 2))


def _press(
    grey: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], quality: int
) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(grey).save(encoded, "JPEG", quality=quality)
    return encoded.getvalue()


def _pressed() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with Image.open(io.BytesIO(_press(_grey(), 40))) as picture:
        return np.asarray(picture)


def _jpeg(**overrides: object) -> Film:
    grey = dicom.make_pixels(bits_stored=8)
    return Film(
        "cr",
        overrides,
        {
            "array": grey,
            "bits_stored": 8,
            "transfer_syntax": JPEGBaseline8Bit,
            "encapsulated": [_press(grey, 75)],
        },
    )


def _eight(
    array: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], **more: object
) -> Film:
    return Film("cr", more, {"array": array, "bits_stored": 8})


_SMALLEST, _LARGEST = int(dicom.make_pixels().min()), int(dicom.make_pixels().max())

DEPTH: dict[str, list[tuple[Film, Film]]] = {
    "high_bit": [(film(HighBit=15), film(HighBit=11))],
    "extreme_values": [
        (
            film(SmallestImagePixelValue=0, LargestImagePixelValue=100),
            film(SmallestImagePixelValue=0, LargestImagePixelValue=4095),
        )
    ],
    "extreme_values_not_reached": [
        (
            film(SmallestImagePixelValue=0, LargestImagePixelValue=4095),
            film(SmallestImagePixelValue=_SMALLEST, LargestImagePixelValue=_LARGEST),
        )
    ],
    "eight_bits_in_deep": [
        (with_pixels(noise(0, 250)), with_pixels(noise(0, 400))),
    ],
    "original_in_eight_bits": [
        (_eight(_grey()), _eight(_grey(), ImageType=["DERIVED", "PRIMARY"])),
    ],
    "values_stepped": [
        (
            with_pixels(noise(step=4)),
            with_pixels(noise(step=4) + np.eye(400, 300, dtype=np.uint16)),
        )
    ],
    "comb_histogram": [
        (with_pixels(stretch(bell(), 1.25)), with_pixels(bell())),
    ],
    "bits_unused": [(with_pixels(noise(0, 500)), with_pixels(noise(0, 600)))],
    "picture_empty": [
        (
            with_pixels(np.full((96, 64), 7, np.uint16), "cr"),
            with_pixels(np.eye(96, 64, dtype=np.uint16), "cr"),
        )
    ],
    "picture_without_tones": [
        (
            with_pixels(np.eye(400, 300, dtype=np.uint16) * 4000),
            with_pixels(noise()),
        )
    ],
}

COMPRESSION: dict[str, list[tuple[Film, Film]]] = {
    "lossy_not_declared": [(_jpeg(), _jpeg(**_LOSSY))],
    "lossy_denied": [(_jpeg(LossyImageCompression="00"), _jpeg(**_LOSSY))],
    "lossy_in_words_only": [
        (
            film(DerivationDescription="Lossy JPEG, quality 80"),
            film(DerivationDescription="JPEG lossless"),
        )
    ],
    "lossy_method_of_other_syntax": [
        (
            _jpeg(**{**_LOSSY, "LossyImageCompressionMethod": "ISO_14495_1"}),
            _jpeg(
                **{
                    **_LOSSY,
                    "LossyImageCompressionRatio": [2, 2],
                    "LossyImageCompressionMethod": ["ISO_14495_1", "ISO_10918_1"],
                }
            ),
        )
    ],
    "lossy_method_without_loss": [
        (film(LossyImageCompressionMethod="ISO_10918_1"), _jpeg(**_LOSSY))
    ],
    "lossy_ratio": [
        (_jpeg(**{**_LOSSY, "LossyImageCompressionRatio": 80}), _jpeg(**_LOSSY))
    ],
    "jpeg_grid_in_lossless": [
        (_eight(_pressed()), _eight(_grey())),
        (_eight(_pressed()), _eight(_pressed(), **_LOSSY)),
    ],
}

TONES: dict[str, list[tuple[Film, Film]]] = {
    "presentation_against_photometric": [
        (film(PresentationLUTShape="INVERSE"), film(PresentationLUTShape="IDENTITY"))
    ],
    "colour_radiograph": [
        (Film("cr", {}, {"bits_stored": 8, "photometric": "RGB"}), film())
    ],
    "window_off_values": [
        (
            film(WindowCenter=-9000, WindowWidth=10),
            film(WindowCenter=9, WindowWidth=999),
        ),
        (film(WindowCenter=100, WindowWidth=0), film(WindowCenter=999, WindowWidth=1)),
    ],
    "window_shows_little": [
        (
            with_pixels(bell(), WindowCenter=1600, WindowWidth=100),
            with_pixels(bell(), WindowCenter=2050, WindowWidth=100),
        )
    ],
    "window_count": [
        (
            film(WindowCenter=[2000, 9], WindowWidth=[4000]),
            film(WindowCenter=[2000, 2100], WindowWidth=[4000, 2000]),
        )
    ],
    "voi_function_unknown": [
        (film(VOILUTFunction="CUBIC"), film(VOILUTFunction="SIGMOID"))
    ],
    "dx_rescaled": [(film("dx", RescaleIntercept=-1024), film("dx"))],
    "rescale_slope_zero": [
        (
            film(RescaleSlope=0, RescaleIntercept=0),
            film(RescaleSlope=2, RescaleIntercept=0),
        )
    ],
    "intensity_sign": [
        (
            film("dx", PixelIntensityRelationshipSign=0),
            film("dx", PixelIntensityRelationshipSign=1),
        )
    ],
    "dx_signed": [(Film("dx", {}, {"signed": True}), Film("cr", {}, {"signed": True}))],
}

KIND: dict[str, list[tuple[Film, Film]]] = {
    "several_frames": [(Film("cr", {}, {"frames": 3}), Film("xa", {}, {"frames": 3}))],
    "secondary_capture": [(film("sc", Modality="DX"), film("sc"))],
    "secondary_claims_original": [
        (
            film("sc", ImageType=["ORIGINAL", "PRIMARY"], KVP=80),
            film("sc", ImageType=["ORIGINAL", "PRIMARY"]),
        )
    ],
    "original_was_converted": [
        (
            film(ConversionType="DF"),
            film(ConversionType="DF", ImageType=["DERIVED", "PRIMARY"]),
        )
    ],
    "image_type_form": [
        (film(ImageType=["PRIMARY"]), film(ImageType=["DERIVED", "SECONDARY", "X"])),
        (film(ImageType=["ORIGINAL"]), film(ImageType=["ORIGINAL", "PRIMARY"])),
    ],
    "original_with_derivation": [
        (
            film(DerivationDescription="edges enhanced"),
            film(
                DerivationDescription="edges enhanced", ImageType=["DERIVED", "PRIMARY"]
            ),
        )
    ],
    "overlay_larger": [
        (
            edited(
                b"\xe0\x7f\x10\x00OW",
                b"\x00\x60\x10\x00US\x02\x00\x00\x08\x00\x60\x11\x00US\x02\x00\x00\x08"
                b"\xe0\x7f\x10\x00OW",
            ),
            edited(
                b"\xe0\x7f\x10\x00OW",
                b"\x00\x60\x10\x00US\x02\x00\x60\x00\x00\x60\x11\x00US\x02\x00\x40\x00"
                b"\xe0\x7f\x10\x00OW",
            ),
        )
    ],
    "shutter_outside": [
        (film(ShutterRightVerticalEdge=300), film(ShutterRightVerticalEdge=65))
    ],
}
