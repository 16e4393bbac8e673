"""Addresses of the roster."""

from django.urls import URLPattern, path

from rma.views import card, card_edit, roster

urlpatterns: list[URLPattern] = [
    path("", roster.member_list, name="roster"),
    path("excel/", roster.roster_excel, name="roster_excel"),
    path("members/new/", roster.member_new, name="member_new"),
    path("members/<int:pk>/", card.member_detail, name="member"),
    path("members/<int:pk>/consent/", card.member_consent, name="member_consent"),
    path("members/<int:pk>/edit/", card_edit.member_edit, name="member_edit"),
    path("members/<int:pk>/status/", card_edit.member_status, name="member_status"),
    path("members/<int:pk>/indicators/<slug:kind>/", card_edit.indicator_add, name="indicator_add"),
    path("members/<int:pk>/indicators/<int:row>/end/", card_edit.indicator_end, name="indicator_end"),
]
