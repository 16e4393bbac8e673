"""What people do in the demo's cases, each by the service behind the button they would press."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from cabinet.core.clock import next_working_day, today
from cabinet.home.demo import texts
from cabinet.home.demo.fates import ABSENT, FULL
from cabinet.home.demo.parts import Part
from cabinet.home.demo.settling import Region
from cabinet.home.demo.words import checklist_words, survey_words
from cabinet.planner.models import Task
from cabinet.users.models import Membership, Role, User
from motor import services
from motor.models import Case, MunicipalRecord, Status, StopReason, Survey
from motor.services import agreement, halting, objections, returns
from motor.services.follow_up import DIRECTIONS, code_of, directions_of
from motor.services.link import note_opened
from motor.services.talking import end_talks, give_talks
from rma.models import Member, Request

# The way an answer came → up to which part of the draw.
CHANNELS = (
    (Survey.Channel.CABINET, 0.2),
    (Survey.Channel.SLIP, 0.32),
    (Survey.Channel.MESSAGE, 0.42),
    (Survey.Channel.PAPER, 0.48),
    (Survey.Channel.LINK, 1.1),
)


class Actors:
    """Carries the script's acts out; every act is a method named as in the script."""

    def __init__(self, random: Random, region: Region, members: dict[str, Member]) -> None:
        self.random = random
        self.region = region
        self.members = members

    def do(self, name: str, part: Part, case_pk: int) -> None:
        case = Case.objects.with_names().get(pk=case_pk)
        act: Callable[[Part, Case], Any] = getattr(self, name)
        act(part, case)

    def open(self, part: Part, case: Case) -> None:
        # The script opens when it needs to; the plan follows, so that the card tells one story.
        Case.objects.filter(pk=case.pk).update(opens_on=today())
        case.opens_on = today()
        services.open_case(case)

    def answer(self, part: Part, case: Case) -> None:
        answers = survey_words(self.random, part.story, part.opinion, today())
        draw = self.random.random()
        channel = next(code for code, until in CHANNELS if draw < until)
        if channel == Survey.Channel.PAPER and case.responsible is not None:
            # Handed in at a staff meeting and typed in by the methodist.
            services.submit_survey(case, answers, author=case.responsible, channel=channel, filled_on=today())
            return
        if channel != Survey.Channel.CABINET:
            note_opened(case)
        services.submit_survey(case, answers, author=case.person, channel=channel)

    def assess(self, part: Part, case: Case) -> None:
        answers = checklist_words(self.random, part.story, part.opinion, today())
        services.save_school_checklist(case, answers, assessor=self._responsible(case))

    def assess_with_help(self, part: Part, case: Case) -> None:
        self._assess_and_ask(part, case, "iom_help", texts.IOM_HELP_REASONS, part.member.full_name)

    def ask(self, part: Part, case: Case) -> None:
        self._assess_and_ask(part, case, "assessment", texts.RMA_REASONS, part.member.full_name)

    def ask_nobody(self, part: Part, case: Case) -> None:
        self._assess_and_ask(part, case, "assessment", texts.RMA_REASONS, "")

    def _assess_and_ask(self, part: Part, case: Case, help_kind: str, reasons: tuple[str, ...], member: str) -> None:
        answers = checklist_words(self.random, part.story, part.opinion, today())
        asking = {"rma_help": help_kind, "rma_reason": self.random.choice(reasons)}
        services.save_school_checklist(
            case,
            services.ChecklistAnswers(**(vars(answers) | asking)),
            assessor=self._responsible(case),
            member=self.members.get(member),
        )

    def accept(self, part: Part, case: Case) -> None:
        request = self._sent(case)
        services.accept_request(case, request, actor=self._asked(request))

    def decline(self, part: Part, case: Case) -> None:
        request = self._sent(case)
        services.decline_request(case, request, actor=self._asked(request), reason=texts.RMA_DECLINES[0])

    def rename(self, part: Part, case: Case) -> None:
        """Another member is asked after a refusal."""
        others = [
            member
            for name, member in self.members.items()
            if name != part.member.full_name and member.user.organization_id != case.organization_id
        ]
        member = self.random.choice(others)
        services.name_rma(case, member, actor=self._responsible(case), reason=self.random.choice(texts.RMA_REASONS))

    def go_on(self, part: Part, case: Case) -> None:
        services.go_without_rma(case, actor=self._responsible(case), reason="Сроки поджимают, мнения школы достаточно.")

    def assess_rma(self, part: Part, case: Case) -> None:
        self._assess_as_rma(part, case)

    def assess_rma_other(self, part: Part, case: Case) -> None:
        """Sees it otherwise than the school did."""
        self._assess_as_rma(part._replace(opinion=ABSENT if part.opinion.practice == "full" else FULL), case)

    def _assess_as_rma(self, part: Part, case: Case) -> None:
        answers = checklist_words(self.random, part.story, part.opinion, today())
        advice = {"recommendations": self.random.choice(texts.RECOMMENDATIONS), "recommends_experience": None}
        if case.rma_member is None:
            raise ValueError(f"{case}: nobody of РМА takes part")
        services.save_rma_checklist(
            case, services.ChecklistAnswers(**(vars(answers) | advice)), assessor=case.rma_member.user
        )

    def record(self, part: Part, case: Case) -> None:
        can_present = case.outcome is not None and case.outcome.completeness == "full"
        kinds = self.random.sample(MunicipalRecord.EventKind.values, 2) if can_present else []
        note = self.random.choice(texts.MUNICIPAL_NOTES) if can_present else ""
        theme = case.completion.course.programme.title if can_present and case.pk % 2 else ""
        answer = services.RecordAnswer(can_present, sorted(kinds), in_pool=bool(theme), theme=theme, note=note)
        services.record_result(case, answer, specialist=self._specialist(case))

    def step(self, part: Part, case: Case) -> None:
        """One step of several, so that the card shows work half done."""
        self._finish(case, self._open_steps(case)[:1])

    def all_steps(self, part: Part, case: Case) -> None:
        self._finish(case, [task for task in self._open_steps(case) if task.is_required])

    def _finish(self, case: Case, tasks: list[Task]) -> None:
        offered = directions_of(case, list(case.checklists.all()))
        for task in tasks:
            note = "" if code_of(task) == DIRECTIONS else self.random.choice(texts.STEP_RESULTS)
            services.finish_step(case, task, actor=self._responsible(case), note=note, chosen=offered)

    def close(self, part: Part, case: Case) -> None:
        reason = "Педагог в длительном отпуске, к маршруту вернёмся позже."
        services.close_case(case, actor=self._responsible(case), reason=reason)

    def send_back(self, part: Part, case: Case) -> None:
        comment = "Приложите, пожалуйста, конспект урока, о котором пишете: без него трудно увидеть изменения."
        returns.return_to_teacher(case, actor=self._responsible(case), comment=comment)

    def go_without_survey(self, part: Part, case: Case) -> None:
        reason = "Почту педагог читает редко, поговорили после урока."
        returns.go_without_survey(case, actor=self._responsible(case), reason=reason)

    def postpone(self, part: Part, case: Case) -> None:
        until = next_working_day(today() + timedelta(days=40))
        reason = "Открытый урок назначен на следующую четверть."
        returns.postpone(case, actor=self._responsible(case), until=until, reason=reason)

    def leave(self, part: Part, case: Case) -> None:
        reason = "Педагог временно ведёт другой предмет, материалов пока нет."
        returns.leave_not_assessed(case, actor=self._responsible(case), reason=reason)

    def pause(self, part: Part, case: Case) -> None:
        until = next_working_day(today() + timedelta(days=120))
        halting.pause_case(case, actor=self._responsible(case), until=until, reason="Длительный отпуск.")

    def back_to_school(self, part: Part, case: Case) -> None:
        if case.rma_member is None:
            raise ValueError(f"{case}: nobody of РМА takes part")
        comment = "По одному конспекту судить рано: посетите, пожалуйста, урок."
        returns.return_to_school(case, actor=case.rma_member.user, comment=comment)

    def object(self, part: Part, case: Case) -> None:
        text = "Открытый урок по теме курса был в октябре, его видели коллеги, но в заключении о нём ни слова."
        objections.object_to(case, text=text, actor=case.person)

    def uphold(self, part: Part, case: Case) -> None:
        answer = "Урок действительно был, запись о нём есть в плане школы."
        objections.uphold_objection(case, actor=self._specialist(case), answer=answer)

    def propose(self, part: Part, case: Case) -> None:
        conclusion = agreement.Conclusion(
            is_significant=True,
            practice="partial",
            other_topic_found=False,
            comment="Пересмотрели запись урока вместе: приёмы есть, но пока не на каждом этапе.",
        )
        agreement.propose_agreement(case, conclusion, actor=self._responsible(case))

    def stop(self, part: Part, case: Case) -> None:
        halting.stop_case(case, actor=self._responsible(case), reason=StopReason.LEFT)

    def _sent(self, case: Case) -> Request:
        return Request.objects.of(case).filter(status=Request.Status.SENT).select_related("member__user").get()

    def _asked(self, request: Request) -> User:
        if request.member is None:
            raise ValueError(f"{request}: nobody is asked")
        return request.member.user

    def _open_steps(self, case: Case) -> list[Task]:
        return [task for task in services.steps_of(case) if task.status == Task.Status.OPEN]

    def _responsible(self, case: Case) -> User:
        if case.responsible is None:
            raise ValueError(f"{case}: nobody answers for it")
        return case.responsible

    def _specialist(self, case: Case) -> User:
        """The municipality's own, else the institute's admin."""
        roles = Membership.objects.active().exclude(user=case.person_id).select_related("user")
        own = roles.filter(role=Role.MUNICIPAL, municipality=case.organization.municipality_id).first()
        return (own or roles.filter(role=Role.ADMIN).get()).user


def tick(day: date) -> None:
    """What the clock does by itself every day of the past."""
    if not Case.objects.filter(status=Status.SURVEY_OPEN).exists():
        return
    services.remind_waiting(day)
    services.expire_unanswered(day)
    end_talks()
    give_talks(day)
