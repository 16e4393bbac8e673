"""Addresses between routes and the library."""

from django.urls import URLPattern, path

from iom.views import library

urlpatterns: list[URLPattern] = [
    path("iom/materials/<int:pk>/add/", library.material_add, name="material_add"),
    path("iom/lines/item/<int:pk>/library/", library.item_library, name="item_library"),
]
