"""Fit the model of the check that a picture is a projection radiograph.

Positives are radiographs, real and generated alike; negatives are photographs and the
non-medical output of generators. The threshold comes from pictures of families left
out, so that a radiograph from a hospital or a generator never seen gets through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from workers.decode import decode_film
from workers.errors import ModelError, RejectedInput
from workers.lanes.synthesis.content import is_radiograph_modality, modality_of
from workers.lanes.synthesis.thumbnail import content_features, make_thumbnail
from workers.model_card import PlattCalibration
from workers.training.data import Sample
from workers.training.families import family_of

# Generators that make radiographs: their output has to pass like a radiograph.
_MEDICAL_GENERATORS = (
    "ACGAN",
    "CycleGAN",
    "MUNIT",
    "AnaCAttNet",
    "DDPM",
    "aligned",
)
# Generated slices of MR ("medical-diffusion-on-a-budget"): no radiographs, but close
# enough to be no example of what to refuse either.
_NEITHER = ("Stable Diffusion 2.x (vanilla",)
_VIEWS = 4  # the picture as it is, and three altered
_PHOTO_SHARE = 0.4  # of the weight of all negatives
# Chosen among seven settings by what left-out families say (docs/models/radiograph.md).
_PENALTY, _GAMMA = 3.0, 0.02
_THUMB_CACHE_PX = 2 * 128  # views are cut from this size, half of it at the least


@dataclass(frozen=True, eq=False)
class ContentTable:
    """Features of thumbnails.

    upright, inverted: float64 (views, features) of either polarity of each view.
    is_radiograph, families, kinds, is_plain: per view; plain views are unaltered.
    """

    upright: NDArray[np.float64]
    inverted: NDArray[np.float64]
    is_radiograph: NDArray[np.bool_]
    families: NDArray[np.str_]
    kinds: NDArray[np.str_]
    is_plain: NDArray[np.bool_]


def is_radiograph(sample: Sample) -> bool:
    """Return whether the check has to let `sample` through."""
    if sample.is_fake:
        return sample.origin.startswith(_MEDICAL_GENERATORS)
    return sample.kind != "photo"


def _load_picture(sample: Sample) -> NDArray[np.float32] | None:
    """Return a small luma of `sample`, None where it is unreadable or no example."""
    if sample.origin.startswith(_NEITHER):
        return None
    try:
        image = decode_film(sample.path)
    except RejectedInput:
        return None
    if image.header is not None and not is_radiograph_modality(
        modality_of(image.header)
    ):
        return None
    scale = _THUMB_CACHE_PX / max(image.luma.shape)
    if scale >= 1:
        return image.luma
    rows, columns = (max(16, round(side * scale)) for side in image.luma.shape)
    small = cv2.resize(image.luma, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _write_letters(luma: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Burn one to three markers into `luma`, at its rim more often than not."""
    rows, columns = luma.shape
    for _ in range(int(rng.integers(1, 4))):
        mask = np.zeros(luma.shape, np.uint8)
        text = str(rng.choice(["R", "L", "AP ERECT", "PORTABLE", "12.03.2021"]))
        size = float(rng.uniform(0.25, 0.9)) * columns / 256
        place = int(rng.integers(0, columns)), int(rng.integers(8, max(rows, 9)))
        cv2.putText(mask, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, 255, 2)
        luma[mask > 0] = float(rng.random() < 0.8)


