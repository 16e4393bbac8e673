"""Addresses of agreement and versions."""

from django.urls import URLPattern, path

from iom.views import agreement, reviewing, rules, versions

urlpatterns: list[URLPattern] = [
    path("iom/rules/", rules.rule_list, name="rules"),
    path("iom/rules/<int:pk>/", rules.rule_edit, name="rule"),
    path("iom/<int:pk>/submit/", agreement.route_submit, name="submit"),
    path("iom/<int:pk>/recall/", agreement.route_recall, name="recall"),
    path("iom/<int:pk>/agree/", reviewing.route_agree, name="agree"),
    path("iom/<int:pk>/agree/<str:line>/", reviewing.line_decide, name="decide"),
    path("iom/<int:pk>/revise/", agreement.route_revise, name="revise"),
    path("iom/<int:pk>/revise/drop/", agreement.route_drop_revision, name="drop_revision"),
    path("iom/items/<int:pk>/accept-removal/", agreement.removal_accept, name="accept_removal"),
    path("iom/<int:pk>/versions/", versions.version_list, name="versions"),
    path("iom/<int:pk>/versions/<int:number>/", versions.version_detail, name="version"),
    path("iom/<int:pk>/compare/", versions.version_compare, name="compare"),
    path("iom/<int:pk>/comment/", versions.comment_add, name="comment"),
    path("iom/comments/<int:pk>/settle/", versions.comment_settle, name="settle_comment"),
]
