"""Addresses of the outbox."""

from django.urls import path

from cabinet.mail import views

app_name = "mail"
urlpatterns = [
    path("", views.letter_list, name="letters"),
    path("<int:pk>/", views.letter_detail, name="letter"),
    path("<int:pk>/retry/", views.letter_retry, name="retry"),
]
