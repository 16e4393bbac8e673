"""Addresses of the calendar: month, week, agenda, feeds."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
