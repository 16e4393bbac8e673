"""Addresses of people: directory, card, roles."""

from django.urls import URLPattern, path

from cabinet.home.views import people, person, person_acts, person_roles

urlpatterns: list[URLPattern] = [
    path("people/", people.people, name="people"),
    path("people/excel/", people.people_excel, name="people_excel"),
    path("people/invite/", people.people_invite, name="people_invite"),
    path("people/new/", person_acts.person_new, name="person_new"),
    path("people/<int:pk>/", person.person, name="person"),
    path("people/<int:pk>/history/", person.person_history, name="person_history"),
    path("people/<int:pk>/invite/", person.person_invite, name="person_invite"),
    path("people/<int:pk>/edit/", person_acts.person_edit, name="person_edit"),
    path("people/<int:pk>/move/", person_acts.person_move, name="person_move"),
    path("people/<int:pk>/rename/", person_acts.person_rename, name="person_rename"),
    path("people/<int:pk>/leave/", person_acts.person_leave, name="person_leave"),
    path("people/<int:pk>/return/", person_acts.person_return, name="person_return"),
    path("people/<int:pk>/roles/add/", person_roles.role_give, name="role_give"),
    path("people/roles/<int:pk>/end/", person_roles.role_end, name="role_end"),
    path("people/roles/<int:pk>/prolong/", person_roles.role_prolong, name="role_prolong"),
]
