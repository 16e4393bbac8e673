"""Addresses of the gathering pages."""

from django.urls import URLPattern, path

from cabinet.home.views import health, home

app_name = "home"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
