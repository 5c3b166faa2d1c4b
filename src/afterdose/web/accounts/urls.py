"""Addresses of users, teams and feeds."""

from django.urls import path

from afterdose.web.accounts import views

app_name = "accounts"
urlpatterns = [
    path("switch", views.switch_team, name="switch_team"),
    path("users", views.users, name="users"),
    path("users/<int:pk>", views.user, name="user"),
    path("users/<int:pk>/second-factor", views.second_factor, name="second_factor"),
    path("invitations/<int:pk>/withdraw", views.withdraw_invitation, name="withdraw"),
    path("feeds", views.feeds, name="feeds"),
    path("feeds/<int:pk>/revoke", views.revoke, name="revoke"),
]