def alter_picture(
    luma: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return `luma` as it may also arrive: cropped, re-windowed, bordered, labelled.

    The draw is the same for radiographs and others. Turns and flips are left out: the
    features do not see them. Polarity is left to the check, which asks both.
    """
    if rng.random() < 0.4:
        share = rng.uniform(0.6, 1.0, 2)
        sides = [max(16, int(s * f)) for s, f in zip(luma.shape, share, strict=True)]
        top, left = (
            int(rng.integers(0, max(whole - part, 0) + 1))
            for whole, part in zip(luma.shape, sides, strict=True)
        )
        luma = luma[top : top + sides[0], left : left + sides[1]]
    low, high = rng.uniform(0.0, 0.12), rng.uniform(0.85, 1.0)
    stretched = np.clip((luma - low) / (high - low), 0.0, 1.0)
    luma = (stretched ** np.exp(rng.uniform(-0.35, 0.35))).astype(np.float32)
    if rng.random() < 0.2:
        rim = [int(side * rng.uniform(0.02, 0.15)) for side in luma.shape]
        luma = np.pad(luma, [(rim[0], rim[0]), (rim[1], rim[1])])
    if rng.random() < 0.3:
        luma = np.ascontiguousarray(luma)
        _write_letters(luma, rng)
    return luma


def measure_content(
    samples: Sequence[Sample],
    *,
    seed: int = 1,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> ContentTable:
    """Return features of every readable picture and of altered views of it."""
    upright, inverted, owners, plain = [], [], [], []
    for index, sample in enumerate(samples):
        picture = _load_picture(sample)
        if picture is None:
            continue
        for turn in range(_VIEWS):
            rng = np.random.default_rng([seed, index, turn])
            view = alter_picture(picture, rng) if turn else picture
            thumbnail = make_thumbnail(view)
            upright.append(content_features(thumbnail))
            inverted.append(content_features(np.float32(1.0) - thumbnail))
            owners.append(sample)
            plain.append(turn == 0)
        report(index + 1, len(samples))
    return ContentTable(
        upright=np.stack(upright),
        inverted=np.stack(inverted),
        is_radiograph=np.array([is_radiograph(s) for s in owners], np.bool_),
        families=np.array([family_of(s.origin) for s in owners], np.str_),
        kinds=np.array([s.kind for s in owners], np.str_),
        is_plain=np.array(plain, np.bool_),
    )


def _weights(table: ContentTable, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return weights: classes alike, families by the root of their size."""
    weight = np.zeros(rows.size)
    for family in np.unique(table.families[rows]):
        inside = rows & (table.families == family)
        weight[inside] = 1.0 / np.sqrt(inside.sum())
    photos = rows & (table.kinds == "photo")
    others = rows & ~table.is_radiograph & ~photos
    films = rows & table.is_radiograph
    shares = ((films, 1.0), (photos, _PHOTO_SHARE), (others, 1.0 - _PHOTO_SHARE))
    for inside, share in shares:
        if inside.any():
            weight[inside] *= share * rows.sum() / (2 * weight[inside].sum())
    return weight


@dataclass(frozen=True, eq=False)
class ContentModel:
    """A support vector machine on standardised numbers; radiographs score low.

    mean, scale: float64, one per feature.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    machine: SVC

    def score(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of each row of `numbers`, (pictures, features)."""
        scaled = (numbers - self.mean) / self.scale
        return np.asarray(self.machine.decision_function(scaled), np.float64)


def fit_rows(table: ContentTable, rows: NDArray[np.bool_]) -> ContentModel:
    """Fit on `rows`: films upright, all others in both polarities."""
    weight = _weights(table, rows)
    others = rows & ~table.is_radiograph
    numbers = np.concatenate([table.upright[rows], table.inverted[others]])
    is_other = np.concatenate(
        [~table.is_radiograph[rows], np.ones(others.sum(), np.bool_)]
    )
    weights = np.concatenate([weight[rows], weight[others]])
    mean, scale = numbers.mean(axis=0), numbers.std(axis=0) + 1e-6
    machine = SVC(C=_PENALTY, gamma=_GAMMA, kernel="rbf")
    machine.fit((numbers - mean) / scale, is_other, sample_weight=weights)
    return ContentModel(mean, scale, machine)


def score_left_out(table: ContentTable) -> NDArray[np.float64]:
    """Return the score of every view by a model that has not seen its family.

    The lower of both polarities, as the check takes it.
    """
    scores = np.zeros(table.families.size)
    for family in np.unique(table.families):
        outside = table.families == family
        model = fit_rows(table, ~outside)
        scores[outside] = np.minimum(
            model.score(table.upright[outside]), model.score(table.inverted[outside])
        )
    return scores


def fit_calibration(
    table: ContentTable, left_out: NDArray[np.float64]
) -> PlattCalibration:
    """Return the calibration of left-out scores, radiographs and others alike heavy.

    Raises ModelError if those scores do not rise from radiographs to others.
    """
    weight = _weights(table, np.ones(table.families.size, np.bool_))
    fitted = LogisticRegression(C=1e6)
    fitted.fit(left_out[:, None], ~table.is_radiograph, sample_weight=weight)
    slope = float(fitted.coef_[0, 0])
    if slope <= 0:
        raise ModelError("on families left out, the content check tells nothing apart")
    return PlattCalibration(slope, float(fitted.intercept_[0]))


def content_figures(
    table: ContentTable, refused: NDArray[np.bool_]
) -> dict[str, dict[str, float]]:
    """Return what share of each group is refused.

    Keys: `radiographs`, `photographs`, `other_generated`, and each family of
    radiographs; below them `pictures`, `plain` and `altered` views.
    """
    photos = table.kinds == "photo"
    groups: dict[str, NDArray[np.bool_]] = {
        "radiographs": table.is_radiograph,
        "photographs": photos,
        "other_generated": ~table.is_radiograph & ~photos,
    }
    for family in np.unique(table.families[table.is_radiograph]):
        groups[str(family)] = table.is_radiograph & (table.families == family)
    return {
        name: {
            "pictures": int((inside & table.is_plain).sum()),
            "plain": round(float(refused[inside & table.is_plain].mean()), 4),
            "altered": round(float(refused[inside & ~table.is_plain].mean()), 4),
        }
        for name, inside in groups.items()
        if (inside & table.is_plain).any()
    }
