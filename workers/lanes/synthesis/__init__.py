"""The synthesis lane (docs/models/synthesis.md)."""

from workers.lanes.synthesis.lane import SynthesisLane

__all__ = ["SynthesisLane"]
