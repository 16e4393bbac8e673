"""Addresses of the list of routes and routes kept elsewhere."""

from django.urls import URLPattern, path

from iom.views import outside, routes

urlpatterns: list[URLPattern] = [
    path("iom/", routes.route_list, name="routes"),
    path("iom/excel/", routes.export, name="export"),
    path("iom/outside/new/", outside.outside_add, name="outside_add"),
    path("iom/outside/<int:pk>/", outside.outside_detail, name="outside"),
    path("iom/outside/<int:pk>/archive/", outside.outside_archive, name="outside_archive"),
    path("iom/outside/<int:pk>/edit/", outside.outside_edit, name="outside_edit"),
]
