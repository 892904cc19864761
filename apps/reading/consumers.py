"""The socket: news for signed-in people, each checked against their rights."""

from __future__ import annotations

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from apps.accounts.models import User
from apps.accounts.permissions import Permission, permissions_of
from apps.accounts.selectors import departments_of
from apps.core.push import (
    NotificationChanged,
    PresenceChanged,
    site_group,
    user_group,
)
from apps.imaging.selectors import uploads_visible_to
from apps.reading.notification_selectors import notifications_of
from apps.reading.selectors import (
    cases_visible_to,
    is_presence_shown,
    is_told_of_settling,
)

CLOSE_NOT_SIGNED_IN = 4401


class EventsConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """`/ws/events`: kind, id, version. Data never travels here."""

    user: User
    group: str = ""

    async def connect(self) -> None:
        """Accept a signed-in person of a site; others are closed with 4401."""
        user = self.scope.get("user")
        await self.accept()
        if not isinstance(user, User) or user.site_id is None:
            await self.close(code=CLOSE_NOT_SIGNED_IN)
            return
        self.user = user
        self.group = site_group(user.site_id)
        for group in (self.group, user_group(user.pk)):
            await self.channel_layer.group_add(group, self.channel_name)
        await self.send_json({"kind": "hello", "id": "", "version": 0})

    async def disconnect(self, code: int) -> None:
        """Leave the groups of the site and the person."""
        if self.group:
            for group in (self.group, user_group(self.user.pk)):
                await self.channel_layer.group_discard(group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Ignore what browsers send: the socket speaks one way."""

    async def news(self, message: dict[str, Any]) -> None:
        """Pass a piece of news on if its reader may know of the thing."""
        news = message["news"]
        conditions = message.get("conditions", {})
        if await database_sync_to_async(self._may_know)(news, conditions):
            await self.send_json(news)

    def _may_know(self, news: dict[str, Any], conditions: dict[str, Any]) -> bool:
        # Rights may have changed since the socket was opened.
        user = User.objects.select_related("site").filter(pk=self.user.pk).first()
        if user is None or site_group(user.site_id or "") != self.group:
            return False
        if news["kind"] == NotificationChanged.kind:
            return notifications_of(user).filter(pk=news["id"]).exists()
        if news["kind"].startswith("case."):
            if Permission.READ_CASES not in permissions_of(user):
                return False
            if not departments_of(user).filter(slug=news["worklist"]).exists():
                return False
            if not conditions.get("is_settling", False):
                return True
            case = cases_visible_to(user).filter(pk=news["id"]).first()
            return case is not None and is_told_of_settling(case)
        if news["kind"] == PresenceChanged.kind:
            case = cases_visible_to(user).filter(pk=news["id"]).first()
            return case is not None and is_presence_shown(case)
        if Permission.UPLOAD not in permissions_of(user):
            return False
        upload_id = news.get("upload_id") or news["id"]
        return uploads_visible_to(user).filter(pk=upload_id).exists()
