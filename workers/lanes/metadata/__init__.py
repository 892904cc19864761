"""Metadata: can this header belong to these pixels?"""

from workers.lanes.metadata.lane import RULES, MetadataLane
from workers.lanes.metadata.study import read_facts

__all__ = ["RULES", "MetadataLane", "read_facts"]
