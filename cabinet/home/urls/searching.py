"""Addresses of the search."""

from django.urls import URLPattern, path

from cabinet.home.views import searching

urlpatterns: list[URLPattern] = [
    path("search/", searching.search, name="search"),
    path("search/offered/", searching.suggest, name="search_offered"),
]
