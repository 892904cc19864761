"""What the presence endpoints answer."""

from __future__ import annotations

import datetime as dt

from ninja import Schema

from apps.core.schemas import PersonOut


class PresenceOut(Schema):
    """Who else has a case open, and who holds it. Never in which phase anyone is."""

    people: list[PersonOut]
    claimed_by: PersonOut | None
    claim_expires_at: dt.datetime | None
