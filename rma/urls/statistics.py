"""Addresses of statistics and indicators."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
