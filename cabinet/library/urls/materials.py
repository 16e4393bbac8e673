"""Addresses of materials."""

from django.urls import URLPattern, path

from cabinet.library.views import materials, offering

urlpatterns: list[URLPattern] = [
    path("", materials.materials, name="materials"),
    path("own/", offering.own, name="own"),
    path("new/", offering.new, name="new"),
    path("<int:pk>/", materials.material, name="material"),
    path("<int:pk>/edit/", offering.edit, name="edit"),
    path("<int:pk>/offer/", offering.offer, name="offer"),
    path("<int:pk>/withdraw/", offering.withdraw, name="withdraw"),
    path("<int:pk>/delete/", offering.delete, name="delete"),
    path("<int:pk>/versions/<int:number>/", materials.version, name="version"),
    path("<int:pk>/versions/next/", offering.version_edit, name="version_edit"),
    path("<int:pk>/versions/next/offer/", offering.version_offer, name="version_offer"),
    path("<int:pk>/versions/next/withdraw/", offering.version_withdraw, name="version_withdraw"),
    path("<int:pk>/versions/next/delete/", offering.version_delete, name="version_delete"),
]
