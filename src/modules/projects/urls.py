"""Addresses under /projects/. Actions are nouns: `POST …/archive/` puts it there."""

from django.urls import path

from modules.projects.pages import client, console, internal, milestones, updates

client_urls = [
    path("", client.index, name="index"),
    path("<int:project_id>/", client.show, name="show"),
    path("<int:project_id>/updates/<int:update_id>/comments/", client.comment, name="comment"),
]

console_urls = [
    path("", console.index, name="index"),
    path("new/", console.new, name="new"),
    path("<int:project_id>/", console.show, name="show"),
    path("<int:project_id>/settings/", console.settings, name="settings"),
    path("<int:project_id>/archive/", console.archive, name="archive"),
    path("<int:project_id>/restoration/", console.restore, name="restore"),
    path("<int:project_id>/access/", console.access, name="access"),
    path("<int:project_id>/access/invitation/", console.invite, name="invite"),
    path("<int:project_id>/milestones/", milestones.add, name="add-milestone"),
    path("<int:project_id>/milestones/<int:milestone_id>/", milestones.edit, name="milestone"),
    path(
        "<int:project_id>/milestones/<int:milestone_id>/state/", milestones.set_state, name="milestone-state"
    ),
    path(
        "<int:project_id>/milestones/<int:milestone_id>/position/", milestones.move, name="milestone-position"
    ),
    path(
        "<int:project_id>/milestones/<int:milestone_id>/deletion/", milestones.delete, name="delete-milestone"
    ),
    path("<int:project_id>/updates/", updates.updates, name="updates"),
    path("<int:project_id>/updates/<int:update_id>/", updates.edit, name="update"),
    path("<int:project_id>/updates/<int:update_id>/comments/", updates.comment, name="comment"),
    path("<int:project_id>/tasks/", internal.tasks, name="tasks"),
    path("<int:project_id>/tasks/<int:task_id>/", internal.task, name="task"),
    path("<int:project_id>/tasks/<int:task_id>/completion/", internal.complete, name="complete-task"),
    path("<int:project_id>/tasks/<int:task_id>/deletion/", internal.delete, name="delete-task"),
    path("<int:project_id>/notes/", internal.notes, name="notes"),
]
