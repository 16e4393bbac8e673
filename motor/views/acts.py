"""The irregular moves of a case: one table of who may make them, what they ask for and what they tell; one page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cabinet.users.models import User
from motor.forms import acts as forms
from motor.models import Agreement, Case, Checklist, Objection, Status, Transition
from motor.moves import ALIVE, CONCLUDED, MoveRefused
from motor.services import agreement, halting, objections, returns, transfer
from motor.services.review import replace_rma

Data = dict[str, Any]
REPEATED = timedelta(seconds=30)  # a second click comes within it
SEARCHED = (Status.RMA_REQUESTED, Status.RMA_REVIEW)


@dataclass(frozen=True)
class Act:
    """`who` are relations of `relations_of`; `when` says whether the case stands where this makes sense."""

    title: str
    button: str
    done: str
    who: frozenset[str]
    when: Callable[[Case], bool]
    run: Callable[[Case, User, Data], object]
    form: type[forms.ActForm] = forms.ConfirmForm
    tells: tuple[str, ...] = ()
    is_loss: bool = False


def _in(*states: str) -> Callable[[Case], bool]:
    return lambda case: case.status in states


LEADER, SERVICE, ADMIN = frozenset({"leader"}), frozenset({"leader", "service"}), frozenset({"admin"})

ACTS: dict[str, Act] = {
    "return": Act(
        "Вернуть педагогу",
        "Вернуть с комментарием",
        "Опросный лист возвращён педагогу.",
        LEADER,
        lambda case: case.status == Status.SCHOOL_REVIEW and not case.without_survey,
        lambda case, user, data: returns.return_to_teacher(case, actor=user, comment=data["comment"]),
        forms.ReturnForm,
        (
            "Педагог получит письмо с вашим комментарием и личной ссылкой, его прежние слова останутся в форме.",
            "На ответ у него снова 14 дней; когда он ответит, карта вернётся к вам.",
        ),
    ),
    "without_survey": Act(
        "Продолжить без опросного листа",
        "Продолжить без опросного листа",
        "Карта у вас: узнайте всё в беседе и заполните чек-лист.",
        LEADER,
        _in(Status.SURVEY_OPEN, Status.NO_RESPONSE),
        lambda case, user, data: returns.go_without_survey(case, actor=user, reason=data["reason"]),
        forms.ReasonForm,
        (
            "Вы ответите за педагога «со слов педагога», поговорив с ним; в чек-листе отметите беседу.",
            "Педагог получит письмо; если он всё же ответит во время оценки, его ответ приложится к карте.",
        ),
    ),
    "postpone": Act(
        "Перенести оценку",
        "Перенести",
        "Оценка перенесена.",
        LEADER,
        _in(Status.SCHOOL_REVIEW),
        lambda case, user, data: returns.postpone(case, actor=user, until=data["until"], reason=data["reason"]),
        forms.PostponeForm,
        ("Карта останется у вас с новым сроком.", "Педагог узнает новую дату из письма, причину видите только вы."),
    ),
    "not_assessed": Act(
        "Завершить без оценки",
        "Завершить с пометкой «Не оценено»",
        "Карта завершена: «Не оценено».",
        LEADER,
        _in(Status.SCHOOL_REVIEW),
        lambda case, user, data: returns.leave_not_assessed(case, actor=user, reason=data["reason"]),
        forms.NotAssessedForm,
        (
            "Варианта не будет, в реестре карта пойдёт отдельно: «Не оценено».",
            "Педагог получит письмо. Открыть карту заново сможет администратор.",
        ),
        is_loss=True,
    ),
    "return_school": Act(
        "Вернуть методисту ОО",
        "Вернуть с комментарием",
        "Карта возвращена методисту ОО.",
        frozenset({"member"}),
        _in(Status.RMA_REVIEW),
        lambda case, user, data: returns.return_to_school(case, actor=user, comment=data["comment"]),
        forms.ReturnSchoolForm,
        (
            "Методист ОО получит письмо с вашим комментарием.",
            "Ваш запрос закроется; если понадобитесь снова, придёт новый.",
        ),
    ),
    "other_rma": Act(
        "Попросить другого методиста РМА",
        "Снять запрос",
        "Запрос снят: назовите другого методиста РМА.",
        SERVICE,
        lambda case: case.status in SEARCHED,
        lambda case, user, data: replace_rma(case, actor=user, reason=data["reason"]),
        forms.ReasonForm,
        ("Нынешний запрос снимется, методист РМА узнает об этом.", "После этого вы назовёте другого."),
    ),
    "agree": Act(
        "Предложить общее заключение",
        "Предложить",
        "Предложение отправлено второму методисту.",
        frozenset({"assessor"}),
        lambda case: case.status == Status.FOLLOW_UP,
        lambda case, user, data: agreement.propose_agreement(case, _conclusion(data), actor=user),
        forms.AgreementForm,
        (
            "Результат изменится, только когда второй методист подтвердит общее заключение.",
            "Оба чек-листа останутся в карте, расхождение будет видно в реестре.",
        ),
    ),
    "confirm": Act(
        "Подтвердить общее заключение",
        "Подтвердить",
        "Общее заключение принято, результат определён по нему.",
        frozenset({"assessor"}),
        lambda case: case.status == Status.FOLLOW_UP,
        lambda case, user, data: agreement.confirm_agreement(case, actor=user),
        tells=("Результат определится по общему заключению, шаги изменятся вслед за ним.",),
    ),
    "decide": Act(
        "Рассмотреть возражение",
        "Сохранить решение",
        "Решение сохранено, педагог получит ответ.",
        frozenset({"decider"}),
        _in(*CONCLUDED),
        lambda case, user, data: _decide(case, user, data),
        forms.DecideForm,
        (
            "Педагог и методист прочитают основания.",
            "Если возражение принято, карта откроется заново: прежние ответы останутся для чтения.",
        ),
    ),
    "reopen": Act(
        "Открыть заново",
        "Открыть заново",
        "Карта открыта заново.",
        ADMIN,
        _in(*CONCLUDED),
        lambda case, user, data: objections.reopen_case(case, actor=user, reason=data["reason"]),
        forms.ReasonForm,
        (
            "Карта вернётся методисту ОО новой версией; прежние ответы, чек-листы и результат останутся для чтения.",
            "Незавершённые шаги будут сняты. Педагог и методист получат письма.",
        ),
    ),
    "pause": Act(
        "Поставить на паузу",
        "Поставить на паузу",
        "Карта на паузе.",
        SERVICE,
        lambda case: case.status in (Status.SCHEDULED, *Case.UNDER_WAY) and case.paused_until is None,
        lambda case, user, data: halting.pause_case(case, actor=user, until=data["until"], reason=data["reason"]),
        forms.PauseForm,
        (
            "Срок сдвинется на время паузы, напоминаний не будет.",
            "Педагог и те, кто работает с картой, получат письма.",
        ),
    ),
    "resume": Act(
        "Закончить паузу",
        "Закончить паузу",
        "Карта снова в работе.",
        SERVICE,
        lambda case: case.paused_until is not None,
        lambda case, user, data: halting.resume_case(case, actor=user),
        tells=("Карта вернётся в работу сегодня, оставшееся время паузы вычтется из срока.",),
    ),
    "transfer": Act(
        "Педагог перешёл в другую организацию",
        "Перевести вместе с картами",
        "Педагог переведён вместе с картами.",
        SERVICE,
        _in(*ALIVE),
        lambda case, user, data: transfer.transfer_person(
            case.person, data["organization"], actor=user, comment=data["comment"]
        ),
        forms.TransferForm,
        (
            "Вместе с педагогом перейдут все его незавершённые карты; завершённые останутся за прежней организацией.",
            "Дальше отвечает методист новой организации, а если его нет — специалист ММС. Все получат письма.",
        ),
    ),
    "stop": Act(
        "Прекратить отслеживание",
        "Прекратить отслеживание",
        "Отслеживание прекращено.",
        SERVICE,
        _in(*ALIVE),
        lambda case, user, data: halting.stop_case(case, actor=user, reason=data["reason"], comment=data["comment"]),
        forms.StopForm,
        (
            "Шаги и запросы по карте снимутся, письма больше не уйдут; в реестре карта пойдёт отдельно.",
            "Вернуть карту в прежнее состояние сможет администратор.",
        ),
        is_loss=True,
    ),
    "restore": Act(
        "Возобновить отслеживание",
        "Возобновить",
        "Отслеживание возобновлено.",
        ADMIN,
        _in(Status.STOPPED),
        lambda case, user, data: halting.restore_case(case, actor=user, reason=data["reason"]),
        forms.ReasonForm,
        ("Карта вернётся в состояние, в котором была остановлена, с полным сроком.",),
    ),
}


# What the history calls an act that has another name there; a proposal leaves no line.
MOVES_OF: dict[str, set[str]] = {
    "other_rma": {"lose_rma"},
    "agree": set(),
    "confirm": {"agree"},
    "decide": {"decline_objection", "reopen"},
    "transfer": {"transfer", "lose_rma"},
}


def _conclusion(data: Data) -> agreement.Conclusion:
    return agreement.Conclusion(
        is_significant=data["significant"] == "yes",
        practice=data["practice"],
        other_topic_found=data["other_found"] == "yes",
        other_topic=data["other_topic"],
        comment=data["comment"],
    )


def _decide(case: Case, user: User, data: Data) -> None:
    if data["decision"] == Objection.Decision.UPHELD:
        objections.uphold_objection(case, actor=user, answer=data["answer"])
    else:
        objections.decline_objection(case, actor=user, answer=data["answer"])


def relations_of(case: Case, user: User, checklists: list[Checklist], objection: Objection | None) -> set[str]:
    """Who this reader is to the case; nothing on his own one. No query: the caller has read the rows."""
    if case.person_id == user.pk:
        return set()
    is_service = "admin" in user.roles or case.organization.municipality_id in user.own_municipalities
    found = {
        "admin": "admin" in user.roles,
        "leader": case.responsible_id == user.pk,
        "service": is_service,
        "member": case.rma_member is not None and case.rma_member.user_id == user.pk,
    }
    if case.outcome is not None and case.outcome.has_disagreement:
        settled = any(one.assessor_kind == Checklist.AssessorKind.AGREED for one in checklists)
        found["assessor"] = not settled and any(one.assessor_id == user.pk for one in checklists)
    if objection is not None and objection.is_waiting:
        # Whoever assessed does not judge his own assessment, unless nobody else is left: the admin.
        assessed = any(one.assessor_id == user.pk for one in checklists)
        found["decider"] = is_service and (not assessed or "admin" in user.roles)
    return {name for name, holds in found.items() if holds}


def acts_for(case: Case, relations: set[str]) -> list[tuple[str, Act]]:
    """What this reader may do with the case now, in the order of the table."""
    return [(name, act) for name, act in ACTS.items() if act.who & relations and act.when(case)]


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Say what will happen and to whom, ask for what is needed, do it once."""
    user = request.user
    if not isinstance(user, User) or name not in ACTS:
        raise Http404
    if request.method == "POST" and _just_done(request, user, pk, name):
        return _done_already(request, user, pk)
    case = get_object_or_404(Case.objects.visible_to(user).with_names(), pk=pk)
    chosen = ACTS[name]
    checklists = list(case.checklists.in_force().filter(version=case.version))
    objection = Objection.objects.filter(case=case).first()
    if not chosen.who & relations_of(case, user, checklists, objection):
        raise Http404
    if request.method != "POST" and not chosen.when(case):
        messages.info(request, f"Сейчас это сделать нельзя: карта в состоянии «{case.get_status_display()}».")
        return redirect(case)
    form = _form(chosen, case, request)
    if request.method == "POST" and form.is_valid() and (response := _make(request, user, case, name, form)):
        return response
    context = {
        "case": case,
        "act": chosen,
        "name": name,
        "form": form,
        "objection": objection,
        **_beside(request, case, name),
    }
    return render(request, "motor/act.html", context, status=422 if form.errors else 200)


