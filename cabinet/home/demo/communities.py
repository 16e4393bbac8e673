"""Communities of the demo: of the region, of its city, of the demo's school, with people of the demo in them."""

from collections.abc import Iterable

from cabinet.core.search import key
from cabinet.home.demo.cast import ADMIN, HEAD, HOME, MENTOR, METHODIST, MUNICIPAL, NOVICE, REGIONAL, TEACHER, Person
from cabinet.home.demo.moment import at, on_day, recent_working_day
from cabinet.home.demo.settling import Region
from cabinet.home.services.communities import make_community
from cabinet.home.services.community_members import add_members
from cabinet.structure.models import Community, Organization, Subject
from cabinet.structure.reference_communities import RUMO, load_communities
from cabinet.users.models import CommunityMember, Role, User

Kind = Community.Kind
MOST = 12  # members taken from the colleagues of a place
MATHS = "Математика"
ABOUT = {
    RUMO: "Объединяет методистов и педагогов края: обсуждаем программы, готовим материалы, советуем муниципалитетам.",
    "ММС Пермского городского округа": "Специалисты службы помогают школам и детским садам города: учитывают "
    "результаты курсов, подбирают события, где можно показать опыт, сводят методистов друг с другом.",
    "Городское МО учителей математики": "Встречаемся раз в четверть: показываем уроки, разбираем трудные темы, делимся "
    "листами самооценки.",
    "МО учителей математики": "Школьное объединение. Открытые уроки — по вторым четвергам.",
    "МО учителей начальных классов": "Школьное объединение: взаимные посещения и общая копилка заданий.",
    "Наставники края": "Для тех, кто помогает молодым коллегам: как начать, о чём говорить, что записывать.",
}


def make_communities(region: Region) -> None:
    load_communities()
    admin, specialist, methodist = region.user(ADMIN), region.user(MUNICIPAL), region.user(METHODIST)
    city = region.municipality_of(MUNICIPAL)
    school = Organization.objects.get(name=HOME.name)
    maths = Subject.objects.filter(name=MATHS).first()
    of_maths = User.objects.filter(is_active=True, subject=maths).order_by("pk") if maths else User.objects.none()
    regional = User.objects.filter(memberships__role=Role.REGIONAL).order_by("pk")
    mentors = User.objects.filter(memberships__role__in=(Role.MENTOR, Role.METHODIST)).order_by("pk")
    with at(on_day(recent_working_day(40), 10)):
        rumo = Community.objects.get(name_key=key(RUMO), organization=None, municipality=None)
        if not rumo.text:
            Community.objects.filter(pk=rumo.pk).update(text=ABOUT[RUMO])
        _fill(region, rumo, admin, (REGIONAL,), regional)
        service = _make(Kind.MMS, "ММС Пермского городского округа", admin, municipality=city)
        _fill(region, service, admin, (MUNICIPAL,), ())
        union = _make(Kind.MO, "Городское МО учителей математики", specialist, municipality=city, subject=maths)
        _fill(region, union, specialist, (REGIONAL,), of_maths.filter(organization__municipality=city))
        own = _make(Kind.MO, "МО учителей математики", methodist, organization=school, subject=maths)
        _fill(region, own, methodist, (TEACHER,), of_maths.filter(organization=school))
        young = _make(Kind.MO, "МО учителей начальных классов", region.user(HEAD), organization=school)
        _fill(region, young, region.user(HEAD), (MENTOR,), [region.user(NOVICE)])
        mentoring = _make(Kind.PROFESSIONAL, "Наставники края", admin)
        _fill(region, mentoring, admin, (METHODIST, MENTOR), mentors)


def _make(
    kind: str,
    name: str,
    author: User,
    *,
    organization: Organization | None = None,
    municipality: object = None,
    subject: Subject | None = None,
) -> Community:
    place = {"organization": organization, "municipality": municipality}
    known = Community.objects.filter(name_key=key(name), **place).first()
    values = {"kind": kind, "name": name, "text": ABOUT[name], "subject": subject, **place}
    return known or make_community(values, actor=author)


def _fill(
    region: Region, community: Community, keeper: User, heads: tuple[Person, ...], members: Iterable[User]
) -> None:
    """Nobody is added twice: the seeding may be repeated."""
    leading = [region.user(one) for one in heads]
    add_members(community, leading, actor=keeper, role=CommunityMember.Role.HEAD)
    add_members(community, list(members)[:MOST], actor=keeper)
