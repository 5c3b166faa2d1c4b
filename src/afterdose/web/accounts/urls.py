"""Addresses of users, teams and feeds."""

from django.urls import path

from afterdose.web.accounts import views

app_name = "accounts"
urlpatterns = [path("team", views.switch_team, name="switch_team")]
