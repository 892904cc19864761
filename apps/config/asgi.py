"""HTTP and sockets."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")
# Django must be set up before anything that imports models.
http_application = get_asgi_application()

from apps.reading.consumers import EventsConsumer  # noqa: E402 - needs a set-up Django

application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(
                URLRouter([path("ws/events", EventsConsumer.as_asgi())])
            )
        ),
    }
)
