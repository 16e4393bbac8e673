"""Addresses of communities."""

from django.urls import URLPattern, path

from cabinet.home.views import communities, community_acts, community_members

urlpatterns: list[URLPattern] = [
    path("people/communities/", communities.community_list, name="communities"),
    path("people/communities/new/", community_acts.community_new, name="community_new"),
    path("people/communities/<int:pk>/", communities.community_detail, name="community"),
    path("people/communities/<int:pk>/edit/", community_acts.community_edit, name="community_edit"),
    path("people/communities/<int:pk>/close/", community_acts.community_close, name="community_close"),
    path("people/communities/<int:pk>/reopen/", community_acts.community_reopen, name="community_reopen"),
    path("people/communities/<int:pk>/print/", communities.community_print, name="community_print"),
    path("people/communities/<int:pk>/excel/", communities.community_excel, name="community_excel"),
    path("people/communities/<int:pk>/add/", community_members.members_add, name="community_add"),
    path("people/communities/<int:pk>/ask/", community_members.community_ask, name="community_ask"),
    path("people/communities/<int:pk>/asks/<int:person>/", community_members.ask_answer, name="community_answer"),
    path("people/communities/members/<int:pk>/end/", community_members.member_end, name="community_member_end"),
    path("people/communities/members/<int:pk>/head/", community_members.member_head, name="community_member_head"),
]
