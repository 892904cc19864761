"""Metadata: can this header belong to these pixels?"""

from workers.lanes.metadata.lane import RULES, MetadataLane

__all__ = ["RULES", "MetadataLane"]
