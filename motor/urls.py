"""Addresses of motor."""

from django.urls import URLPattern

app_name = "motor"
urlpatterns: list[URLPattern] = []
