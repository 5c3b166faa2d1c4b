"""Addresses of invitations, and of who may see whom."""

from django.urls import path

from afterdose.web.sharing import views

app_name = "sharing"
urlpatterns = [
    path("invited/<str:secret>", views.invited, name="invited"),
    path("people/<int:pk>/access", views.person, name="person"),
    path("people/<int:pk>/access/<int:sharing>/end", views.end, name="end"),
]
