"""Addresses of requests to РМА."""

from django.urls import URLPattern, path

from rma.views import requests as views

urlpatterns: list[URLPattern] = [path("requests/", views.request_list, name="requests")]
