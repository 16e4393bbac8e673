"""What is asked of the regional methodists and what they write down; invented, like everything here."""

from typing import NamedTuple

from rma.models import Activity

Kind = Activity.Kind


class Piece(NamedTuple):
    """A line of work: kind, title, the codes of direction and function, hours, how many people."""

    kind: str
    title: str
    direction: str
    function: str
    hours: float
    people: int


WORK = (
    Piece(Kind.CONSULTATION, "Консультация: как выбрать одну цель на четверть", "teachers", "consulting", 1, 1),
    Piece(Kind.GROUP, "Разбор заданий на применение знаний", "technologies", "consulting", 2, 9),
    Piece(Kind.ROUTE, "Помощь с маршрутом: от дефицита к мероприятию", "teachers", "routes", 1, 1),
    Piece(Kind.EVENT, "Мастер-класс «Выходной билет за три минуты»", "experience", "cascade", 2, 18),
    Piece(Kind.TRAINING, "Занятие на курсах: оценивание по критериям", "technologies", "cascade_courses", 4, 24),
    Piece(Kind.CHECKLIST, "Чек-лист РМА по карте педагога", "technologies", "post_course", 2, 1),
    Piece(Kind.CONSULTATION, "Консультация перед аттестацией", "teachers", "consulting", 1.5, 1),
    Piece(Kind.EVENT, "Открытый урок для коллег из соседних школ", "experience", "cascade", 3, 12),
    Piece(Kind.CONSULTATION, "Консультация: библиотека ЦОК на уроке", "digital", "consulting", 1, 2),
    Piece(Kind.GROUP, "Практикум по трудным заданиям ГИА", "teachers", "deficits", 2, 14),
    Piece(Kind.OTHER, "Отбор материалов для библиотеки кабинета", "technologies", "cascade", 1.5, 0),
    Piece(Kind.EVENT, "Семинар «Воспитательный момент урока»", "upbringing", "cascade", 2, 21),
    Piece(Kind.TRAINING, "Слушатели программы федерального реестра", "teachers", "federal_tutoring", 3, 16),
    Piece(Kind.GROUP, "Встреча с молодыми педагогами", "teachers", "consulting", 2, 11),
)  # fmt: skip
FOR_LOW_RESULTS = (
    Piece(Kind.CONSULTATION, "Выезд в школу: разбор результатов с учителями", "low_results", "low_results", 3, 6),
    Piece(Kind.GROUP, "Как помочь классу, который отстаёт", "low_results", "low_results", 2, 8),
)  # fmt: skip

GROUP_REASON = "Трое учителей прошли один курс и спорят об одном и том же: нужен час с предметником."
TEACHER_REASON = "Хочу показать на аттестации работу с выходными билетами. Подскажите, чего не хватает в описании."
SUBJECT_REASON = "Учитель ведёт профильный класс первый год, в школе посоветоваться не с кем."
LOW_RESULTS_REASON = "Школа второй год с низкими результатами: просим разобрать с учителями типичные ошибки."
MUNICIPAL_REASON = "Готовим методический день, нужен ведущий практикума."
ROUTE_REASON = "Маршрут составлен, но мероприятия не связаны с дефицитом. Посмотрите, пожалуйста."
SILENT_REASON = "Просим консультацию по заданиям на работу с текстом."
PROPOSED = "На этой неделе экзамены в пробном формате, могу через неделю."
ACCEPTED = "Хорошо, встретимся у вас в школе."
DECLINED = "До конца четверти веду курсы, взяться не смогу. Попросите, пожалуйста, коллегу."
HANDED = "Это начальные классы: коллега поможет лучше меня."
DONE = "Разобрали три описания, выбрали одно. Договорились вернуться к нему через месяц."
DONE_GROUP = "Было девять учителей. Составили общий лист критериев, каждый взял его на свой урок."
WITHDRAWN = "Справились сами, спасибо."
