"""What higher apps may listen to. Sent inside the transaction of the change."""

from __future__ import annotations

from django.dispatch import Signal

# image: Image, actor: User | None. A new image was registered.
image_registered = Signal()

# item: UploadItem. One file of an upload was stored, found known, or put in quarantine.
item_settled = Signal()
