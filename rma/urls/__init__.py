"""Addresses of РМА, a module per side of the work."""

from rma.urls import activity, requests, roster, statistics

app_name = "rma"
urlpatterns = [*roster.urlpatterns, *requests.urlpatterns, *activity.urlpatterns, *statistics.urlpatterns]
