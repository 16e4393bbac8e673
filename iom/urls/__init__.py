"""Addresses of routes and assignments, a module for each side of the work."""

from iom.urls import agreement, assignments, design, diagnoses, library, papers, route, routes, templates

app_name = "iom"
urlpatterns = [
    *routes.urlpatterns,
    *design.urlpatterns,
    *route.urlpatterns,
    *library.urlpatterns,
    *agreement.urlpatterns,
    *diagnoses.urlpatterns,
    *templates.urlpatterns,
    *papers.urlpatterns,
    *assignments.urlpatterns,
]
