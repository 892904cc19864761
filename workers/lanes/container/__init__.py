"""Container: what the file itself shows, whatever its pixels look like."""

from workers.lanes.container.lane import ContainerLane

__all__ = ["ContainerLane"]
