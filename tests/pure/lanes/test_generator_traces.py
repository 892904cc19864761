"""What generators leave in a file's text and lowest bits, and what only looks so."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests import dicom
from workers.decode import decode_film
from workers.lanes.container import ContainerLane
from workers.lanes.container.stealth import judge_hidden_settings
from workers.lanes.container.texts import read_exif
from workers.lanes.container.traces import TextEntry, judge_texts
from workers.types import Context, Evidence, Finding

SOURCE = "cv.iptc.org/newscodes/digitalsourcetype/"
GRAPH = json.dumps({"3": {"class_type": "KSampler", "inputs": {"seed": 5}}})
JOB = "chest film --ar 3:2 --v 6 Job ID: 0b4a2f5e-1111-4222-8333-444455556666"
IIM = "\x1c\x02\x41\x00"


def judge(key: str, text: str) -> list[Finding]:
    return judge_texts([TextEntry(key, text, 7)])


def assess(path: Path) -> Evidence:
    return ContainerLane().assess(decode_film(path), Context())


def codes_of(path: Path) -> set[str]:
    return {finding.code for finding in assess(path).findings}


@pytest.mark.parametrize(
    ("key", "text", "code", "weight"),
    [
        ("Description", JOB, "generator_parameters", 0.9),
        ("fooocus_scheme", "fooocus", "generator_parameters", 0.9),
        (
            "parameters",
            '{ "sui_image_params": {"prompt": "a film", "steps": 25} }',
            "generator_parameters",
            0.9,
        ),
        ("use_stable_diffusion_model", "sd-v1-5", "generator_parameters", 0.9),
        ("Title", "AI generated image", "generator_parameters", 0.9),
        ("Software", "Draw Things", "generator_name", 0.9),
        ("XMP", '<x photoshop:Credit="Imagined with AI"/>', "generator_name", 0.9),
        ("invokeai_graph", "{}", "generator_parameters", 0.9),
        (
            "Comment",
            '{"steps": 28, "sampler": "k_euler", "seed": 1, "uc": "bad"}',
            "generator_parameters",
            0.9,
        ),
        ("Model", f"prompt:{GRAPH}", "generator_workflow", 0.9),
        ("Make", 'workflow: {"nodes": [], "links": []}', "generator_workflow", 0.9),
        ("Software", "NovelAI", "generator_name", 0.9),
        ("Software", "Imagen 3", "generator_name", 0.9),
        ("Source", "Stable Diffusion XL C1E1DE52", "generator_name", 0.9),
        ("Comment", "Generated with Stable Diffusion", "generator_name", 0.9),
        ("XMP", '<x photoshop:Credit="Made with Google AI"/>', "generator_name", 0.9),
        ("IPTC", f"{IIM}\x0aMidjourney", "generator_name", 0.9),
        ("XMP", "<i:AISystemUsed>Model X</i:AISystemUsed>", "ai_system_used", 0.9),
        ("XMP", 'TC260:AIGC="{&quot;Label&quot;:&quot;1&quot;}"', "aigc_label", 0.9),
        ("AIGC", '{"Label": "2", "ProduceID": "a"}', "aigc_label", 0.7),
        ("UserComment", '{"AIGC":{"Label":"3"}}', "aigc_label", 0.5),
        ("XMP", f"http://{SOURCE}trainedAlgorithmicMedia", "digital_source_type", 0.9),
        ("XMP", f"https://{SOURCE}virtualRecording", "digital_source_type", 0.5),
        (
            "XMP",
            "http://c2pa.org/digitalsourcetype/trainedAlgorithmicData",
            "digital_source_type",
            0.9,
        ),
        ("COM", "File written by Adobe Photoshop 5.2", "editor_name", 0.25),
        ("Comment", "Created with GIMP", "editor_name", 0.25),
    ],
)
def test_trace_is_found_once_with_its_place(
    key: str, text: str, code: str, weight: float
) -> None:
    (finding,) = judge(key, text)
    assert (finding.code, finding.weight) == (code, weight)
    assert finding.detail["places"] == [{"key": key, "offset": 7}]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("ImageDescription", "Imagen de torax AP"),
        ("Description", "Imagen 3 de 5, control"),
        ("Software", "Imagenologia v2"),
        ("Title", "AI generated image of the day"),
        ("Comment", "draw things to scale, see sui_image_params"),
        ("Model", "GEMINI TF Big Bore"),
        ("Make", "Firefly Global"),
        ("Author", "Krita Okafor"),
        ("ImageDescription", "correlate with Corel draft, canva"),
        ("Comment", "flux 1.2 mGy/min, made by technician"),
        ("UserComment", "DALL sheep, E 2"),
        ("parameters", "kVp 120, mAs 2"),
        ("Comment", '{"steps": 3, "note": "stairs"}'),
        ("Comment", '{"nodes": [1, 2], "lymph": true}'),
        ("XMP", "<i:AISystemUsed></i:AISystemUsed>"),
        ("XMP", 'i:AISystemUsed=""'),
        ("XMP", f"http://{SOURCE}digitalCapture"),
        ("XMP", f"http://{SOURCE}negativeFilm"),
        ("IPTC", "\x1c\x02\x78\x00\x0eImagen de tÃ³rax"),
        ("AIGC", "none"),
        ("Label", '{"Label": "1"}'),
    ],
)
def test_innocent_text_is_no_trace(key: str, text: str) -> None:
    assert judge(key, text) == []


def test_heaviest_of_several_source_types_is_told() -> None:
    text = f"http://{SOURCE}digitalCapture http://{SOURCE}screenCapture" * 3
    (finding,) = judge("XMP", f"{text} http://{SOURCE}trainedAlgorithmicMedia")
    assert "trainedAlgorithmicMedia" in finding.text


def test_node_graph_in_the_exif_of_webp_is_found(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0110] = f"prompt:{GRAPH}"
    path = tmp_path / "film.webp"
    picture = Image.fromarray(dicom.make_pixels(bits_stored=8))
    picture.save(path, "WEBP", lossless=True, exif=exif)
    codes = {finding.code for finding in assess(path).findings}
    assert "generator_workflow" in codes


def hide_mark(plane: Any, mark: bytes) -> None:
    """Write `mark` into the lowest bits of (rows, columns, samples), columns first."""
    bits = np.unpackbits(np.frombuffer(mark, np.uint8))
    down = plane.transpose(1, 0, 2).reshape(-1)
    down[: bits.size] = (down[: bits.size] & 0xFE) | bits
    columns, rows, samples = plane.transpose(1, 0, 2).shape
    plane[:] = down.reshape(columns, rows, samples).transpose(1, 0, 2)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize(
    ("mark", "found"),
    [
        (b"stealth_pnginfo", True),
        (b"stealth_pngcomp", True),
        (b"stealth_rgbinfo", True),
        (b"stealth_nothing", False),
    ],
)
def test_settings_hidden_in_the_lowest_bits_are_found(
    tmp_path: Path, kind: str, mark: bytes, found: bool
) -> None:
    grey = dicom.make_pixels(bits_stored=8)
    pixels = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    hide_mark(pixels[..., :3] if b"rgb" in mark else pixels[..., 3:], mark)
    path = tmp_path / "film"
    Image.fromarray(pixels, "RGBA").save(path, kind, lossless=True, exact=True)
    findings = [f for f in assess(path).findings if f.code.startswith("generator_h")]
    assert [finding.weight for finding in findings] == ([0.9] if found else [])


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_hidden_settings_of_a_high_png_are_read_from_its_first_column(
    tmp_path: Path, mode: str, marked: bool
) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (400, 300, 1), np.uint8)
    # Steps and slopes make the writer use every kind of filter.
    alpha = np.cumsum(noise // 64, axis=0, dtype=np.uint8)
    if marked:
        hide_mark(alpha, b"stealth_pngcomp")
    layers = [noise] * (len(mode) - 1) + [alpha]
    path = tmp_path / "film.png"
    Image.fromarray(np.concatenate(layers, axis=2), mode).save(path)
    assert "generator_hidden_settings" in codes_of(path) or not marked
    assert marked or "generator_hidden_settings" not in codes_of(path)


def test_mark_is_sought_quickly_in_a_large_png(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    Image.new("RGBA", (4000, 4000)).save(path)
    film = decode_film(path)
    started = time.process_time()
    assert judge_hidden_settings(film) == []
    assert time.process_time() - started < 0.05


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (300, 1)])
def test_tiny_transparent_pictures_hold_no_mark(
    tmp_path: Path, shape: tuple[int, int]
) -> None:
    path = tmp_path / "film.png"
    Image.fromarray(np.zeros((*shape, 4), np.uint8), "RGBA").save(path, "PNG")
    assert codes_of(path) == {"alpha_channel", "grey_as_colour"}


KEYS = st.sampled_from(
    ["Software", "Comment", "XMP", "IPTC", "AIGC", "UserComment", "Model", "prompt"]
)


@given(KEYS, st.text() | st.text("{}[]\":,AIGCLabel1 \x1c\x02\x41<>=' "))
def test_any_text_is_judged_without_a_crash(key: str, text: str) -> None:
    for finding in judge(key, text):
        assert 0 < finding.weight <= 0.9


@given(st.binary(max_size=400))
def test_any_exif_is_read_without_a_crash(content: bytes) -> None:
    judge_texts(read_exif(b"II*\x00\x08\x00\x00\x00" + content, 0))


@pytest.mark.parametrize(
    "text",
    [
        " " * 200_000,
        "made by " * 25_000,
        "generated with" + " a" * 100_000,
        "prompt" + " " * 200_000,
        '{"a":' * 40_000,
        "AIGC " * 40_000,
        "Credit = " * 20_000,
        IIM * 50_000,
    ],
)
@pytest.mark.parametrize("key", ["Comment", "XMP", "IPTC", "AIGC", "Software"])
def test_long_text_costs_no_more_than_its_length(key: str, text: str) -> None:
    started = time.process_time()
    judge(key, text)
    assert time.process_time() - started < 2.0


def test_text_chunk_of_a_real_file_reaches_the_rules(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("Description", JOB)
    info.add_text("fooocus_scheme", "a1111")
    path = tmp_path / "film.png"
    picture = Image.fromarray(dicom.make_pixels(bits_stored=8))
    picture.save(path, "PNG", pnginfo=info)
    texts = [finding.text for finding in assess(path).findings]
    assert any("Midjourney" in text for text in texts)
    assert any("Fooocus" in text for text in texts)
