"""The provenance lane: what the file, its signer or our own log state of its origin."""

from workers.lanes.provenance.lane import ProvenanceLane

__all__ = ["ProvenanceLane"]
