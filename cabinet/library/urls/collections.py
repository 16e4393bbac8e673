"""Addresses of collections, of the normative base, and of links that do not open."""

from django.urls import URLPattern, path

from cabinet.library.views import collections, links, norms

urlpatterns: list[URLPattern] = [
    path("collections/", collections.collection_list, name="collections"),
    path("collections/new/", collections.collection_new, name="collection_new"),
    path("collections/<int:pk>/", collections.collection_detail, name="collection"),
    path("collections/<int:pk>/print/", collections.collection_print, name="collection_print"),
    path("collections/<int:pk>/edit/", collections.collection_edit, name="collection_edit"),
    path("collections/<int:pk>/delete/", collections.collection_delete, name="collection_delete"),
    path("collections/items/<int:pk>/", collections.item_change, name="collection_item"),
    path("<int:pk>/collect/", collections.collect, name="collect"),
    path("norms/", norms.norms, name="norms"),
    path("broken/", links.broken, name="broken"),
    path("broken/check/", links.check_all, name="check_links"),
    path("broken/<int:pk>/check/", links.check_link, name="check_link"),
    path("broken/<int:pk>/link/", links.relink, name="relink"),
]
