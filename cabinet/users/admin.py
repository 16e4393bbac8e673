"""Admin of people, roles and the log. Every change of rights leaves a line in the log."""

from typing import Any

from allauth.account.admin import EmailAddress, EmailConfirmation
from allauth.mfa.admin import Authenticator
from django.contrib import admin, messages
from django.contrib.auth import admin as _auth_admin  # noqa: F401 - what it registers is taken out below
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest, HttpResponse

from cabinet.core.admin import ReadOnlyAdmin, WordSearchAdmin
from cabinet.users import grounds, services
from cabinet.users.models import CommunityMember, DataGround, DataNotice, LogEntry, Membership, Substitution, User

# Rights come from roles, and addresses from the card: tables that nothing reads would only mislead. The table of
# second factors shows their secrets; an action of the people's list takes one off instead.
for unused in (Group, EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(unused):
        admin.site.unregister(unused)

RIGHTS = {
    "email": "почта для входа",
    "is_active": "активен",
    "is_staff": "вход в администрирование",
    "is_superuser": "все права",
}


def _note(request: HttpRequest, person: User, note: str) -> None:
    services.record(LogEntry.Action.RIGHTS, person=person, about=person, note=note, request=request)


class MembershipInline(admin.TabularInline):
    model = Membership
    fk_name = "user"
    fields = ["role", "organization", "municipality", "person", "subjects", "starts_on", "ends_on"]
    autocomplete_fields = ["organization", "municipality", "person", "subjects"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("organization", "municipality", "person")


@admin.register(User)
class UserAdmin(WordSearchAdmin):
    list_display = ["name", "organization", "position", "email", "contact_email", "is_active"]
    list_display_links = ["name"]
    list_filter = ["memberships__role", "is_active", "is_staff", "organization__municipality"]
    list_select_related = ["organization", "position"]
    search_fields = ["name_key", "former_key", "email", "contact_email"]
    autocomplete_fields = ["organization", "position", "subject"]
    readonly_fields = ["last_login", "created_at", "updated_at", "merged_into"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("last_name", "first_name", "patronymic"),
                    "former_names",
                    "organization",
                    ("position", "subject"),
                ]
            },
        ),
        ("Связь", {"fields": ["contact_email", "phone", "contact_note"]}),
        (
            "Вход",
            {
                "fields": ["email", "is_active", "is_staff", "is_superuser"],
                "description": "Пароль человек задаёт сам: на странице входа есть вход по коду и «Забыли пароль?».",
            },
        ),
        ("Даты", {"fields": ["last_login", "created_at", "updated_at", "merged_into"]}),
    ]
    inlines = [MembershipInline]
    actions = ["open_login", "reset_second_factor"]

    @admin.display(description="ФИО", ordering="last_name")
    def name(self, user: User) -> str:
        return user.full_name

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the beginnings of the names, or by an address: both have an index behind them."""
        if "@" in search_term:
            address = search_term.strip().lower()
            return queryset.filter(Q(email__startswith=address) | Q(contact_email__startswith=address)), False
        people: QuerySet[Any] = queryset.search(search_term)  # type: ignore[attr-defined]
        return people, False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Who may enter here is decided by a superuser."""
        mine = [] if getattr(request.user, "is_superuser", False) else ["is_staff", "is_superuser"]
        merged = ["is_active"] if obj is not None and obj.merged_into_id else []
        return [*self.readonly_fields, *mine, *merged]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Otherwise the address of a superuser could be changed, and his login with it.
        if obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", False):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People are made inactive; erasing is a procedure of its own."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Looking at a person's card leaves a trace, here as elsewhere."""
        person = self.get_object(request, object_id) if request.method == "GET" else None
        if person is not None:
            services.record(LogEntry.Action.VIEWED, person=person, about=person, request=request)
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        changed = [label for field, label in RIGHTS.items() if field in form.changed_data]
        if changed:
            _note(request, obj, f"изменено: {', '.join(changed)}")

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for verb, roles in (
            ("назначена роль", formset.new_objects),
            ("изменена роль", [role for role, _ in formset.changed_objects]),
            ("снята роль", formset.deleted_objects),
        ):
            for role in roles:
                _note(request, form.instance, f"{verb}: {role}")

    @admin.action(description="Открыть вход по адресу для писем", permissions=["change"])
    def open_login(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        opened = sum(services.open_login(user, request=request) for user in queryset)
        passed = queryset.count() - opened
        self.message_user(request, f"Вход открыт: {opened}. Без изменений: {passed}.", messages.SUCCESS)

    @admin.action(description="Снять второй фактор (утерян телефон)", permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        found = queryset.filter(authenticator__isnull=False).distinct()
        people = [person for person in found if self.has_change_permission(request, person)]
        for person in people:
            Authenticator.objects.filter(user=person).delete()
            _note(request, person, "снят второй фактор")
        self.message_user(request, f"Второй фактор снят: {len(people)}.", messages.SUCCESS)


@admin.register(Membership)
class MembershipAdmin(WordSearchAdmin):
    list_display = ["user", "role", "organization", "municipality", "person", "starts_on", "ends_on"]
    list_filter = ["role", "municipality"]
    list_select_related = ["user", "organization", "municipality", "person"]
    search_fields = ["user__name_key", "organization__name_key"]
    autocomplete_fields = ["user", "organization", "municipality", "person", "subjects"]

    def save_model(self, request: HttpRequest, obj: Membership, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _note(request, obj.user, f"{'изменена' if change else 'назначена'} роль: {obj}")

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        _note(request, obj.user, f"снята роль: {obj}")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for membership in queryset.select_related("user", "organization", "municipality", "person"):
            self.delete_model(request, membership)


@admin.register(Substitution)
class SubstitutionAdmin(ReadOnlyAdmin):
    """For looking: agreed and cancelled on the pages of МОТОР, where cases move and letters go along."""

    list_display = ["person", "deputy", "starts_on", "ends_on", "author", "created_at", "cancelled_at"]
    list_filter = ["starts_on"]
    list_select_related = ["person", "deputy", "author"]
    search_fields = ["person__name_key", "deputy__name_key"]


@admin.register(CommunityMember)
class CommunityMemberAdmin(ReadOnlyAdmin):
    """For looking: people are added and let go on the page of the community."""

    list_display = ["person", "community", "role", "starts_on", "ends_on"]
    list_filter = ["role", "community__kind"]
    list_select_related = ["person", "community"]
    search_fields = ["person__name_key", "community__name"]


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "action", "person", "what", "note", "ip_address"]
    list_filter = ["action", "at"]
    list_select_related = ["actor", "person", "about_type"]
    # Lines of a card that was merged into another one are found by the name of either.
    search_fields = ["actor__name_key", "person__name_key", "person__merged_into__name_key"]
    search_help_text = "Имя того, кто действовал, или того, о ком запись"

    @admin.display(description="о чём")
    def what(self, entry: LogEntry) -> str:
        return f"{entry.about_type.name} № {entry.about_id}" if entry.about_type else ""


@admin.register(DataNotice)
class DataNoticeAdmin(WordSearchAdmin):
    """What people were shown stays as it was: a changed text is saved as the next version."""

    list_display = ["version", "title", "ground", "in_force_from"]
    list_display_links = ["version", "title"]
    list_filter = ["ground"]
    search_fields = ["title", "text"]
    readonly_fields = ["version"]
    fieldsets = [
        (
            None,
            {
                "fields": ["version", "ground", "title", "text", "in_force_from"],
                "description": "Показывается педагогу до первого ответа: первый абзац виден сразу, остальное "
                "раскрывается. Основание «согласие» открывает опрос только после согласия на отдельной странице.",
            },
        )
    ]

    def has_delete_permission(self, request: HttpRequest, obj: DataNotice | None = None) -> bool:
        return obj is not None and not obj.was_shown() and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: DataNotice, form: ModelForm, change: bool) -> None:
        if change and not form.has_changed():
            return
        former = obj.version
        grounds.revise_notice(obj)
        if change and obj.version != former:
            text = (
                f"Версию {former} людям уже показывали, она осталась прежней. Изменённый текст — версия {obj.version}."
            )
            self.message_user(request, text, messages.INFO)


class PaperConsentForm(ModelForm):
    class Meta:
        model = DataGround
        fields = ["person", "notice", "given_at"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if DataGround.objects.in_force().filter(person=data.get("person"), notice=data.get("notice")).exists():
            raise ValidationError("Согласие этого человека с этой версией текста уже записано.")
        return data


@admin.register(DataGround)
class DataGroundAdmin(WordSearchAdmin):
    """For looking; a consent given on paper is added here, everything else comes from people themselves."""

    list_display = ["person", "notice", "channel", "given_at", "withdrawn_at", "ip_address"]
    list_filter = ["channel", "notice__ground", "given_at"]
    list_select_related = ["person", "notice"]
    search_fields = ["person__name_key"]
    form = PaperConsentForm
    autocomplete_fields = ["person"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "notice":
            kwargs["queryset"] = DataNotice.objects.filter(ground=DataNotice.Ground.CONSENT)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: DataGround | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DataGround | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: DataGround, form: ModelForm, change: bool) -> None:
        obj.channel = DataGround.Channel.PAPER
        super().save_model(request, obj, form, change)
        note = f"внесено согласие на бумаге, версия {obj.notice.version}"
        services.record(LogEntry.Action.CHANGED, person=obj.person, about=obj.notice, note=note, request=request)
