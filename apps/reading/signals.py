"""What reading tells the apps above it."""

from __future__ import annotations

from django.dispatch import Signal

# A film is about to be stocked as a canary: `site`, `film` (DecodedImage). A receiver
# that knows the truth to be told elsewhere refuses it by raising Conflict.
canary_offered = Signal()
