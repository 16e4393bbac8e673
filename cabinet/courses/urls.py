"""Addresses of courses. Those under import/ belong to the gathering pages."""

from django.urls import path

from cabinet.courses import views

app_name = "courses"
urlpatterns = [
    path("", views.course_list, name="courses"),
    path("programmes/", views.programme_list, name="programmes"),
    path("<int:pk>/", views.course_detail, name="course"),
]
