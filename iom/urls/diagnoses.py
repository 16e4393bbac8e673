"""Addresses of diagnoses."""

from django.urls import URLPattern, path

from iom.views import diagnoses

urlpatterns: list[URLPattern] = [
    path("iom/diagnoses/", diagnoses.diagnosis_list, name="diagnoses"),
    path("iom/diagnoses/new/", diagnoses.diagnosis_new, name="diagnosis_new"),
    path("iom/diagnoses/<int:pk>/", diagnoses.diagnosis_detail, name="diagnosis"),
    path("iom/diagnoses/<int:pk>/edit/", diagnoses.diagnosis_edit, name="diagnosis_edit"),
    path("iom/diagnoses/<int:pk>/remove/", diagnoses.diagnosis_remove, name="diagnosis_remove"),
]
