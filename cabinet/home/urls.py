"""Addresses of the gathering pages."""

from django.urls import URLPattern, path

from cabinet.home.views import components, health, home, theme

app_name = "home"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("theme/", theme.set_theme, name="theme"),
    path("components/", components.components, name="components"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
