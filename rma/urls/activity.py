"""Addresses of the work members agree to."""

from django.urls import URLPattern, path

from rma.views import activity as views

urlpatterns: list[URLPattern] = [
    path("activity/", views.activity, name="activity"),
    path("activity/add/", views.activity_add, name="activity_add"),
    path("activity/agree/", views.activity_agree, name="activity_agree"),
    path("activity/reopen/", views.activity_reopen, name="activity_reopen"),
    path("activity/print/", views.activity_print, name="activity_print"),
    path("activity/<int:pk>/", views.activity_line, name="activity_line"),
    path("activity/<int:pk>/leave-out/", views.activity_leave_out, name="activity_leave_out"),
    path("activity/<int:pk>/put-back/", views.activity_put_back, name="activity_put_back"),
    path("activity/<int:pk>/source/", views.activity_source, name="activity_source"),
]
