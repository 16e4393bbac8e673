"""Addresses of assignments."""

from django.urls import URLPattern, path

from iom.views import assignments, giving

urlpatterns: list[URLPattern] = [
    path("assignments/", assignments.assignment_list, name="assignments"),
    path("assignments/give/", giving.give, name="give"),
    path("assignments/<int:pk>/", assignments.assignment_detail, name="assignment"),
    path("assignments/<int:pk>/answer/", assignments.assignment_answer, name="assignment_answer"),
    path("assignments/<int:pk>/check/", assignments.assignment_check, name="assignment_check"),
    path("assignments/<int:pk>/change/", assignments.assignment_change, name="assignment_change"),
    path("assignments/<int:pk>/withdraw/", assignments.assignment_withdraw, name="assignment_withdraw"),
]