def _form(chosen: Act, case: Case, request: HttpRequest) -> forms.ActForm:
    data = request.POST if request.method == "POST" else None
    if chosen.form is forms.TransferForm:
        return forms.TransferForm(case, data, search=request.GET.get("q", ""))
    return chosen.form(case, data)


def _beside(request: HttpRequest, case: Case, name: str) -> Data:
    """What one wants to see before deciding: the cases that go along, the proposal to confirm."""
    if name == "transfer":
        return {"going": list(transfer.cases_to_take(case.person)), "search": request.GET.get("q", "")}
    if name in ("agree", "confirm"):
        return {"proposal": case.agreements.filter(version=case.version).select_related("proposed_by").first()}
    return {}


def _make(request: HttpRequest, user: User, case: Case, name: str, form: forms.ActForm) -> HttpResponse | None:
    """Run the service; a refusal stays on the page with what was typed."""
    chosen = ACTS[name]
    seen = form.cleaned_data.get("revision")
    if seen is not None and seen != case.revision:
        form.add_error(None, _changed_meanwhile(case))
        return None
    try:
        chosen.run(case, user, form.cleaned_data)
    except MoveRefused as refusal:
        if _just_done(request, user, case.pk, name):
            return _done_already(request, user, case.pk)
        form.add_error(None, str(refusal))
        return None
    messages.success(request, chosen.done)
    return _back(user, case.pk)


