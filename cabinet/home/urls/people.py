"""Addresses of people: directory, card, roles."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
