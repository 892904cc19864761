"""The socket: news for signed-in people, each checked against their rights."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.contrib.auth import SESSION_KEY

from apps.accounts.models import User
from apps.accounts.permissions import Permission, permissions_of
from apps.accounts.selectors import departments_of
from apps.core.push import (
    NotificationChanged,
    PresenceChanged,
    session_group,
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
    session_key: str
    group: str = ""

    async def connect(self) -> None:
        """Accept a signed-in person of a site; others are closed with 4401."""
        user = self.scope.get("user")
        key = getattr(self.scope.get("session"), "session_key", None)
        await self.accept()
        if not isinstance(user, User) or user.site_id is None or key is None:
            await self.close(code=CLOSE_NOT_SIGNED_IN)
            return
        self.user = user
        self.session_key = key
        self.group = site_group(user.site_id)
        for group in self._groups():
            await self.channel_layer.group_add(group, self.channel_name)
        await self.send_json({"kind": "hello", "id": "", "version": 0})

    async def disconnect(self, code: int) -> None:
        """Leave the groups of the site, the person and the session."""
        if self.group:
            for group in self._groups():
                await self.channel_layer.group_discard(group, self.channel_name)
            self.group = ""

    def _groups(self) -> tuple[str, ...]:
        return self.group, user_group(self.user.pk), session_group(self.session_key)

    async def session_ended(self, message: dict[str, Any]) -> None:
        """Close: the person has signed out. News that is queued already is not told."""
        await self.disconnect(CLOSE_NOT_SIGNED_IN)
        await self.close(code=CLOSE_NOT_SIGNED_IN)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Ignore what browsers send: the socket speaks one way."""

    async def news(self, message: dict[str, Any]) -> None:
        """Pass a piece of news on if its reader is still signed in and may know of the
        thing; without a session the socket is closed. 1 query for the session."""
        news = message["news"]
        if not self.group:
            return
        conditions = message.get("conditions", {})
        may_know = await database_sync_to_async(self._judge)(news, conditions)
        if may_know is None:
            await self.session_ended(message)
        elif may_know:
            await self.send_json(news)

    def _judge(self, news: dict[str, Any], conditions: dict[str, Any]) -> bool | None:
        # The session may have ended by time, or elsewhere, since the socket was opened.
        sessions = import_module(settings.SESSION_ENGINE)
        session = sessions.SessionStore(self.session_key)
        if session.get(SESSION_KEY) != str(self.user.pk):
            return None
        return self._may_know(news, conditions)

    def _may_know(self, news: dict[str, Any], conditions: dict[str, Any]) -> bool:
        # Rights may have changed since the socket was opened.
        user = User.objects.select_related("site").filter(pk=self.user.pk).first()
        if user is None or site_group(user.site_id or "") != self.group:
            return False
        if news["kind"] == NotificationChanged.kind:
            if conditions.get("is_gone", False):
                # Nothing is left to be told of, but that there is less.
                return Permission.READ_CASES in permissions_of(user)
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
