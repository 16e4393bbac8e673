"""Addresses of the library."""

from cabinet.library.urls import collections, keeping, materials

app_name = "library"
urlpatterns = [*collections.urlpatterns, *keeping.urlpatterns, *materials.urlpatterns]
