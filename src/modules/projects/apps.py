from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "modules.projects"
    label = "projects"
