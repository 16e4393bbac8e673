"""Addresses of the outbox."""

from django.urls import path

from cabinet.mail.views import outbox, texts

app_name = "mail"
urlpatterns = [
    path("", outbox.letter_list, name="letters"),
    path("<int:pk>/", outbox.letter_detail, name="letter"),
    path("<int:pk>/retry/", outbox.letter_retry, name="retry"),
    path("<int:pk>/look/", outbox.letter_look, name="look"),
    path("<int:pk>/bounced/", outbox.letter_bounced, name="bounced"),
    path("texts/", texts.text_list, name="texts"),
    path("texts/<str:code>/", texts.text_edit, name="text"),
    path("texts/<str:code>/look/", texts.text_look, name="text_look"),
    path("texts/<str:code>/restore/", texts.text_restore, name="text_restore"),
]
