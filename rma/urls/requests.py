"""Addresses of requests to РМА."""

from django.urls import URLPattern, path

from rma.views import answering, asking, picking, queue
from rma.views import requests as views

urlpatterns: list[URLPattern] = [
    path("requests/", views.request_list, name="requests"),
    path("requests/new/", asking.request_new, name="request_new"),
    path("requests/queue/", queue.request_queue, name="queue"),
    path("requests/<int:pk>/", views.request_detail, name="request"),
    path("requests/<int:pk>/member/", picking.request_pick, name="request_pick"),
    path("requests/<int:pk>/<slug:name>/", answering.request_act, name="request_act"),
]
