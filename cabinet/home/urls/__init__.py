"""Addresses of the gathering pages."""

from django.urls import URLPattern, path

from cabinet.home.urls import calendar, communities, people, searching
from cabinet.home.views import admin_lists, components, days_off, health, home, imports, member, merging, theme

app_name = "home"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("theme/", theme.set_theme, name="theme"),
    path("components/", components.components, name="components"),
    path("courses/import/", imports.imports, name="imports"),
    path("courses/import/staff/", imports.imports, {"kind": "staff"}, name="imports_staff"),
    path("courses/import/members/", imports.imports, {"kind": "members"}, name="imports_members"),
    path("courses/import/sample/<slug:kind>/", imports.import_sample, name="import_sample"),
    path("courses/import/<int:pk>/", imports.import_detail, name="import"),
    path("courses/import/<int:pk>/columns/", imports.import_columns, name="import_columns"),
    path("courses/import/<int:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("courses/import/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("lists/<slug:app_label>/<slug:model_name>/", admin_lists.admin_excel, name="admin_excel"),
    path("data/", merging.order, name="data_order"),
    path("data/search/", merging.search, name="data_search"),
    path("people/duplicates/", merging.pairs, {"kind": "people"}, name="people_pairs"),
    path("people/duplicates/<int:pk>/", merging.decide, {"kind": "people"}, name="people_decide"),
    path("people/merge/", merging.choose, {"kind": "people"}, name="people_choose"),
    path("people/merge/<int:first>/<int:second>/", merging.merge, {"kind": "people"}, name="people_merge"),
    path("organizations/duplicates/", merging.pairs, {"kind": "organizations"}, name="organizations_pairs"),
    path("organizations/duplicates/<int:pk>/", merging.decide, {"kind": "organizations"}, name="organizations_decide"),
    path("organizations/merge/", merging.choose, {"kind": "organizations"}, name="organizations_choose"),
    path(
        "organizations/merge/<int:first>/<int:second>/",
        merging.merge,
        {"kind": "organizations"},
        name="organizations_merge",
    ),
    path("calendar/days/", days_off.calendar_days, name="calendar_days"),
    path("calendar/days/add/", days_off.calendar_day_add, name="calendar_day_add"),
    path("calendar/days/<int:pk>/remove/", days_off.calendar_day_remove, name="calendar_day_remove"),
    path("calendar/days/move/", days_off.calendar_move, name="calendar_move"),
    path("calendar/quiet/add/", days_off.quiet_period_add, name="quiet_period_add"),
    path("calendar/quiet/<int:pk>/remove/", days_off.quiet_period_remove, name="quiet_period_remove"),
    path("rma/mine/", member.own_work, name="member"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    *calendar.urlpatterns,
    *communities.urlpatterns,
    *people.urlpatterns,
    *searching.urlpatterns,
]
