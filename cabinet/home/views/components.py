"""All parts of the pages on one page, to look at: light, dark, on a phone, on paper. Admins only."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cabinet.core import badges, charts
from cabinet.core.terms import TERMS
from motor.models import Status

CONTENTS = [
    ("next", "Следующий шаг"),
    ("lines", "Строки"),
    ("buttons", "Кнопки"),
    ("states", "Состояния"),
    ("stats", "Числа"),
    ("steps", "Шаги"),
    ("facts", "Карточки"),
    ("table", "Список"),
    ("empty", "Пусто"),
    ("charts", "Диаграммы"),
    ("notices", "Пояснения"),
    ("history", "История"),
    ("progress", "Долгая работа"),
    ("frame", "Рамка"),
]
CONFIRM = {
    "title": "Прекратить отслеживание?",
    "text": "Письма по этому курсу больше не придут. Прежние ответы останутся, администратор сможет вернуть карту.",
    "action_label": "Прекратить отслеживание",
    "cancel_url": "?",
    "danger": True,
    "form": None,
}
ROWS = [
    ("Волкова Анна Петровна", "Лицей № 2", "Пермский городской округ", "school_review", 3),
    ("Гилёв Олег Игоревич", "Детский сад «Рябинка»", "Кунгурский", "survey_open", -2),
    ("Ширяева Мария Сергеевна", "Гимназия № 7", "Лысьвенский", "closed", 40),
]


class SampleForm(forms.Form):
    """Every kind of field once."""

    topic = forms.CharField(label="Какое содержание программы было важно и нужно?", help_text="Одно-два предложения.")
    note = forms.CharField(label="Что вы изучили", widget=forms.Textarea, required=False)
    found = forms.ChoiceField(
        label="Это находит отражение в практике педагога?",
        choices=[("full", "Полностью"), ("partial", "Частично"), ("none", "Не находит")],
        widget=forms.RadioSelect,
    )
    studied = forms.MultipleChoiceField(
        label="Что изучено",
        choices=[("plan", "Конспект урока"), ("lesson", "Открытый урок"), ("talk", "Беседа с педагогом")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    subject = forms.ChoiceField(label="Предмет", choices=[("", "Не выбран"), ("math", "Математика")])
    day = forms.DateField(label="Дата", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    file = forms.FileField(label="Файл", help_text="PDF, DOCX или снимок до 20 МБ.", required=False)
    sure = forms.BooleanField(label="Нужна помощь методиста РМА", required=False)


class SampleFilter(forms.Form):
    q = forms.CharField(label="Фамилия", required=False)
    status = forms.ChoiceField(label="Состояние", choices=[("", "Все"), *Status.choices], required=False)
    since = forms.DateField(label="Курс закончен с", widget=forms.DateInput(attrs={"type": "date"}), required=False)


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or "admin" in getattr(request.user, "roles", ())):
        raise Http404
    if "form" in request.GET:
        form = SampleForm({"found": "maybe"}) if request.GET["form"] == "errors" else SampleForm()
        return render(request, "home/components_form.html", {"form": form})
    if "confirm" in request.GET:
        return render(request, "components/confirm.html", CONFIRM)
    if "messages" in request.GET:
        messages.success(request, "Чек-лист сохранён. Результат появится в реестре через несколько секунд.")
        messages.warning(request, "У двух педагогов нет адреса почты: письма им не ушли.")
        messages.error(request, "Файл не загружен: это не таблица Excel.")
    return render(request, "home/components.html", _samples(request))


def _samples(request: HttpRequest) -> dict[str, Any]:
    today = timezone.localdate()
    territories = ["Верхнекамье", "Парма", "Пермский ГО", "Согласие", "Юг", "Союз", "Запад", "Территория не указана"]
    return {
        "contents": CONTENTS,
        "crumbs": [("Главная", reverse("home:home"))],
        "rows": [(*row[:4], Status(row[3]).label, today + timedelta(days=row[4])) for row in ROWS],
        "looks": [(code, Status(code).label if code in Status.values else code) for code in badges.LOOKS],
        "soon": today + timedelta(days=2),
        "late": today - timedelta(days=5),
        "far": today + timedelta(days=20),
        "terms": list(TERMS),
        "page": Paginator(range(900), 50).get_page(request.GET.get("page")),
        "filter_form": SampleFilter(request.GET or None),
        "facts": [
            ("Программа", "Формирующее оценивание на уроках математики"),
            ("Окончание", "12 марта 2026"),
            ("Часы", 36),
            ("Организация", "МАОУ «Лицей № 2», г. Пермь"),
        ],
        "stats": [
            ("Ждут опросного листа", "128", ""),
            ("У методистов ОО", "64", "просрочено 7"),
            ("Есть результат", "41", "вариант 3: 58 %"),
            ("Ответ не получен", "12", ""),
        ],
        "steps": [
            {"label": "Опросный лист", "state": "done", "note": "заполнен 12 марта"},
            {"label": "Оценка методистом", "state": "now", "note": "до 9 апреля"},
            {"label": "РМА", "state": "skip", "note": "не понадобилось"},
            {"label": "Результат и работа", "state": "todo", "note": ""},
        ],
        "entries": [
            {
                "at": timezone.now(),
                "who": "Волкова А. П.",
                "title": "Опросный лист заполнен",
                "text": "Начала реализовывать ИОМ",
            },
            {"at": timezone.now() - timedelta(days=9), "who": "", "title": "Письмо отправлено", "text": ""},
        ],
        "chart": charts.stacked(
            "Варианты результата по территориям",
            "Территория",
            ["Вариант 3", "Вариант 2", "Вариант 1"],
            [(name, [9 + at * 4, 5 + at, 3 + at * 2 % 5]) for at, name in enumerate(territories)],
            note="Доли от карт, где результат уже определён.",
            total="Весь край",
        ),
        "palette": charts.stacked(
            "Шесть цветов диаграмм",
            "Пример",
            [f"Цвет {at}" for at in range(1, 7)],
            [("По порядку", [20, 18, 17, 16, 15, 14])],
        ),
        "bars": charts.simple(
            "Почему реализация не начата",
            "Причина",
            "Ответов",
            [("Не было времени", 24), ("Нет условий или ресурсов", 11), ("Нужна помощь методиста", 9), ("Другое", 2)],
            base=46,
        ),
    }
