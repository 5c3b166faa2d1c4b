"""Addresses of the pages about the clinic itself."""

from django.urls import path

from afterdose.web.pages import views

app_name = "pages"
urlpatterns = [path("accessibility", views.accessibility, name="accessibility")]
