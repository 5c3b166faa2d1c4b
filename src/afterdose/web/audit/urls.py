"""Addresses of the log."""

from django.urls import path

from afterdose.web.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.changes, name="changes"),
    path("reads", views.reads, name="reads"),
]
