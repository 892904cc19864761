"""How a claim came about: what ends it follows from that."""

from __future__ import annotations

from django.db import models


class ClaimKind(models.TextChoices):
    """How the newest claim of a case was taken.

    Leaving the page ends a claim that the page took, and no other: who takes a case on
    the worklist means to read it later, and what a lead gives is not the page's to end.
    """

    OPENED = "opened", "The page took it"
    TAKEN = "taken", "Its reader took it"
    ASSIGNED = "assigned", "Given by somebody else"


def kind_after(held: str | None, wanted: ClaimKind) -> str:
    """Return what a claim is after its holder claims the case again: opening its page
    makes no claim a page's.

    held: of the live claim, None without one; empty if it is from before kinds were
    kept, and then nobody knows.
    """
    if held is None:
        return wanted
    return held if wanted == ClaimKind.OPENED or held == ClaimKind.ASSIGNED else wanted
