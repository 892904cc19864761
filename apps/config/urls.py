"""All addresses."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path, re_path

from apps.config.api import api, dicomweb
from apps.config.views import app_shell, health_live, health_ready

urlpatterns = [
    path("api/v1/", api.urls),
    path("dicomweb/", dicomweb.urls),
    path("admin/", admin.site.urls),
    path(
        "login/",
        LoginView.as_view(
            template_name="config/login.html", redirect_authenticated_user=True
        ),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("health/live", health_live),
    path("health/ready", health_ready),
    re_path(r"^(?!api/|dicomweb/|static/|ws/|admin/|health/).*$", app_shell),
]
