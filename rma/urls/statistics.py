"""Addresses of statistics and indicators."""

from django.urls import URLPattern, path

from rma.views import indicators
from rma.views import statistics as statistics_views

urlpatterns: list[URLPattern] = [
    path("statistics/", statistics_views.statistics, name="statistics"),
    path("statistics/excel/", statistics_views.statistics_excel, name="statistics_excel"),
    path("indicators/", indicators.indicator_list, name="indicators"),
    path("indicators/excel/", indicators.indicators_excel, name="indicators_excel"),
]
