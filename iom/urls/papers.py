"""Addresses of printed forms."""

from django.urls import URLPattern, path

from iom.views import papers

urlpatterns: list[URLPattern] = [
    path("iom/<int:pk>/print/", papers.route_print, name="print"),
    path("iom/<int:pk>/docx/", papers.route_docx, name="docx"),
    path("iom/<int:pk>/report/", papers.route_paper, {"kind": "report"}, name="report"),
    path("iom/<int:pk>/sheet/", papers.route_paper, {"kind": "sheet"}, name="sheet"),
]
