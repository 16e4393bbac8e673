"""Addresses of the cabinet (design.md section 3)."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from cabinet.users.views import not_here

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/email/", not_here, name="account_email"),  # the login's address is the institute's to change
    path("accounts/", include("allauth.urls")),
    path("", include("cabinet.home.urls")),
    path("files/", include("cabinet.files.urls")),
    path("letters/", include("cabinet.mail.urls")),
    path("jobs/", include("cabinet.jobs.urls")),
    path("", include("cabinet.planner.urls")),
    path("library/", include("cabinet.library.urls")),
    path("polls/", include("cabinet.polls.urls")),
    path("courses/", include("cabinet.courses.urls")),
    path("rma/", include("rma.urls")),
    path("registry/", include("registry.urls")),
    path("", include("iom.urls")),
    path("", include("motor.urls")),
]

if "debug_toolbar" in settings.INSTALLED_APPS:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()
