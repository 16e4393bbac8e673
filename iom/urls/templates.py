"""Addresses of templates of routes."""

from django.urls import URLPattern, path

from iom.views import mass, templates

urlpatterns: list[URLPattern] = [
    path("iom/templates/", templates.template_list, name="templates"),
    path("iom/templates/new/", templates.template_new, name="template_new"),
    path("iom/templates/<int:pk>/", templates.template_detail, name="template"),
    path("iom/templates/<int:pk>/edit/", templates.template_edit, name="template_edit"),
    path("iom/templates/<int:pk>/retire/", templates.template_retire, {"is_retired": True}, name="template_retire"),
    path("iom/templates/<int:pk>/restore/", templates.template_retire, {"is_retired": False}, name="template_restore"),
    path("iom/<int:pk>/template/", templates.template_make, name="template_make"),
    path("iom/mass/", mass.mass, name="mass"),
    path("iom/mass/<int:pk>/", mass.mass_result, name="mass_result"),
]
