"""What the institute's slides say of РМА, word for word (domain.md section 6); how work is usually entered (ours)."""

from typing import NamedTuple

from rma.models.activity import Activity

SOURCE = "презентация ГАУ ДПО «ИРО ПК» о региональном методическом активе"
SOURCE_TOTAL = 296
# (code, what the slide calls it, percent of members, persons)
SOURCE_INDICATORS = (
    ("education", "Высшее образование", "100", 296),
    ("experience", "Стаж работы по специальности не менее 5 лет", "100", 296),
    ("category", "Высшая квалификационная категория", "7,4", 22),
    ("assessment", "Прошли оценку компетенций", "59,5", 176),
    ("all", "Соответствуют всем формальным требованиям", "3,7", 11),
)


class Entry(NamedTuple):
    code: str
    short: str
    name: str
    share: int | None = None


ROLES = (
    Entry("mentor", "наставник", "Наставник"),
    Entry("tutor", "тьютор", "Тьютор"),
    Entry("consultant", "консультант", "Консультант"),
    Entry("expert", "эксперт", "Эксперт"),
    Entry("facilitator", "фасилитатор", "Фасилитатор"),
    Entry("supervisor", "супервизор", "Супервизор профессионального развития"),
)
FUNCTIONS = (
    Entry("post_course", "посткурсовое сопровождение", "Посткурсовое сопровождение ДПП"),
    Entry(
        "cascade_courses",
        "практическая часть курсов",
        "Реализация программ повышения квалификации на завершающих этапах (в практической части) при каскадной системе "
        "повышения квалификации",
    ),
    Entry(
        "federal_tutoring",
        "тьюторство ДПП федерального реестра",
        "Тьюторское сопровождение ДПП, включенных в Федеральный реестр",
    ),
    Entry("deficits", "выявление дефицитов", "Выявление профессиональных дефицитов педагогов"),
    Entry(
        "cascade",
        "взаимообучение",
        "Организация взаимодействия, взаимопомощи и взаимообучения по каскадной модели",
    ),
    Entry("routes", "ИОМ педагогов", "Построение и сопровождение ИОМ педагогов"),
    Entry("low_results", "помощь ШНОР", "Методическая помощь педагогам ШНОР"),
    Entry("consulting", "консультации", "Оказание консультативной помощи и поддержки педагогам"),
)
DIRECTIONS = (
    Entry(
        "teachers",
        "работа с педагогами",
        "Организация работы с педагогами (молодыми специалистами, учителями – экспертами ГИА), методическая помощь "
        "участникам профессиональных конкурсов и олимпиад, педагогам перед аттестацией, в представлении собственного "
        "опыта педагога",
        21,
    ),
    Entry(
        "technologies",
        "технологии преподавания",
        "Оказание методической помощи педагогам по использованию эффективных технологий преподавания",
        16,
    ),
    Entry(
        "experience",
        "демонстрация опыта",
        "Демонстрация личного профессионального опыта (проведение мастер-классов, открытых уроков)",
        15,
    ),
    Entry(
        "upbringing",
        "воспитательный эффект урока",
        "Оказание методической помощи педагогам по усилению воспитательных эффектов урока",
        9,
    ),
    Entry("low_results", "помощь ШНОР", "Оказание методической помощи педагогам ШНОР", 9),
    Entry(
        "digital",
        "цифровые технологии",
        "Оказание методической помощи по применению цифровых технологий («библиотека цифрового образовательного "
        "контента», «цифровой помощник ученика», «цифровое портфолио ученика»; «цифровой помощник родителей» и "
        "«цифровой помощник учителя»; «Сферум»; ГИС «Моя школа»)",
        8,
    ),
)

LOW_RESULTS_FUNCTION = "low_results"
LOW_RESULTS_DIRECTION = "low_results"
Kind = Activity.Kind
FUNCTION_OF: dict[str, str] = {
    Kind.CHECKLIST: "post_course",
    Kind.CONSULTATION: "consulting",
    Kind.GROUP: "consulting",
    Kind.ROUTE: "routes",
    Kind.EVENT: "cascade",
    Kind.TRAINING: "cascade_courses",
    Kind.OTHER: "consulting",
}
USUAL_HOURS: dict[str, float] = {
    Kind.CHECKLIST: 2,
    Kind.CONSULTATION: 1,
    Kind.GROUP: 2,
    Kind.ROUTE: 1,
    Kind.EVENT: 2,
    Kind.TRAINING: 4,
    Kind.OTHER: 1,
}
