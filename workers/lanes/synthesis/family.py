"""Naming the family of generators, only where the card allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FAMILY_NAMES = (
    "latent-diffusion decoder",
    "image model of an LLM",
    "GAN-like upsampling",
)
UNKNOWN = "unknown"
SCORE_FLOOR = -10.0  # log-probability; one tile must not rule a family out


def name_family(
    log_probabilities: NDArray[np.float64], margins: Sequence[float | None]
) -> str | None:
    """Return the family that leads by its own margin, None where none may be named.

    log_probabilities: mean over tiles, one per name in FAMILY_NAMES.
    """
    order = np.argsort(log_probabilities)
    best = int(order[-1])
    margin = margins[best]
    lead = float(log_probabilities[best] - log_probabilities[order[-2]])
    return FAMILY_NAMES[best] if margin is not None and lead >= margin else None


def describe_hint(
    log_probabilities: NDArray[np.float64] | None, fields: Mapping[str, Any] | None
) -> tuple[str, dict[str, str]]:
    """Return a sentence and detail for a finding; both empty without such a model.

    fields: `family_hint` of the card.
    """
    if log_probabilities is None or fields is None:
        return "", {}
    name = name_family(log_probabilities, fields["margins"])
    if name is None:
        return "", {"generator_family": UNKNOWN}
    said = [row.get(name, 0) for row in fields["confusion"].values()]
    right = fields["confusion"][name][name]
    sentence = (
        f"Its traces are most like those of this family: {name} ({right} of "
        f"{sum(said)} such statements were right for generators left out)."
    )
    return sentence, {"generator_family": name}
