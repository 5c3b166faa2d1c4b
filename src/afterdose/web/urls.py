"""Every address of the clinic."""

urlpatterns: list[object] = []
