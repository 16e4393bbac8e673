"""Addresses of what the keeper does: offers, links."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
