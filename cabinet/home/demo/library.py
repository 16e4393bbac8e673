"""The library of the demo: invented materials in every state, one of them in its second version."""

from datetime import date, timedelta
from typing import NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile

from cabinet.core.clock import next_working_day, today
from cabinet.home.demo.cast import ADMIN, CURATOR, MENTOR, METHODIST, MUNICIPAL, REGIONAL, TEACHER, Person
from cabinet.home.demo.moment import at, on_day
from cabinet.home.demo.settling import Region
from cabinet.library.models import Material, MaterialVersion
from cabinet.library.services import offering, versions
from cabinet.structure.models import Subject, Topic

LITERACY = "Функциональная грамотность"
ASSESSMENT = "Оценка образовательных результатов"
STANDARDS = "Обновлённые ФГОС и федеральные программы"
DIGITAL = "Цифровые технологии на уроке"
MENTORING = "Наставничество и методическая работа"
EXAM = "Подготовка к государственной итоговой аттестации"
SITE = "https://example.org/library/"

Kind, Form, Level, Licence = Material.Kind, MaterialVersion.Form, Material.Level, Material.Licence


class Sample(NamedTuple):
    """`content`: the last part of a link, a text, or the words of a file; subjects by names, «;» between."""

    kind: str
    title: str
    summary: str
    topic: str
    subjects: str
    deficits: str
    owner: Person
    form: str
    content: str
    days: int
    level: str = Level.INSTITUTIONAL
    licence: str = Licence.CABINET


