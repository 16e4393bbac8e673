"""Answers of surveys and checklists, put together so that they fit the programme and one another."""

from datetime import date, timedelta
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile

from cabinet.home.demo import texts
from cabinet.home.demo.fates import Opinion
from cabinet.home.demo.programmes import HEAD, NURSE, Story
from motor.models import Checklist, Evidence, Study, Survey
from motor.services import ChangeAnswer, ChecklistAnswers, EvidenceAnswer, StudyAnswer, SurveyAnswers

PLAN = """Конспект занятия
Тема: {title}
Программа курса: {programme}

Цель: попробовать приём, освоенный на курсах, и увидеть, что изменилось в работе детей.
Ход занятия:
1. Вопрос, с которого начинаем разговор.
2. Работа в парах по карточкам.
3. {change}
4. Выходной билет: что получилось, что осталось непонятным.

Это условный файл пробной установки.
"""


def survey_words(random: Random, story: Story, opinion: Opinion, day: date) -> SurveyAnswers:
    """What the teacher says; a methodist who finds nothing was told of nothing."""
    important = random.choice(story.important)
    other = [_other_change(random)] if opinion.has_other_topic else []
    if not opinion.is_significant:
        return SurveyAnswers(
            important="Большая часть была мне знакома, отметила для себя отдельные приёмы.",
            in_route=Survey.InRoute.NONE,
            has_started=False,
            reason=Survey.Reason.NO_ROUTE,
            reason_text=texts.REASON_TEXTS["no_route"],
            changes=other,
            nothing_yet=True,
        )
    if opinion.practice == Checklist.Practice.ABSENT and not other:
        reason = random.choice((Survey.Reason.TIME, Survey.Reason.RESOURCES, Survey.Reason.HELP, Survey.Reason.CONTENT))
        return SurveyAnswers(
            important=important,
            in_route=Survey.InRoute.NO,
            has_started=False,
            reason=reason,
            reason_text=texts.REASON_TEXTS[reason],
            nothing_yet=True,
        )
    changes = list(other)
    if opinion.practice != Checklist.Practice.ABSENT:
        count = 2 if opinion.practice == Checklist.Practice.FULL else 1
        changes = [ChangeAnswer(text) for text in random.sample(story.changes, count)] + changes
    outside = random.random() < 0.6
    return SurveyAnswers(
        important=important,
        in_route=Survey.InRoute.OUTSIDE if outside else Survey.InRoute.NO,
        route_note="Веду маршрут в таблице методического объединения, раздел «Новые приёмы»." if outside else "",
        has_started=True,
        changes=changes,
        evidence=_evidence(random, story, day),
    )


def _other_change(random: Random) -> ChangeAnswer:
    topic, text = random.choice(texts.OTHER_TOPICS)
    return ChangeAnswer(text, is_on_topic=False, topic=topic)


def _evidence(random: Random, story: Story, day: date) -> list[EvidenceAnswer]:
    plan, lesson, workshop = story.evidence
    first = Evidence.Kind.DOCUMENT if story.audience == HEAD else Evidence.Kind.PLAN
    given = [
        EvidenceAnswer(first, text=plan, file=_file(story, plan, random.choice(story.changes)))
        if random.random() < 0.5
        else EvidenceAnswer(first, text=plan, link="https://materials.example.org/konspekt")
    ]
    if random.random() < 0.4:
        given.append(EvidenceAnswer(Evidence.Kind.OPEN_LESSON, text=lesson, event_on=day + timedelta(days=9)))
    elif random.random() < 0.3:
        link = "https://materials.example.org/master-klass"
        given.append(EvidenceAnswer(Evidence.Kind.WORKSHOP, text=workshop, link=link))
    return given


def _file(story: Story, title: str, change: str) -> SimpleUploadedFile:
    text = PLAN.format(title=title, programme=story.title, change=change)
    return SimpleUploadedFile("Конспект.txt", text.encode(), "text/plain")


def checklist_words(random: Random, story: Story, opinion: Opinion, day: date) -> ChecklistAnswers:
    """What the school's methodist concludes."""
    seen = opinion.practice in (Checklist.Practice.FULL, Checklist.Practice.PARTIAL)
    kinds = [Study.Kind.PLAN, Study.Kind.LESSON] if seen else [Study.Kind.TALK]
    if seen and story.audience == HEAD:
        kinds = [Study.Kind.DOCUMENT, Study.Kind.TALK]
    if seen and story.audience != NURSE and random.random() < 0.3:
        kinds = [*kinds[:1], Study.Kind.TALK]
    return ChecklistAnswers(
        is_significant=opinion.is_significant,
        practice=opinion.practice,
        other_topic_found=opinion.has_other_topic,
        other_topic=random.choice(texts.OTHER_TOPICS)[0] if opinion.has_other_topic else "",
        recommends_experience=opinion.practice == Checklist.Practice.FULL or None,
        comment=random.choice(texts.COMMENTS[opinion.practice]),
        studies=[
            StudyAnswer(kind, on=day - timedelta(days=number + 1), note=texts.STUDY_NOTES[kind])
            for number, kind in enumerate(kinds)
        ],
    )
