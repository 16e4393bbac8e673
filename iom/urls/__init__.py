"""Addresses of routes and assignments, a module for each side of the work."""

from iom.urls import agreement, assignments, design, diagnoses, papers, route, routes, templates

app_name = "iom"
urlpatterns = [
    *routes.urlpatterns,
    *design.urlpatterns,
    *route.urlpatterns,
    *agreement.urlpatterns,
    *diagnoses.urlpatterns,
    *templates.urlpatterns,
    *papers.urlpatterns,
    *assignments.urlpatterns,
]
