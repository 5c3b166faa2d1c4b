"""Addresses of the pages about one person."""

from django.urls import path

from afterdose.web.chart import views

app_name = "chart"
urlpatterns = [
    path("me", views.own, name="own"),
    path("me/next-tests.ics", views.own_calendar, name="own_calendar"),
    path("people/<int:pk>", views.chart, name="chart"),
    path("people/<int:pk>/story", views.story, name="story"),
    path("people/<int:pk>/retreatment", views.retreatment, name="retreatment"),
    path("people/<int:pk>/results/<int:row>", views.result, name="result"),
    path("people/<int:pk>/enter/<str:kind>", views.enter, name="enter"),
    path("people/<int:pk>/<str:kind>/<int:row>/correct", views.correct, name="correct"),
    path("people/<int:pk>/<str:kind>/<int:row>/withdraw", views.withdraw, name="withdraw"),
]
