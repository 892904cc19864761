"""Breach and near miss of each rule on tube, dose, beam, detector and slices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.pure.lanes.metadata.films import Film, film, with_pixels

TUBE: dict[str, list[tuple[Film, Film]]] = {
    "kvp_out_of_range": [
        (film(KVP=400), film(KVP=150)),
        (film("mg", KVP=70), film("mg", KVP=45)),
        (film("dx", Modality="PX", KVP=30), film("dx", Modality="PX", KVP=66)),
    ],
    "exposure_product": [
        (
            film(ExposureTime=100, XRayTubeCurrent=200, Exposure=50),
            film(ExposureTime=100, XRayTubeCurrent=200, Exposure=20),
        ),
        # Rounding of whole milliampere seconds explains it.
        (
            film(ExposureTimeInuS=30_000, XRayTubeCurrent=900, ExposureInuAs=9000),
            film(Exposure=1, ExposureTime=3, XRayTubeCurrent=200),
        ),
    ],
    "exposure_units": [
        (
            film(Exposure=44, ExposureInuAs=4441),
            film(Exposure=44, ExposureInuAs=44410),
        ),
        (
            film(ExposureTime=298, ExposureTimeInuS=298),
            film(ExposureTime=298, ExposureTimeInuS=298000),
        ),
    ],
    "tube_power": [
        (film(KVP=120, XRayTubeCurrent=1400), film(KVP=80, XRayTubeCurrent=1000))
    ],
    "settings_out_of_range": [
        (film(XRayTubeCurrent=3000, KVP=40), film(XRayTubeCurrent=900, KVP=40)),
        (film(Exposure=5000), film(Exposure=500)),
        (film(ExposureTime=90_000), film(ExposureTime=18_000)),
    ],
    "settings_negative": [(film(Exposure=-5), film(Exposure=0))],
    "focal_spot": [(film(FocalSpots=12), film(FocalSpots=[0.6, 1.2]))],
    "anode_of_mammography": [
        (
            film("dx", AnodeTargetMaterial="MOLYBDENUM"),
            film("dx", AnodeTargetMaterial="TUNGSTEN"),
        ),
        (film("dx", FilterMaterial="SILVER"), film("dx", FilterMaterial="COPPER")),
    ],
    "breast_out_of_range": [
        (film("mg", BodyPartThickness=400), film("mg", BodyPartThickness=90)),
        (film("mg", CompressionForce=900), film("mg", CompressionForce=180)),
    ],
    "half_value_layer": [
        (film("mg", HalfValueLayer=3), film("mg", HalfValueLayer=0.5)),
        (film("dx", HalfValueLayer=0.35), film("dx", HalfValueLayer=3)),
    ],
}


def _index(index: float, target: float, deviation: float, base: str = "dx") -> Film:
    return film(
        base,
        ExposureIndex=index,
        TargetExposureIndex=target,
        DeviationIndex=deviation,
    )


DOSE: dict[str, list[tuple[Film, Film]]] = {
    # IEC 62494-1: DI = 10 log10(EI / EI_T); 10 log10(2) = 3.0.
    "deviation_index": [
        (_index(800, 400, -3.0), _index(800, 400, 3.0)),
        (_index(400, 400, 1.0), _index(400, 400, 0.0)),
    ],
    "exposure_index_range": [
        (_index(900_000, 900_000, 0), _index(2500, 2500, 0)),
        (film(ExposureIndex=300, TargetExposureIndex=2), _index(300, 300, 0)),
    ],
    "deviation_index_size": [
        (film(DeviationIndex=45), _index(100, 1000, -10)),
    ],
    "deviation_index_alone": [
        (film(DeviationIndex=1, ExposureIndex=400), _index(400, 400, 0))
    ],
    "index_without_exposure": [
        (
            film(ExposureIndex=400, KVP=0, Exposure=0),
            film(ExposureIndex=400, KVP=None, Exposure=None),
        )
    ],
    # 0.1 mGy per mAs at 1 m: 20 mAs give 2 mGy there and 0.5 mGy at 2 m.
    "dose_against_exposure": [
        (
            film("dx", EntranceDoseInmGy=150, DistanceSourceToPatient=1600),
            film("dx", EntranceDoseInmGy=0.5, DistanceSourceToPatient=1600),
        )
    ],
    "entrance_dose": [
        (film(EntranceDoseInmGy=4000), film(EntranceDoseInmGy=40)),
    ],
    "organ_dose_above_entrance": [
        (film("mg", OrganDose=0.05), film("mg", OrganDose=0.011)),
    ],
}

_RAW: dict[str, Any] = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.1.1",
    "PresentationIntentType": "FOR PROCESSING",
    "PixelIntensityRelationship": "LIN",
    "ExposureIndex": 300,
    "ImagerPixelSpacing": [0.15, 0.15],
    "PixelSpacing": None,
}


def _quanta(noise: float) -> NDArray[np.uint16]:
    """Return a slope exposed to 3 micrograys in pixels of 0.15 mm: on average 30,174 x
    3 x 0.15 x 0.15 = 2037 quanta each, and Poisson noise times `noise`."""
    dice = np.random.default_rng(11)
    mean = np.linspace(1800, 2300, 400)[:, None] * np.ones((1, 300))
    return np.rint(mean + noise * (dice.poisson(mean) - mean)).astype(np.uint16)


QUANTUM: dict[str, list[tuple[Film, Film]]] = {
    "less_noise_than_quanta": [
        (with_pixels(_quanta(0.0), **_RAW), with_pixels(_quanta(1.0), **_RAW)),
        # Blurred to half its noise it may still be an exposure; at a tenth it is none.
        (with_pixels(_quanta(0.1), **_RAW), with_pixels(_quanta(0.5), **_RAW)),
        (
            with_pixels(_quanta(0.0), **_RAW),
            with_pixels(_quanta(0.0), **{**_RAW, "PixelIntensityRelationship": "LOG"}),
        ),
    ],
    # 0.12 mGy/mAs x 1.44 x 20 mAs at 1.8 m: 1.07 mGy, an index of 106,667 at most.
    "index_beyond_output": [
        (
            film("dx", Exposure=1, ExposureTime=5, ExposureIndex=90_000),
            film("dx", Exposure=1, ExposureTime=5, ExposureIndex=3_000),
        )
    ],
    "field_beyond_beam": [
        (
            film("dx", DistanceSourceToDetector=300, ImagerPixelSpacing=[5.0, 5.0]),
            film("dx", DistanceSourceToDetector=1000, ImagerPixelSpacing=[5.0, 5.0]),
        )
    ],
    "exposed_longer_than_read": [
        (
            film("dx", DetectorActiveTime=20),
            film("dx", DetectorActiveTime=300),
        )
    ],
    "detector_counters": [
        (
            film(
                "dx",
                ExposuresOnDetectorSinceLastCalibration=500,
                ExposuresOnDetectorSinceManufactured=326,
            ),
            film(
                "dx",
                ExposuresOnDetectorSinceLastCalibration=326,
                ExposuresOnDetectorSinceManufactured=140_070,
            ),
        )
    ],
    "filter_thickness": [
        (
            film(FilterThicknessMinimum=0.3, FilterThicknessMaximum=0.1),
            film(FilterThicknessMinimum=0.1, FilterThicknessMaximum=0.3),
        )
    ],
}

BEAM: dict[str, list[tuple[Film, Film]]] = {
    "patient_behind_detector": [
        (
            film(DistanceSourceToDetector=1000, DistanceSourceToPatient=1800),
            film(DistanceSourceToDetector=1800, DistanceSourceToPatient=1600),
        )
    ],
    "distance_out_of_range": [
        # Metres and centimetres in the place of millimetres.
        (film(DistanceSourceToDetector=1.8), film(DistanceSourceToDetector=1800)),
        (film(DistanceSourceToDetector=180), film(DistanceSourceToDetector=0)),
        (
            film("mg", DistanceSourceToDetector=1800),
            film("mg", DistanceSourceToDetector=660),
        ),
    ],
    "magnification": [
        (
            film(EstimatedRadiographicMagnificationFactor=0.5),
            film(EstimatedRadiographicMagnificationFactor=1),
        ),
        (
            film("dx", EstimatedRadiographicMagnificationFactor=1.6),
            film("dx", EstimatedRadiographicMagnificationFactor=1.125),
        ),
    ],
    "spacing_planes": [
        (film(PixelSpacing=[0.4, 0.4]), film(PixelSpacing=[0.18, 0.18]))
    ],
    "spacing_against_magnification": [
        (
            film(
                PixelSpacing=[0.1, 0.1],
                PixelSpacingCalibrationType="GEOMETRY",
                EstimatedRadiographicMagnificationFactor=1.1,
            ),
            film(
                PixelSpacing=[0.18, 0.18],
                PixelSpacingCalibrationType="GEOMETRY",
                EstimatedRadiographicMagnificationFactor=1.1,
            ),
        )
    ],
}

_SQUARE = np.tile(np.arange(512, dtype=np.uint16) * 7, (512, 1))

DETECTOR: dict[str, list[tuple[Film, Film]]] = {
    "detector_size": [
        (film(ImagerPixelSpacing=[50.0, 50.0]), film(ImagerPixelSpacing=[0.2, 0.2])),
        (film(ImagerPixelSpacing=[0.02, 0.02]), film(ImagerPixelSpacing=[0.15, 0.15])),
    ],
    "detector_pitch": [
        (
            film(ImagerPixelSpacing=[1.4, 1.4], PixelSpacing=[1.4, 1.4]),
            film(ImagerPixelSpacing=[0.2, 0.2], PixelSpacing=[0.2, 0.2]),
        )
    ],
    "spacing_unusable": [
        (film(PixelSpacing=["0.000", "0.000"]), film(PixelSpacing=[0.2, 0.2]))
    ],
    "pixels_not_square": [
        (film(ImagerPixelSpacing=[0.2, 0.3]), film(ImagerPixelSpacing=[0.2, 0.202]))
    ],
    "aspect_against_spacing": [
        (film(PixelAspectRatio=[2, 1]), film(PixelAspectRatio=[1, 1]))
    ],
    "field_of_view": [
        (
            film(FieldOfViewShape="RECTANGLE", FieldOfViewDimensions=[10, 10]),
            film(FieldOfViewShape="RECTANGLE", FieldOfViewDimensions=[20, 13]),
        )
    ],
    "larger_than_detector": [
        (
            film("dx", DetectorActiveDimensions=[15, 12]),
            film("dx", DetectorActiveDimensions=[20, 13]),
        )
    ],
    "finer_than_detector": [
        (
            film("dx", DetectorElementSpacing=[0.4, 0.4]),
            film("dx", DetectorElementSpacing=[0.1, 0.1]),
        )
    ],
    "larger_than_cassette": [
        (
            film(CassetteSize="18CMX24CM", ImagerPixelSpacing=[4.0, 4.0]),
            film(CassetteSize="18CMX24CM", ImagerPixelSpacing=[2.5, 2.5]),
        )
    ],
    "rotation_not_square": [
        (film(FieldOfViewRotation=45), film(FieldOfViewRotation=270))
    ],
    "matrix_of_generator": [
        (with_pixels(_SQUARE), with_pixels(_SQUARE[:, :500])),
    ],
}

SLICES: dict[str, list[tuple[Film, Film]]] = {
    "orientation_cosines": [
        (
            film("ct", ImageOrientationPatient=[1, 0, 0, 0.5, 0.5, 0]),
            film("ct", ImageOrientationPatient=[0.6, 0.8, 0, -0.8, 0.6, 0]),
        ),
        (film("mr", ImageOrientationPatient=[2, 0, 0, 0, 1, 0]), film("mr")),
    ],
    "reconstruction_diameter": [
        (film("ct", ReconstructionDiameter=500), film("ct", ReconstructionDiameter=19))
    ],
    "larmor_frequency": [
        # 42.577 MHz/T x 3 T = 127.7 MHz; old scanners state gauss.
        (film("mr", ImagingFrequency=127.7), film("mr", MagneticFieldStrength=15000)),
        (
            film("mr", MagneticFieldStrength=3),
            film("mr", MagneticFieldStrength=3, ImagedNucleus="23NA"),
        ),
    ],
    "echo_after_repetition": [
        (film("mr", EchoTime=6000), film("mr", EchoTime=5000)),
    ],
}
