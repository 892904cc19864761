"""The manifest is read as it is, groups stay apart, licences are named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from workers.training.data import (
    check_groups_apart,
    digest_samples,
    load_luma,
    load_manifest,
)
from workers.training.families import family_of
from workers.training.licences import licence_note


def test_manifest_gives_labels_origins_and_splits(tiny_data_dir: Path) -> None:
    samples = load_manifest(tiny_data_dir)
    assert len(samples) == 24
    assert {(s.origin, s.is_fake) for s in samples} == {
        ("archive-a", False),
        ("archive-b", False),
        ("upsampler-a", True),
        ("upsampler-b", True),
    }
    assert sum(s.split == "dev" for s in samples) == 8


def test_group_on_both_sides_of_the_split_is_refused(tiny_data_dir: Path) -> None:
    samples = list(load_manifest(tiny_data_dir))
    check_groups_apart(samples)
    samples[0] = replace(samples[0], group=samples[5].group)
    with pytest.raises(ValueError, match="1 groups lie in both splits"):
        check_groups_apart(samples)


def test_digest_sees_a_changed_label_but_not_the_order(tiny_data_dir: Path) -> None:
    samples = load_manifest(tiny_data_dir)
    assert digest_samples(samples) == digest_samples(samples[::-1])
    changed = (replace(samples[0], is_fake=True), *samples[1:])
    assert digest_samples(samples) != digest_samples(changed)


def test_unreadable_picture_is_left_out_not_fatal(
    tiny_data_dir: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    sample = replace(load_manifest(tiny_data_dir)[0], path=broken)
    assert load_luma(sample) is None


def test_licence_note_names_both_kinds_of_trouble(tiny_data_dir: Path) -> None:
    note = licence_note(load_manifest(tiny_data_dir))
    assert note["non_commercial"] == ["archive-b", "upsampler-b"]
    assert note["unstated_or_unclear"] == ["archive-a", "upsampler-a"]


@pytest.mark.parametrize(
    ("origin", "family"),
    [
        ("gpt-4o", "llm-image"),
        ("gpt-image (GPT-4o C2PA)", "llm-image"),
        ("stable-diffusion-1.4", "latent-diffusion-1"),
        ("sdxl (edit)", "latent-diffusion-2"),
        ("ieee8023-via-muhammedtalo", "ieee8023"),
        ("uao-neumonia", "kermany"),
        ("uao", "nih"),
        ("never-seen", "never-seen"),
    ],
)
def test_kin_are_of_one_family(origin: str, family: str) -> None:
    assert family_of(origin) == family
