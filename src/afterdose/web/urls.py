"""Every address of the clinic."""

from django.urls import include, path

urlpatterns = [path("", include("afterdose.web.pages.urls"))]
