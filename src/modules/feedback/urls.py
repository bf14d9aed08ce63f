"""Addresses under /feedback/. Actions are nouns: `POST …/resolution/` settles it."""

from django.urls import path

from modules.feedback.pages import client, console, threads

client_urls = [
    path("", client.index, name="index"),
    path("new/", client.new, name="new"),
    path("rating/<str:token>/", client.rating, name="rating"),
    path("<int:pk>/", client.show, name="show"),
    path("<int:pk>/reply/", client.reply, name="reply"),
    path("<int:pk>/reopening/", client.reopening, name="reopening"),
    path("<int:pk>/rating/", client.rate, name="rate"),
    path("<int:pk>/files/<int:attachment>/", client.file, name="file"),
]

console_urls = [
    path("", console.index, name="index"),
    path("held/", console.held, name="held"),
    path("held/<int:mail_id>/acceptance/", console.acceptance, name="acceptance"),
    path("held/<int:mail_id>/discard/", console.discard, name="discard"),
    path("replies/", console.canned, name="canned"),
    path("replies/<int:pk>/", console.edit_canned, name="edit-canned"),
    path("replies/<int:pk>/deletion/", console.delete_canned, name="delete-canned"),
    path("settings/", console.settings, name="settings"),
    path("<int:pk>/", threads.show, name="show"),
    path("<int:pk>/reply/", threads.reply, name="reply"),
    path("<int:pk>/notes/", threads.note, name="note"),
    path("<int:pk>/taking-up/", threads.taking_up, name="taking-up"),
    path("<int:pk>/resolution/", threads.resolution, name="resolution"),
    path("<int:pk>/reopening/", threads.reopening, name="reopening"),
    path("<int:pk>/snooze/", threads.snooze, name="snooze"),
    path("<int:pk>/assignment/", threads.assignment, name="assignment"),
    path("<int:pk>/tags/", threads.tags, name="tags"),
    path("<int:pk>/merging/", threads.merging, name="merging"),
    path("<int:pk>/files/<int:attachment>/", threads.file, name="file"),
]
