"""Addresses of long work."""

from django.urls import path

from cabinet.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="jobs"),
    path("<int:pk>/", views.job_detail, name="job"),
]
