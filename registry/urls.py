"""Addresses of registry."""

from django.urls import URLPattern

app_name = "registry"
urlpatterns: list[URLPattern] = []