def _back(user: User, pk: int) -> HttpResponse:
    """After a transfer or a return the case may be out of this reader's sight."""
    is_seen = Case.objects.visible_to(user).filter(pk=pk).exists()
    return redirect("motor:case", pk) if is_seen else redirect("motor:cases")


def _just_done(request: HttpRequest, user: User, pk: int, name: str) -> bool:
    """A second click: the page is older than the move it asks for, and this very person has just made that move."""
    revision = Case.objects.filter(pk=pk).values_list("revision", flat=True).first()
    if request.POST.get("revision") in ("", None, str(revision)):
        return False
    since = timezone.now() - REPEATED
    if name == "agree":
        comment = request.POST.get("comment", "").strip()
        proposals = Agreement.objects.filter(case=pk, proposed_by=user, proposed_at__gt=since)
        return proposals.filter(comment=comment).exists()
    last = Transition.objects.filter(case=pk).order_by("at", "pk").last()
    if last is None or last.actor_id != user.pk or last.at < since:
        return False
    return last.move in MOVES_OF.get(name, {name})


def _done_already(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    messages.info(request, "Это уже сделано: второй раз ничего не изменилось.")
    return _back(user, pk)


def _changed_meanwhile(case: Case) -> str:
    return (
        f"Пока вы писали, карту изменили: сейчас она в состоянии «{case.get_status_display()}». "
        "Проверьте и отправьте ещё раз — ваш текст сохранён."
    )