PUBLISHED = (
    Sample(
        Kind.TASKS, "Листы самооценки для 7 класса: линейные уравнения",
        "Три листа на одну тему: перед изучением, в середине и перед проверочной. Ученик отмечает, что уже умеет, и "
        "выбирает задания.", ASSESSMENT, "Математика", "Не получается включить учеников в оценивание", TEACHER,
        Form.FILE, "Лист 1. Что я уже умею\n\n1. Узнаю линейное уравнение среди других.\n2. Проверяю, корень ли это.\n"
        "3. Решаю уравнение в одно действие.\n\nОтметьте: уверенно, с подсказкой, пока нет.", 60,
    ),
    Sample(
        Kind.METHOD, "Критерии, которые понимают ученики",
        "Как за один урок вместе с классом составить критерии устного ответа и потом не забывать о них.",
        ASSESSMENT, "Русский язык и литература;История", "Ученики не понимают, за что стоит отметка\n"
        "Критерии есть, но ими не пользуются", METHODIST, Form.TEXT,
        "Начните с двух ответов на один вопрос: полного и торопливого. Спросите класс, какой помог понять тему и чем."
        "\n\nВыпишите слова учеников на доску, сгруппируйте, уберите повторы. Останется три-четыре критерия.\n\n"
        "Через неделю вернитесь к списку: что оказалось лишним?", 55,
    ),
    Sample(
        Kind.PRESENTATION, "Формирующее оценивание: десять приёмов на один урок",
        "Короткая презентация для методического объединения: приём, пример, сколько минут занимает.",
        ASSESSMENT, "", "Обратная связь запаздывает", METHODIST, Form.LINK, "priyomy", 48, Level.MUNICIPAL,
    ),
    Sample(
        Kind.LESSON, "Урок физики «Давление»: от бытовой задачи к формуле",
        "Конспект урока в 7 классе: почему лыжи не проваливаются, как измерить давление своей подошвы.",
        LITERACY, "Физика", "Ученики не видят, зачем им формула", REGIONAL, Form.LINK, "davlenie", 46, Level.REGIONAL,
        Licence.OPEN,
    ),
    Sample(
        Kind.TASKS, "Читаем графики: задания на материале погоды и цен",
        "Двенадцать заданий на чтение графиков и таблиц, от простых к спорным. С ответами и частыми ошибками.",
        LITERACY, "Математика;География", "Трудно подобрать задания на математическую грамотность", TEACHER,
        Form.LINK, "grafiki", 44,
    ),
    Sample(
        Kind.METHOD, "Смысловое чтение на каждом предмете",
        "Пять стратегий работы с текстом учебника и примеры для трёх предметов. Подойдёт для общей работы школы.",
        LITERACY, "История;Биология;География", "Ученики не понимают условие задачи\nТекст учебника пересказывают "
        "дословно", MUNICIPAL, Form.TEXT,
        "Перед чтением: что я уже знаю и что хочу узнать.\n\nВо время чтения: пометки на полях, вопрос к абзацу.\n\n"
        "После чтения: схема, которую поймёт тот, кто текста не читал.", 41, Level.MUNICIPAL,
    ),
    Sample(
        Kind.VIDEO, "Запись занятия: финансовая грамотность в 5 классе",
        "Сорок минут открытого занятия о семейном бюджете и короткий разбор после него.",
        LITERACY, "Обществознание", "Занятие превращается в лекцию", REGIONAL, Form.LINK, "byudzhet", 39,
        Level.REGIONAL, Licence.LINK,
    ),
    Sample(
        Kind.GUIDE, "Рабочая программа по обновлённому ФГОС: что проверить",
        "Перечень из пятнадцати вопросов к своей программе; помогает увидеть расхождения до начала года.",
        STANDARDS, "", "Неясно, что менять в рабочей программе", MUNICIPAL, Form.TEXT,
        "1. Совпадают ли планируемые результаты с федеральной программой?\n2. Указано ли число часов на каждую тему?\n"
        "3. Есть ли ссылки на электронные ресурсы?\n4. Видно ли, как учитывается программа воспитания?", 37,
        Level.MUNICIPAL,
    ),
    Sample(
        Kind.PRESENTATION, "Федеральная программа по русскому языку: изменения по классам",
        "Что перешло из класса в класс и как перестроить планирование без потери часов.",
        STANDARDS, "Русский язык и литература", "Не хватает часов на новые темы", METHODIST, Form.LINK, "russkij", 35,
    ),
    Sample(
        Kind.ARTICLE, "Как мы переходили на единое планирование: опыт школы",
        "Рассказ о первом полугодии: что получилось, от чего отказались, сколько времени заняло.",
        STANDARDS, "", "", METHODIST, Form.TEXT,
        "Мы начали с двух предметов и договорились встречаться раз в две недели.\n\nЧерез месяц стало видно, что "
        "общий перечень тем полезен, а общий перечень заданий мешает.", 33,
    ),
    Sample(
        Kind.TASKS, "Карточки по химии: признаки реакций",
        "Шестнадцать карточек для работы в парах и лист ответов. Печатаются на четырёх страницах.",
        STANDARDS, "Химия", "Мало практики на уроке", REGIONAL, Form.LINK, "himiya", 31, Level.REGIONAL,
    ),
    Sample(
        Kind.METHOD, "Интерактивная доска без суеты",
        "Семь простых сценариев, для которых не нужно ничего устанавливать.",
        DIGITAL, "", "Техника отнимает время урока", TEACHER, Form.LINK, "doska", 29,
    ),
    Sample(
        Kind.GUIDE, "Проверяем работы с телефоном: опросы за две минуты",
        "Как провести короткий опрос класса и сразу увидеть, что не поняли. Три бесплатных способа.",
        DIGITAL, "Информатика;Математика", "Обратная связь запаздывает", MENTOR, Form.TEXT,
        "Один вопрос, четыре ответа, две минуты. Важно решить заранее, что вы сделаете, если ошиблась половина класса.",
        27,
    ),
    Sample(
        Kind.LESSON, "Программирование без компьютера: занятие для 4 класса",
        "Игра «Исполнитель»: дети составляют команды друг для друга и ищут ошибки.",
        DIGITAL, "Начальные классы;Информатика", "Младшим школьникам трудно понять алгоритм", MENTOR, Form.LINK,
        "ispolnitel", 25,
    ),
    Sample(
        Kind.METHOD, "Первый месяц с молодым педагогом",
        "Что наставнику сделать в первые четыре недели: встречи, посещения, разговоры. По одной странице на неделю.",
        MENTORING, "", "Наставник не знает, с чего начать", MENTOR, Form.TEXT,
        "Неделя первая: познакомьте с классом и с учительской.\n\nНеделя вторая: посетите урок и назовите три удачи."
        "\n\nНеделя третья: пусть молодой коллега придёт к вам.\n\nНеделя четвёртая: наметьте маршрут вместе.", 23,
    ),
    Sample(
        Kind.GUIDE, "Как говорить об уроке, чтобы захотелось его улучшить",
        "Схема беседы после посещения урока: что спросить, чего не говорить, как договориться о следующем шаге.",
        MENTORING, "", "Разбор урока обижает\nПосле посещения ничего не меняется", CURATOR, Form.TEXT,
        "Сначала спросите, что сам педагог хотел бы повторить.\n\nЗатем назовите одно наблюдение без оценки.\n\n"
        "Закончите вопросом: что попробуете в следующий раз и когда мне прийти?", 21, Level.REGIONAL, Licence.OPEN,
    ),
    Sample(
        Kind.PROGRAMME, "Программа школьного методического объединения на год",
        "Девять встреч с темами, вопросами и домашними пробами; можно взять целиком или частями.",
        MENTORING, "", "Заседания объединения проходят формально", METHODIST, Form.LINK, "programma-mo", 20,
    ),
    Sample(
        Kind.TASKS, "Сжатое изложение: двадцать текстов с разбором",
        "Тексты разной сложности и разбор того, что можно сократить. Для подготовки к ОГЭ.",
        EXAM, "Русский язык и литература", "Ученики пересказывают вместо того, чтобы сжимать", METHODIST, Form.LINK,
        "izlozhenie", 18,
    ),
    Sample(
        Kind.TASKS, "Геометрия на экзамене: задачи на готовых чертежах",
        "Сорок задач по восьми темам, чертёж уже есть. Хороши для устной разминки.",
        EXAM, "Математика", "Ученики боятся геометрии", REGIONAL, Form.LINK, "chertezhi", 17, Level.REGIONAL,
    ),
    Sample(
        Kind.METHOD, "Индивидуальный план подготовки к экзамену",
        "Лист на одного ученика: что уже умеет, что берём в работу, когда проверяем.",
        EXAM, "", "Готовим всех одинаково", TEACHER, Form.TEXT,
        "Три столбца: умею, почти умею, пока не умею.\n\nИз среднего столбца берём два пункта на две недели.", 15,
    ),
    Sample(
        Kind.METHOD, "Проект за шесть недель: дневник учителя",
        "Как провести класс от вопроса к защите и не сделать проект за детей.",
        "Проектная и исследовательская деятельность", "Биология;География", "Проект делают родители", REGIONAL,
        Form.TEXT, "Неделя первая: собираем вопросы, на которые нельзя ответить одним поиском.\n\n"
        "Неделя вторая: выбираем один и договариваемся, чем станет результат.", 13, Level.REGIONAL,
    ),
    Sample(
        Kind.ARTICLE, "Классный час, который готовят дети",
        "Опыт одного года: темы, роли, что делать, если никто не вызвался.",
        "Воспитание и классное руководство", "", "Классный час превращается в объявления", MENTOR, Form.LINK,
        "klassnyj-chas", 11,
    ),
    Sample(
        Kind.GUIDE, "Ученик с ОВЗ на обычном уроке: с чего начать",
        "Десять решений, которые не требуют другой программы: место, время, инструкция, оценка.",
        "Инклюзивное образование", "", "Непонятно, как адаптировать задания", MUNICIPAL, Form.LINK, "ovz", 9,
        Level.MUNICIPAL,
    ),
    Sample(
        Kind.VIDEO, "Умный помощник учителя: что ему можно доверить",
        "Запись часовой встречи: где генеративные модели экономят время, а где подводят.",
        "Искусственный интеллект в образовании", "", "Страшно пробовать новое", CURATOR, Form.LINK, "pomoshchnik", 7,
        Level.REGIONAL, Licence.LINK,
    ),
    Sample(
        Kind.PRESENTATION, "Профориентация на уроках: профессии рядом",
        "По одной профессии края на предмет: задача, фото рабочего места, вопрос для обсуждения.",
        "Профориентация", "Труд (технология);Физика;Химия", "", TEACHER, Form.LINK, "professii", 5,
    ),
)  # fmt: skip
UNFINISHED = {
    Material.State.OFFERED: (
        Sample(
            Kind.LESSON, "Урок-мастерская: дроби вокруг нас", "Конспект двух уроков в 5 классе с раздаточным листом.",
            LITERACY, "Математика", "Дроби учат по правилу и сразу забывают", TEACHER, Form.TEXT,
            "Начинаем с рецепта пирога на восемь человек: что изменится, если придут двенадцать?", 6,
        ),
        Sample(
            Kind.METHOD, "Карта посещения урока на одну страницу",
            "Что записывать на уроке коллеги, чтобы потом было о чём говорить.", MENTORING, "",
            "После посещения ничего не меняется", METHODIST, Form.TEXT,
            "Слева — что делал учитель, справа — что делали ученики. Внизу — один вопрос для беседы.", 4,
        ),
    ),
    Material.State.RETURNED: (
        Sample(
            Kind.TASKS, "Устный счёт: сто примеров", "Примеры для разминки.", LITERACY, "Математика", "", TEACHER,
            Form.LINK, "schyot", 8,
        ),
    ),
    Material.State.DRAFT: (
        Sample(
            Kind.ARTICLE, "Чему меня научили посещения уроков", "", MENTORING, "", "", METHODIST, Form.TEXT,
            "Первое: смотреть на учеников, а не на учителя.", 2,
        ),
    ),
}  # fmt: skip
ASKED = "Добавьте, для какого класса эти примеры и чем они отличаются от обычных: так их легче найдут."


