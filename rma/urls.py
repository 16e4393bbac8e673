"""Addresses of РМА."""

from django.urls import path

from rma import views

app_name = "rma"
urlpatterns = [path("requests/", views.request_list, name="requests")]
