"""Addresses of building a route."""

from django.urls import URLPattern, path

from iom.views import design, design_lines, grounds
from iom.views.new import new_route

urlpatterns: list[URLPattern] = [
    path("iom/new/", new_route, name="new"),
    path("iom/<int:pk>/design/", design.design, name="design"),
    path("iom/<int:pk>/design/header/", design_lines.header_save, name="design_header"),
    path("iom/<int:pk>/design/<slug:kind>/add/", design_lines.line_add, name="design_add"),
    path("iom/<int:pk>/design/grounds/", grounds.ground_add, name="design_ground"),
    path("iom/<int:pk>/design/bring-back/", design_lines.taken_back, name="design_bring_back"),
    path("iom/grounds/<int:pk>/remove/", grounds.ground_remove, name="design_ground_remove"),
    path("iom/lines/<slug:kind>/<int:pk>/", design_lines.line_save, name="design_line"),
    path("iom/lines/<slug:kind>/<int:pk>/remove/", design_lines.line_remove, name="design_remove"),
    path("iom/lines/item/<int:pk>/restore/", design_lines.item_restore, name="design_restore"),
    path("iom/lines/<slug:kind>/<int:pk>/place/", design_lines.line_place, name="design_place"),
    path("iom/lines/item/<int:pk>/attach/", design_lines.extra_add, name="design_attach"),
    path("iom/lines/attachment/<int:pk>/detach/", design_lines.extra_remove, name="design_detach"),
]
