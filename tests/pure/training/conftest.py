"""A tiny data set of synthetic textures: noise films, and films from an upsampler."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

_COLUMNS = (
    "path",
    "label",
    "generator",
    "licence",
    "split",
    "group",
    "source_sha256",
)


def _draw_real(rng: np.random.Generator) -> np.ndarray:
    shapes = cv2.GaussianBlur(rng.normal(size=(512, 512)), (0, 0), 30) * 25
    return 0.5 + 0.15 * shapes + rng.normal(size=(512, 512)) * 0.02


def _draw_fake(rng: np.random.Generator) -> np.ndarray:
    small = _draw_real(rng)[:256, :256]
    return cv2.resize(small, (512, 512), interpolation=cv2.INTER_LINEAR)


@pytest.fixture(scope="session")
def tiny_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with manifest: 2 sources and 2 generators, 6 pictures each."""
    folder = tmp_path_factory.mktemp("data")
    rows = []
    for number, (kind, origin) in enumerate(
        (
            ("real", "archive-a"),
            ("real", "archive-b"),
            ("fake", "upsampler-a"),
            ("fake", "upsampler-b"),
        )
    ):
        (folder / kind / origin).mkdir(parents=True)
        for index in range(6):
            rng = np.random.default_rng([number, index])
            luma = _draw_real(rng) if kind == "real" else _draw_fake(rng)
            name = f"{kind}/{origin}/{index}.png"
            levels = np.rint(np.clip(luma, 0, 1) * 255).astype(np.uint8)
            assert cv2.imwrite(str(folder / name), levels)
            rows.append(
                {
                    "path": name,
                    "label": kind,
                    "generator": origin if kind == "fake" else "",
                    "licence": "none stated" if origin.endswith("a") else "CC BY-NC-SA",
                    "split": "dev" if index >= 4 else "train",
                    "group": name,
                    "source_sha256": f"{number}{index}",
                }
            )
    with (folder / "manifest.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return folder
