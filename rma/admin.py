"""Admin of the roster and its dictionaries; requests and work only for looking."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ManyToManyField, Model, QuerySet
from django.http import HttpRequest, HttpResponse

from cabinet.core.admin import ReadOnlyAdmin, WordSearchAdmin
from cabinet.core.clock import today
from cabinet.users.models import LogEntry
from cabinet.users.services import record
from rma.models import (
    Activity,
    AgreedMonth,
    Direction,
    Function,
    Indicator,
    Member,
    MemberRole,
    Request,
    StatusChange,
)
from rma.services.editing import LINKS, difference, names_of
from rma.services.roster import category_end, log_order, note_on, order_words, settle_status

FIELDS = {"case_limit": "предел запросов", "note": "заметка", "user": "человек"}


class IndicatorForm(forms.ModelForm):
    class Meta:
        model = Indicator
        fields = ["kind", "grade", "since", "until", "result", "proof"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind, grade, since = data.get("kind"), data.get("grade"), data.get("since")
        if kind and grade and grade not in Indicator.GRADES[Indicator.Kind(kind)]:
            self.add_error("grade", "Это значение другого показателя.")
        if kind == Indicator.Kind.EXPERIENCE and since is None:
            self.add_error("since", "Укажите день, с которого человек работает по специальности.")
        if since and since > today():
            self.add_error("since", "Этот день ещё не наступил.")
        if kind == Indicator.Kind.CATEGORY and grade and not data.get("until") and self.instance.pk is None:
            data["until"] = category_end(grade, since)
        return data


class StatusChangeForm(forms.ModelForm):
    class Meta:
        model = StatusChange
        fields = ["status", "on", "order", "reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("on") and data["on"] > today():
            self.add_error("on", "Этот день ещё не наступил: внесите приказ, когда он вступит в силу.")
        needs_ground = data.get("status") in (Member.Status.SUSPENDED, Member.Status.EXCLUDED)
        if needs_ground and not (data.get("order") or data.get("reason")):
            self.add_error("reason", "Укажите приказ или причину.")
        return data


class IndicatorInline(admin.TabularInline):
    model = Indicator
    form = IndicatorForm
    extra = 0
    readonly_fields = ["author", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Indicator]:
        return super().get_queryset(request).select_related("author")


class StatusChangeInline(admin.TabularInline):
    model = StatusChange
    form = StatusChangeForm
    extra = 0
    readonly_fields = ["author", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusChange]:
        return super().get_queryset(request).select_related("author")


@admin.register(Member)
class MemberAdmin(WordSearchAdmin):
    """The state follows from the orders: the last of them says it, here as on the pages of the cabinet."""

    list_display = ["user", "organization", "municipality", "status", "case_limit", "is_shown", "note"]
    list_filter = ["status", "roles", "functions", "directions", "user__organization__municipality__territory"]
    list_select_related = ["user__organization__municipality"]
    search_fields = ["user__name_key", "user__organization__name_key"]
    autocomplete_fields = ["user", "subjects"]
    readonly_fields = ["status", "shown_at", "created_at", "updated_at"]
    fields = [
        "user",
        ("status", "shown_at"),
        "subjects",
        "roles",
        "functions",
        "directions",
        "case_limit",
        "note",
        ("created_at", "updated_at"),
    ]
    inlines = [StatusChangeInline, IndicatorInline]

    @admin.display(description="организация", ordering="user__organization__name")
    def organization(self, member: Member) -> str:
        return str(member.user.organization or "")

    @admin.display(description="муниципалитет", ordering="user__organization__municipality__name")
    def municipality(self, member: Member) -> str:
        return str(member.user.organization.municipality) if member.user.organization else ""

    @admin.display(description="показана коллегам", boolean=True)
    def is_shown(self, member: Member) -> bool:
        return member.is_shown

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        # The Excel of the list reads the organizations too.
        return super().get_queryset(request).select_related("user__organization__municipality")

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> list[str]:
        """A card is of the person it was made for."""
        return [*self.readonly_fields, *(["user"] if obj else [])]

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name != "subjects":
            kwargs["widget"] = forms.CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        """Whoever leaves is excluded by an order: requests and work stay his."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Looking at a card leaves a trace, here as elsewhere."""
        member = self.get_object(request, object_id) if request.method == "GET" else None
        if member is not None:
            record(LogEntry.Action.VIEWED, person=member.user, about=member, request=request)
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            note_on(obj, "карточка РМА заведена", request.user)  # type: ignore[arg-type]
        changed = [label for field, label in FIELDS.items() if change and field in form.changed_data]
        if changed:
            note_on(obj, f"изменено: {', '.join(changed)}", request.user)  # type: ignore[arg-type]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        member: Member = form.instance
        before = {name: names_of(member, name) for name in LINKS}
        super().save_related(request, form, formsets, change)
        for name, label in LINKS.items():
            after = names_of(member, name)
            if before[name] != after:
                note_on(member, difference(label, before[name], after), request.user)  # type: ignore[arg-type]
        if not member.status_changes.exists():
            StatusChange.objects.create(member=member, status=member.status, author=request.user)  # type: ignore[misc]
        settle_status(member, request.user)  # type: ignore[arg-type]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for row in formset.new_objects:
            row.author = request.user
        super().save_formset(request, form, formset, change)
        is_order = formset.model is StatusChange
        for verb, rows in (
            ("добавлено", formset.new_objects),
            ("исправлено", [row for row, _ in formset.changed_objects]),
            ("удалено", formset.deleted_objects),
        ):
            for row in rows:
                if is_order and row in formset.new_objects:
                    log_order(row)
                    continue
                what = order_words(row) if is_order else f"показатель: {row}"
                note_on(form.instance, f"{verb} в администрировании: {what}", request.user)  # type: ignore[arg-type]


class WordAdmin(WordSearchAdmin):
    """Of the source's own wording: it may be corrected and added to, what cards say is not taken away."""

    list_display = ["name", "short", "code", "order"]
    list_display_links = ["name"]
    search_fields = ["name", "short"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """The program calls it by the code."""
        return ["code"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


admin.site.register([MemberRole, Function], WordAdmin)


@admin.register(Direction)
class DirectionAdmin(WordAdmin):
    list_display = ["name", "short", "code", "source_share", "order"]


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "kind",
        "status",
        "member",
        "author",
        "person",
        "organization",
        "topic",
        "due_on",
        "agreed_on",
        "done_at",
    ]
    list_filter = ["kind", "status", "direction", "organization__low_results", "organization__municipality"]
    list_select_related = ["member__user", "author", "person", "organization"]
    search_fields = ["member__user__name_key", "person__name_key", "author__name_key", "organization__name_key"]
    date_hierarchy = "created_at"


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    """Lines are the member's own: he writes and agrees them on the pages of his work."""

    list_display = ["on", "member", "kind", "title", "direction", "function", "people_count", "hours", "state"]
    list_filter = ["state", "kind", "direction", "function"]
    list_select_related = ["member__user", "direction", "function"]
    search_fields = ["member__user__name_key", "title"]
    date_hierarchy = "on"


@admin.register(AgreedMonth)
class AgreedMonthAdmin(ReadOnlyAdmin):
    list_display = ["month", "member", "agreed_at"]
    list_select_related = ["member__user"]
    search_fields = ["member__user__name_key"]
    date_hierarchy = "month"
