"""What higher apps may listen to. Sent inside the transaction of the change.

`signals.py` of this app holds what it listens to itself.
"""

from __future__ import annotations

from django.dispatch import Signal

# department: Department, person: User, actor: User. Somebody belongs to it no more.
membership_ended = Signal()
