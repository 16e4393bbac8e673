"""Admin of the outbox: for looking; its own page is /letters/."""

from django.contrib import admin

from cabinet.core.admin import ReadOnlyAdmin
from cabinet.mail.models import Letter, Mailing
from cabinet.mail.services import readable_body


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    has_excel = False  # who was written to about what is read in the outbox, one by one and with a trace
    list_display = ["created_at", "subject", "to", "state", "attempts", "finished_at"]
    list_display_links = ["subject"]
    list_filter = ["state", "kind"]
    list_select_related = ["to"]
    search_fields = ["subject", "to__name_key"]
    fields = ["subject", "to", "address", "kind", "state", "text", "due_at", "attempts", "last_error", "finished_at"]
    readonly_fields = ["text"]

    @admin.display(description="текст")
    def text(self, letter: Letter) -> str:
        """Without a working link or code wherever there is a mail server."""
        return readable_body(letter)


@admin.register(Mailing)
class MailingAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "subject", "author", "state", "recipients", "ordered_at"]
    list_display_links = ["subject"]
    list_filter = ["state"]
    list_select_related = ["author"]
    search_fields = ["subject", "author__name_key"]
    fields = ["subject", "body", "author", "state", "recipients", "created_at", "ordered_at"]
