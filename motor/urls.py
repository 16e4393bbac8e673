"""Addresses of МОТОР: the personal link and the cases."""

from django.urls import path

from motor.views import actions, acts, answers, assess, cases, consultations, forecast, grounds, personal, queue, visits

app_name = "motor"
urlpatterns = [
    path("s/<str:link>/", personal.personal, name="personal"),
    path("s/<str:link>/data/", grounds.personal_data, name="personal_data"),
    path("s/<str:link>/object/", personal.personal_object, name="personal_object"),
    path("me/data/", grounds.my_data, name="my_data"),
    path("s/<str:link>/files/<str:public_id>/", personal.personal_file, name="personal_file"),
    path("motor/", cases.case_list, name="cases"),
    path("motor/held/", cases.held, name="held"),
    path("motor/forecast/", forecast.forecast, name="forecast"),
    path("motor/forecast/move/", forecast.forecast_move, name="forecast_move"),
    path("motor/answers/", answers.course_answers_list, name="answers"),
    path("motor/answers/<int:course>/", answers.course_answers, name="course_answers"),
    path("motor/answers/<int:course>/excel/", answers.course_answers_excel, name="course_answers_excel"),
    path("motor/queue/", queue.queue, name="queue"),
    path("motor/visits/", visits.plan, name="visits"),
    path("motor/visits/print/", visits.plan_print, name="visits_print"),
    path("motor/visits/new/", visits.visit_add, name="visit_add"),
    path("motor/visits/<int:pk>/", visits.visit_change, name="visit_change"),
    path("motor/visits/<int:pk>/cancel/", visits.visit_cancel, name="visit_cancel"),
    path("motor/visits/<int:pk>/restore/", visits.visit_restore, name="visit_restore"),
    path("motor/consultations/", consultations.consultation_list, name="consultations"),
    path("motor/consultations/new/", consultations.consultation_new, name="consultation_new"),
    path("motor/consultations/<int:pk>/", consultations.consultation_detail, name="consultation"),
    path("motor/<int:pk>/", cases.case_detail, name="case"),
    path("motor/<int:pk>/survey/", personal.survey, name="survey"),
    path("motor/<int:pk>/object/", personal.object_in_cabinet, name="object"),
    path("motor/<int:pk>/checklist/", assess.checklist, name="checklist"),
    path("motor/<int:pk>/rma/name/", actions.name_rma, name="name_rma"),
    path("motor/<int:pk>/rma/accept/", actions.accept_rma, name="accept_rma"),
    path("motor/<int:pk>/rma/decline/", actions.decline_rma, name="decline_rma"),
    path("motor/<int:pk>/rma/without/", actions.without_rma, name="without_rma"),
    path("motor/<int:pk>/steps/<int:task>/", actions.end_step, name="step"),
    path("motor/<int:pk>/steps/<int:task>/hand-over/", actions.hand_over, name="hand_over"),
    path("motor/<int:pk>/steps/<int:task>/take-back/", actions.take_back, name="take_back"),
    path("motor/<int:pk>/record/", actions.save_record, name="record"),
    path("motor/<int:pk>/do/<slug:name>/", acts.act, name="act"),
    path("motor/<int:pk>/close/", actions.close, name="close"),
]
