"""Lane `tamper`: was a part of this film copied, smoothed or made anew?"""

from workers.lanes.tamper.lane import TamperLane

__all__ = ["TamperLane"]
