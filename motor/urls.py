"""Addresses of МОТОР: the personal link and the cases."""

from django.urls import path

from motor.views import actions, assess, cases, personal

app_name = "motor"
urlpatterns = [
    path("s/<str:link>/", personal.personal, name="personal"),
    path("s/<str:link>/files/<str:public_id>/", personal.personal_file, name="personal_file"),
    path("motor/", cases.case_list, name="cases"),
    path("motor/held/", cases.held, name="held"),
    path("motor/<int:pk>/", cases.case_detail, name="case"),
    path("motor/<int:pk>/survey/", personal.survey, name="survey"),
    path("motor/<int:pk>/checklist/", assess.checklist, name="checklist"),
    path("motor/<int:pk>/rma/name/", actions.name_rma, name="name_rma"),
    path("motor/<int:pk>/rma/accept/", actions.accept_rma, name="accept_rma"),
    path("motor/<int:pk>/rma/decline/", actions.decline_rma, name="decline_rma"),
    path("motor/<int:pk>/rma/without/", actions.without_rma, name="without_rma"),
    path("motor/<int:pk>/steps/<int:task>/", actions.end_step, name="step"),
    path("motor/<int:pk>/record/", actions.save_record, name="record"),
    path("motor/<int:pk>/close/", actions.close, name="close"),
]
