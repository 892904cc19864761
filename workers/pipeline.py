"""The lanes run over one film: from a path to evidence and a fused opinion."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from workers.decode import decode_film
from workers.errors import ModelError, TransientError
from workers.fusion import DEFAULT_POLICY, FusionPolicy, fuse
from workers.lanes.container import ContainerLane
from workers.lanes.metadata import MetadataLane
from workers.lanes.provenance import ProvenanceLane
from workers.lanes.reuse import ReuseLane
from workers.lanes.synthesis import SynthesisLane
from workers.lanes.tamper import TamperLane
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    FileFormat,
    FusedOpinion,
    Lane,
    LaneName,
    LaneStatus,
)

# Part of the key of every analysis run: raise it when a change may alter any answer.
PIPELINE_VERSION = "0.2.0"

MODELS_DIR = Path(__file__).parent / "models"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ImageFacts:
    """What is worth keeping of a decoded film once its arrays are gone."""

    path: Path
    sha256: str
    pixel_sha256: str
    size_bytes: int
    format: FileFormat
    rows: int
    columns: int
    frame_count: int
    frame_index: int


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything the pipeline says of one film.

    evidence: in LaneName order, one per lane.  seconds: wall time, decoding included.
    """

    image: ImageFacts
    evidence: tuple[Evidence, ...]
    fused: FusedOpinion
    seconds: float


def build_lanes(
    *,
    models_dir: Path | None = None,
    any_content: bool = False,
    max_tiles: int | None = None,
) -> tuple[Lane, ...]:
    """Return the six lanes in LaneName order.

    models_dir: folder of NAME.onnx + NAME.json pairs, the shipped one by default. A
    model is replaced by dropping such a pair there; nothing else needs to change.
    any_content, max_tiles: of the synthesis lane, for evaluation (`SynthesisLane`).
    """
    folder = MODELS_DIR if models_dir is None else models_dir
    lanes: tuple[Lane, ...] = (
        ContainerLane(),
        ProvenanceLane(),
        MetadataLane(),
        ReuseLane(),
        SynthesisLane(folder, any_content=any_content, max_tiles=max_tiles),
        TamperLane(),
    )
    order = {name: position for position, name in enumerate(LaneName)}
    return tuple(sorted(lanes, key=lambda lane: order[lane.name]))


def models_digest(lanes: Iterable[Lane]) -> str:
    """Return the SHA-256 over name, version and model of every lane, sorted by name.

    Equal digests mean that the same film gets the same answers.
    """
    lines = sorted(
        f"{lane.name}\t{lane.version}\t{lane.model_sha256 or '-'}" for lane in lanes
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def run_lane(lane: Lane, image: DecodedImage, context: Context) -> Evidence:
    """Return the lane's evidence with its wall time; a crash becomes NOT_ASSESSABLE.

    Raises TransientError: only the caller knows whether and when to try again.
    """
    started = time.perf_counter()
    try:
        evidence = lane.assess(image, context)
    except TransientError:
        raise
    except ModelError as error:
        _log.error("lane %s has no usable model: %s", lane.name, error)
        evidence = _not_assessable(
            lane, "The model of this lane is missing or was altered."
        )
    # The one place outside a task that catches Exception: a lane is fed hostile files,
    # and a defect in one must not take the other five lanes' evidence with it. It is
    # logged with the place it came from and told to the reader, never swallowed. Its
    # message is left out of reason and log, since it may quote header values (PHI).
    except Exception as error:
        _log.error(
            "lane %s crashed on %s: %s at %s",
            lane.name,
            image.sha256,
            type(error).__name__,
            _crash_site(error),
        )
        evidence = _not_assessable(
            lane, f"This lane failed on this film ({type(error).__name__})."
        )
    return replace(evidence, seconds=time.perf_counter() - started)


def run_lanes(
    lanes: Iterable[Lane], image: DecodedImage, context: Context
) -> tuple[Evidence, ...]:
    """Return the evidence of every lane, in the order given."""
    return tuple(run_lane(lane, image, context) for lane in lanes)


def describe_image(image: DecodedImage) -> ImageFacts:
    """Return the facts of a decoded film without its arrays."""
    return ImageFacts(
        path=image.path,
        sha256=image.sha256,
        pixel_sha256=image.pixel_sha256,
        size_bytes=image.size_bytes,
        format=image.format,
        rows=image.rows,
        columns=image.columns,
        frame_count=image.frame_count,
        frame_index=image.frame_index,
    )


def analyze_file(
    path: Path,
    *,
    lanes: Iterable[Lane],
    context: Context | None = None,
    policy: FusionPolicy = DEFAULT_POLICY,
) -> Analysis:
    """Return the analysis of one film.

    Raises RejectedInput where the film cannot be read, TransientError from a lane.
    """
    started = time.perf_counter()
    image = decode_film(path)
    evidence = run_lanes(lanes, image, context or Context(file_name=path.name))
    fused = fuse(evidence, policy)
    seconds = time.perf_counter() - started
    return Analysis(describe_image(image), evidence, fused, seconds)


def _not_assessable(lane: Lane, reason: str) -> Evidence:
    return Evidence(
        lane=lane.name,
        version=lane.version,
        status=LaneStatus.NOT_ASSESSABLE,
        reason=reason,
        model_sha256=lane.model_sha256,
    )


def _crash_site(error: BaseException) -> str:
    """Return file:line where the error was raised, without any value in it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
