"""Addresses of the worklist and what stands on it. An item is named by its person and key: its row
in the database is made anew with every change of the record.
"""

from django.urls import path

from afterdose.web.clinic import views

app_name = "clinic"
urlpatterns = [
    path("worklist", views.worklist, name="worklist"),
    path("worklist.csv", views.worklist_csv, name="worklist_csv"),
    path("worklist/views", views.save_view, name="save_view"),
    path("worklist/views/forget", views.forget_view, name="forget_view"),
    path("people/<int:pk>/items/<str:key>", views.item, name="item"),
    path("people/<int:pk>/items/<str:key>/why", views.why, name="why"),
    path("people/<int:pk>/items/<str:key>/acknowledge", views.acknowledge, name="acknowledge"),
    path("people/<int:pk>/items/<str:key>/snooze", views.snooze, name="snooze"),
    path("people/<int:pk>/items/<str:key>/wake", views.wake, name="wake"),
    path("people/<int:pk>/items/<str:key>/escalate", views.escalate, name="escalate"),
    path("people/<int:pk>/items/<str:key>/resolve", views.resolve, name="resolve"),
    path("people/<int:pk>/items/<str:key>/reopen", views.reopen, name="reopen"),
    path("people/<int:pk>/items/<str:key>/note", views.note, name="note"),
    path("people/<int:pk>/owners", views.owners, name="owners"),
    path("people/<int:pk>/owners/<int:proposal>", views.answer, name="answer"),
    path("duties", views.duties, name="duties"),
    path("duties/<int:pk>/end", views.end_duty, name="end_duty"),
    path("laboratories/<int:pk>", views.laboratory, name="laboratory"),
]
