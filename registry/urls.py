"""Addresses of the registry."""

from django.urls import path

from registry import views

app_name = "registry"
urlpatterns = [
    path("", views.entry_list, name="registry"),
    path("summary/", views.summary, name="summary"),
    path("exports/", views.export_list, name="exports"),
    path("exports/order/", views.export_order, name="order"),
]
