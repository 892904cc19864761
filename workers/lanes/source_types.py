"""What the terms of IPTC's digital source type say of a picture.

Source: IPTC NewsCodes, Digital Source Type (release of 2024-10-23), with two terms that
C2PA adds; the grouping follows the asset rubrics of the C2PA conformance programme.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# The same address is written with http and https, in XMP, JSON and CBOR.
_ADDRESS = re.compile(
    r"(?:cv\.iptc\.org/newscodes|c2pa\.org)/digitalsourcetype/([A-Za-z]{1,64})",
    re.IGNORECASE,
)
# schema.org writes the terms as "TrainedAlgorithmicMediaDigitalSource".
_SCHEMA_ORG = re.compile(r"schema\.org/([A-Za-z]{1,64})DigitalSource\b")

SOURCE = "IPTC NewsCodes, Digital Source Type (2024-10-23)"


@dataclass(frozen=True)
class SourceType:
    """One term: what it says, and how much that weighs where nobody signed it.

    weight: on the scale of workers.types.Finding; 0 = information, or a capture.
    is_ai: a generative model made the picture or a part of it.
    is_capture: a device recorded what was in front of it.
    """

    term: str
    meaning: str
    weight: float
    is_ai: bool = False
    is_capture: bool = False


_ALL = (
    SourceType("trainedAlgorithmicMedia", "made by AI", 0.9, is_ai=True),
    SourceType("trainedAlgorithmicData", "made by AI", 0.9, is_ai=True),
    SourceType(
        "compositeWithTrainedAlgorithmicMedia", "partly made by AI", 0.9, is_ai=True
    ),
    SourceType("compositeSynthetic", "a mixture with synthetic parts", 0.9, is_ai=True),
    SourceType("algorithmicMedia", "made by an algorithm", 0.7),
    SourceType("dataDrivenMedia", "rendered from data", 0.5),
    SourceType("virtualRecording", "a recording of a virtual scene", 0.5),
    SourceType("softwareImage", "made by software", 0.5),
    SourceType("digitalArt", "digital art", 0.5),
    SourceType("digitalCreation", "drawn with software", 0.5),
    SourceType("composite", "put together from several pictures", 0.5),
    SourceType("humanEdits", "edited by a person", 0.5),
    SourceType("minorHumanEdits", "edited by a person in small ways", 0.25),
    SourceType("algorithmicallyEnhanced", "enhanced by an algorithm", 0.25),
    SourceType("screenCapture", "a capture of a screen", 0.25),
    SourceType("compositeCapture", "stitched from captures", 0.0, is_capture=True),
    SourceType("computationalCapture", "captured by a device", 0.0, is_capture=True),
    SourceType("digitalCapture", "captured by a device", 0.0, is_capture=True),
    SourceType("negativeFilm", "digitised from film", 0.0, is_capture=True),
    SourceType("positiveFilm", "digitised from film", 0.0, is_capture=True),
    SourceType("print", "digitised from a print", 0.0, is_capture=True),
    SourceType("empty", "begun on an empty canvas", 0.0),
)
_BY_TERM = {kind.term.lower(): kind for kind in _ALL}


def find_source_types(text: str) -> list[SourceType]:
    """Return the known terms whose address stands in `text`, each once, in order."""
    terms = [*_ADDRESS.findall(text), *_SCHEMA_ORG.findall(text)]
    known = (_BY_TERM.get(term.lower()) for term in terms)
    return list(dict.fromkeys(kind for kind in known if kind is not None))
