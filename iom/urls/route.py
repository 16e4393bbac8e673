"""Addresses of a route and its items."""

from django.urls import URLPattern, path

from iom.views import acts, items, route

urlpatterns: list[URLPattern] = [
    path("iom/<int:pk>/", route.route_detail, name="route"),
    path("iom/<int:pk>/complete/", acts.route_act, {"name": "complete"}, name="complete"),
    path("iom/<int:pk>/reopen/", acts.route_act, {"name": "reopen"}, name="reopen"),
    path("iom/<int:pk>/archive/", acts.route_act, {"name": "archive"}, name="archive"),
    path("iom/<int:pk>/restore/", acts.route_act, {"name": "restore"}, name="restore"),
    path("iom/<int:pk>/confirm/", items.items_confirm, name="items_confirm"),
    path("iom/items/<int:pk>/act/<slug:name>/", items.item_act, name="item_act"),
]
