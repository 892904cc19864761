"""News for browsers: typed, small, sent on commit; clients fetch the data."""

from __future__ import annotations

import hashlib
import logging
import uuid
from dataclasses import asdict, dataclass
from functools import partial
from typing import ClassVar

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class News:
    """One piece of news; `site_id` addresses it and does not leave the server."""

    kind: ClassVar[str]
    site_id: str
    id: str
    version: int = 0

    def to_message(self) -> dict[str, object]:
        """Return what the browser receives."""
        fields = asdict(self)
        del fields["site_id"]
        return {"kind": self.kind, **fields}

    def conditions(self) -> dict[str, object]:
        """Return what a socket checks before it passes the news on."""
        return {}

    def group(self) -> str:
        """Return whose sockets hear of it."""
        return site_group(self.site_id)


@dataclass(frozen=True, kw_only=True)
class CaseChanged(News):
    """A case changed: state, claim, read or verdict.

    is_settling: what changed concerns readers who differ; it does not leave the server.
    """

    kind = "case.changed"
    worklist: str
    is_settling: bool = False

    def to_message(self) -> dict[str, object]:
        """Return what the browser receives."""
        message = super().to_message()
        del message["is_settling"]
        return message

    def conditions(self) -> dict[str, object]:
        """Return what a socket checks before it passes the news on."""
        return {"is_settling": self.is_settling}


@dataclass(frozen=True, kw_only=True)
class CaseProgress(News):
    """Lanes finished over all images of a case; which and what they found stay out."""

    kind = "case.progress"
    worklist: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class PresenceChanged(News):
    """Someone opened or left a case; who is not said."""

    kind = "presence.changed"


@dataclass(frozen=True, kw_only=True)
class UploadChanged(News):
    """The counts of an upload changed."""

    kind = "upload.changed"


@dataclass(frozen=True, kw_only=True)
class UploadItemChanged(News):
    """One file of an upload changed its state."""

    kind = "upload_item.changed"
    upload_id: str
    status: str


@dataclass(frozen=True, kw_only=True)
class NotificationChanged(News):
    """One person has something new under the bell, or something less; `user_id`
    addresses it and does not leave the server.

    is_gone: the line is there no more; does not leave the server either.
    """

    kind = "notification.changed"
    user_id: str
    is_gone: bool = False

    def to_message(self) -> dict[str, object]:
        """Return what the browser receives."""
        message = super().to_message()
        del message["user_id"], message["is_gone"]
        return message

    def conditions(self) -> dict[str, object]:
        """Return what a socket checks before it passes the news on."""
        return {"is_gone": self.is_gone}

    def group(self) -> str:
        """Return the group of that person's sockets alone."""
        return user_group(self.user_id)


NEWS_KINDS: tuple[type[News], ...] = (
    CaseChanged,
    CaseProgress,
    NotificationChanged,
    PresenceChanged,
    UploadChanged,
    UploadItemChanged,
)


def site_group(site_id: uuid.UUID | str) -> str:
    """Return the channel group of a site."""
    return f"site.{site_id}"


def user_group(user_id: uuid.UUID | str) -> str:
    """Return the channel group of one person."""
    return f"user.{user_id}"


def session_group(session_key: str) -> str:
    """Return the group of the sockets of one session; its key stays out of the name."""
    return f"session.{hashlib.sha256(session_key.encode()).hexdigest()}"


def push(news: News) -> None:
    """Send `news` to the sockets of its group when the transaction commits.

    News may be lost (the channel layer is down or full): clients fetch again when
    they reconnect, so a failure here is logged and never undoes the change.
    """

    message: dict[str, object] = {
        "type": "news",
        "news": news.to_message(),
        "conditions": news.conditions(),
    }
    transaction.on_commit(partial(_send, news.group(), message, news.kind))


def end_sockets(session_key: str) -> None:
    """Close the sockets of a session that ended, when the transaction commits.

    May be lost like news: a socket looks for its session before it tells any.
    """
    message: dict[str, object] = {"type": "session.ended"}
    transaction.on_commit(
        partial(_send, session_group(session_key), message, "session.ended")
    )


def _send(group: str, message: dict[str, object], name: str) -> None:
    layer = get_channel_layer()
    try:
        async_to_sync(layer.group_send)(group, message)
    except (RedisError, OSError) as error:
        logger.warning("news %s not sent: %s", name, type(error).__name__)
