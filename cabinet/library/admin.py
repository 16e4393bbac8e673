"""Admin of the library: for looking; materials change on their own pages."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from cabinet.core.admin import ReadOnlyAdmin, ReadOnlyInline
from cabinet.library.models import Collection, Material, MaterialVersion


class VersionInline(ReadOnlyInline):
    model = MaterialVersion
    fields = ["number", "form", "state", "note", "author", "created_at", "published_at"]
    readonly_fields = ["created_at", "published_at"]
    fk_name = "material"


@admin.register(Material)
class MaterialAdmin(ReadOnlyAdmin):
    list_display = ["title", "kind", "topic", "state", "owner", "community", "published_at", "link_state"]
    list_filter = ["state", "kind", "level", "licence", "link_state"]
    list_select_related = ["topic", "owner", "community"]
    search_fields = ["title", "owner__name_key"]
    inlines = [VersionInline]


@admin.register(Collection)
class CollectionAdmin(ReadOnlyAdmin):
    list_display = ["title", "owner", "is_public", "updated_at"]
    list_filter = ["is_public"]
    list_select_related = ["owner"]
    search_fields = ["title"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        """«Только ваша» is true of the administrator, too."""
        return Collection.objects.visible_to(request.user)
