"""Addresses of the work members agree to."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
