from django.urls import path

from portal.workflows.pages import conditions, edit, index, runs, settings, steps, trying, versions

app_name = "workflows"
urlpatterns = [
    path("workflows/", index.index, name="index"),
    path("workflows/new/", index.new, name="new"),
    path("workflows/settings/", settings.show, name="settings"),
    path("workflows/settings/secret/", settings.secret, name="secret"),
    path("workflows/deliveries/<uuid:pk>/replay/", runs.replay, name="replay"),
    path("workflows/runs/<int:pk>/", runs.run, name="run"),
    path("workflows/runs/<int:pk>/retry/", runs.retry, name="retry"),
    path("workflows/runs/<int:pk>/skip/", runs.skip, name="skip"),
    path("workflows/runs/<int:pk>/stop/", runs.stop, name="stop"),
    path("workflows/<int:pk>/", edit.show, name="show"),
    path("workflows/<int:pk>/name/", edit.name, name="name"),
    path("workflows/<int:pk>/trigger/", edit.trigger, name="trigger"),
    path("workflows/<int:pk>/switch/", edit.switch, name="switch"),
    path("workflows/<int:pk>/use/", edit.use, name="use"),
    path("workflows/<int:pk>/deletion/", edit.delete, name="delete"),
    path("workflows/<int:pk>/conditions/new/", conditions.new, name="new-condition"),
    path("workflows/<int:pk>/conditions/<int:position>/removal/", conditions.remove, name="remove-condition"),
    path("workflows/<int:pk>/steps/new/", steps.new, name="new-step"),
    path("workflows/<int:pk>/steps/<slug:step>/", steps.edit, name="step"),
    path("workflows/<int:pk>/steps/<slug:step>/move/", steps.move, name="move-step"),
    path("workflows/<int:pk>/steps/<slug:step>/removal/", steps.remove, name="remove-step"),
    path("workflows/<int:pk>/runs/", runs.index, name="runs"),
    path("workflows/<int:pk>/runs/stop/", runs.stop_all, name="stop-all"),
    path("workflows/<int:pk>/deliveries/", runs.deliveries, name="deliveries"),
    path("workflows/<int:pk>/test/", trying.test, name="test"),
    path("workflows/<int:pk>/test/run/", trying.really, name="really"),
    path("workflows/<int:pk>/past/", trying.past, name="past"),
    path("workflows/<int:pk>/versions/", versions.index, name="versions"),
    path("workflows/<int:pk>/versions/<int:number>/", versions.show, name="version"),
    path("workflows/<int:pk>/versions/<int:number>/return/", versions.go_back, name="go-back"),
]
