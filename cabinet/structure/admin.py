"""Admin of territories, organizations and dictionaries."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from cabinet.core.admin import WordSearchAdmin
from cabinet.structure.models import (
    Community,
    Municipality,
    Organization,
    OrganizationAlias,
    Position,
    Subject,
    Territory,
    Topic,
)


@admin.register(Territory)
class TerritoryAdmin(WordSearchAdmin):
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(Municipality)
class MunicipalityAdmin(WordSearchAdmin):
    list_display = ["name", "kind", "territory", "territory_hint"]
    list_filter = ["kind", "territory"]
    list_select_related = ["territory"]
    search_fields = ["name"]


class AliasInline(admin.TabularInline):
    model = OrganizationAlias
    fields = ["name"]
    extra = 1
    verbose_name = "другое название"
    verbose_name_plural = "другие названия: по ним организацию узнают при загрузке списков"


@admin.register(Organization)
class OrganizationAdmin(WordSearchAdmin):
    list_display = ["name", "kind", "municipality", "low_results", "is_active"]
    list_filter = ["kind", "low_results", "is_active", "municipality__territory", "municipality"]
    list_select_related = ["municipality"]
    search_fields = ["name_key"]
    autocomplete_fields = ["municipality"]
    inlines = [AliasInline]

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:
        """An alias lives in its organization's municipality; nobody has to say so twice."""
        for alias_form in formset.forms:
            if isinstance(alias_form.instance, OrganizationAlias):
                alias_form.instance.municipality_id = form.instance.municipality_id
        super().save_formset(request, form, formset, change)


@admin.register(Community)
class CommunityAdmin(WordSearchAdmin):
    """Who is in one is changed on its page: there people are told of it."""

    list_display = ["name", "kind", "organization", "municipality", "subject", "is_active"]
    list_filter = ["kind", "is_active", "municipality"]
    list_select_related = ["organization", "municipality", "subject"]
    search_fields = ["name_key"]
    autocomplete_fields = ["organization", "municipality", "subject"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is closed on its page, and what was in it stays readable."""
        return False


@admin.register(Subject)
class SubjectAdmin(WordSearchAdmin):
    search_fields = ["name"]


@admin.register(Position)
class PositionAdmin(WordSearchAdmin):
    list_display = ["name", "is_head"]
    list_filter = ["is_head"]
    search_fields = ["name"]


@admin.register(Topic)
class TopicAdmin(WordSearchAdmin):
    search_fields = ["name"]
