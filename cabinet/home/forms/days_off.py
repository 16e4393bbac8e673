"""Forms of the calendar of working days."""

from django import forms

from cabinet.core.models import CalendarDay, QuietPeriod


class CalendarDayForm(forms.ModelForm):
    class Meta:
        model = CalendarDay
        fields = ["day", "is_working", "title"]
        labels = {"day": "Дата", "is_working": "Какой это день", "title": "Почему"}
        help_texts = {"title": "Например, «Выходной, перенесён с 4 января»."}
        error_messages = {"day": {"unique": "Этот день уже есть в календаре: уберите его из списка и запишите заново."}}
        widgets = {
            "day": forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            "is_working": forms.Select(choices=[(False, "нерабочий"), (True, "рабочий")]),
        }


class QuietPeriodForm(forms.ModelForm):
    class Meta:
        model = QuietPeriod
        fields = ["title", "starts_on", "ends_on", "is_yearly"]
        labels = {"title": "Название", "starts_on": "Первый день", "ends_on": "Последний день"}
        widgets = {name: forms.DateInput({"type": "date"}, "%Y-%m-%d") for name in ("starts_on", "ends_on")}
