"""Every address of the clinic."""

from django.urls import include, path

from afterdose.web.accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign/", include("allauth.urls")),
    path("team/", include("afterdose.web.accounts.urls")),
    path("", include("afterdose.web.clinic.urls")),
    path("", include("afterdose.web.chart.urls")),
    path("api/v1/", include(("afterdose.web.feeds.api", "feeds"))),
    path("log/", include("afterdose.web.audit.urls")),
    path("help/", include("afterdose.web.pages.urls")),
    path("", include("afterdose.web.sharing.urls")),
]
