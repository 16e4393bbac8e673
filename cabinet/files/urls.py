"""Addresses of files."""

from django.urls import path

from cabinet.files import views

app_name = "files"
urlpatterns = [
    path("<slug:public_id>/", views.download, name="download"),
    path("<slug:public_id>/preview/<int:number>/", views.preview, name="preview"),
]
