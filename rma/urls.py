"""Addresses of rma."""

from django.urls import URLPattern

app_name = "rma"
urlpatterns: list[URLPattern] = []
