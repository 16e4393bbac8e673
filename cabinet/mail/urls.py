"""Addresses of the outbox."""

from django.urls import path

from cabinet.mail.views import choices, mailings, outbox, texts

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
    path("mine/", choices.own_choices, name="choices"),
    path("mailings/", mailings.mailing_list, name="mailings"),
    path("mailings/new/", mailings.mailing_new, name="mailing_new"),
    path("mailings/<int:pk>/", mailings.mailing_detail, name="mailing"),
    path("mailings/<int:pk>/edit/", mailings.mailing_edit, name="mailing_edit"),
    path("mailings/<int:pk>/order/", mailings.mailing_order, name="mailing_order"),
    path("mailings/<int:pk>/stop/", mailings.mailing_stop, name="mailing_stop"),
    path("mailings/<int:pk>/delete/", mailings.mailing_delete, name="mailing_delete"),
]
