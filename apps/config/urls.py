"""All addresses."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

from apps.config.api import api, dicomweb
from apps.config.views import app_shell, health_live, health_ready, staff_sign_in

admin.site.index_title = _("Staff pages")
admin.site.site_title = "Truefilm"

urlpatterns = [
    path("api/v1/", api.urls),
    path("dicomweb/", dicomweb.urls),
    # One way in and one way out: those of the app.
    path("admin/login/", staff_sign_in),
    path("admin/logout/", LogoutView.as_view()),
    path("admin/", admin.site.urls),
    path(
        "login/",
        LoginView.as_view(
            template_name="config/login.html", redirect_authenticated_user=True
        ),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="language"),
    path("health/live", health_live),
    path("health/ready", health_ready),
    re_path(r"^(?!api/|dicomweb/|static/|ws/|admin/|health/).*$", app_shell),
]