def make_library(region: Region) -> None:
    """The keeper takes what is offered the day after; one material gets a second version a fortnight ago."""
    keeper = region.user(ADMIN)
    for sample in PUBLISHED:
        material = _bring(region, sample)
        with at(on_day(_ago(sample.days) + timedelta(days=1), 10)):
            offering.offer(material, actor=region.user(sample.owner))
            offering.publish(material, actor=keeper)
    _renew(region)
    for state, samples in UNFINISHED.items():
        for sample in samples:
            material = _bring(region, sample)
            if state == Material.State.DRAFT:
                continue
            with at(on_day(_ago(sample.days), 16)):
                offering.offer(material, actor=region.user(sample.owner))
            if state == Material.State.RETURNED:
                with at(on_day(_ago(sample.days - 2), 11)):
                    offering.return_(material, ASKED, actor=keeper)


def _ago(days: int) -> date:
    return next_working_day(today() - timedelta(days=days + 3))


def _bring(region: Region, sample: Sample) -> Material:
    owner = region.user(sample.owner)
    names = [name for name in sample.subjects.split(";") if name]
    values = {name: getattr(sample, name) for name in ("kind", "title", "summary", "deficits", "level", "licence")}
    values["topic"] = Topic.objects.filter(name=sample.topic).first()
    values["authors"] = owner.full_name
    values["subjects"] = Subject.objects.filter(name__in=names)
    upload = None
    content = {"form": sample.form, "link": "", "body": ""}
    if sample.form == Form.FILE:
        upload = SimpleUploadedFile("Листы самооценки.txt", sample.content.encode())
    elif sample.form == Form.LINK:
        content["link"] = SITE + sample.content
    else:
        content["body"] = sample.content
    with at(on_day(_ago(sample.days), 15)):
        return offering.make_material(owner, values, content, upload)


def _renew(region: Region) -> None:
    """One in its second version, one whose second version waits for the keeper."""
    owner, keeper = region.user(METHODIST), region.user(ADMIN)
    material = Material.objects.get(title=PUBLISHED[1].title, owner=owner)
    body = f"{PUBLISHED[1].content}\n\nНовое: пример критериев для работы в группах и фраза, с которой удобно начать."
    with at(on_day(_ago(14), 12)):
        content = {"form": Form.TEXT, "body": body, "note": "Добавлен пример для работы в группах"}
        version = versions.start_version(material, content, actor=owner)
        versions.offer_version(version, actor=owner)
        versions.take_version(version, actor=keeper)
    material = Material.objects.get(title=PUBLISHED[9].title, owner=owner)
    with at(on_day(_ago(1), 12)):
        content = {
            "form": Form.TEXT,
            "body": f"{PUBLISHED[9].content}\n\nК концу полугодия осталось три общих списка из семи.",
            "note": "Дописано, чем кончилось полугодие",
        }
        version = versions.start_version(material, content, actor=owner)
        versions.offer_version(version, actor=owner)
