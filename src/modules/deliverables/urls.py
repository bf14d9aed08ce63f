"""The same names on both sides, so that shared parts of pages link rightly on each."""

from django.urls import path

from modules.deliverables.pages import client, console, files, review

VERSION = "<int:pk>/versions/<int:number>/"

client_urls = [
    path("", client.index, name="index"),
    path("<int:pk>/", client.show, name="show"),
    path("<int:pk>/undo/", client.undo, name="undo"),
    path(VERSION, client.show_version, name="version"),
    path(f"{VERSION}changes/", client.changes, name="changes"),
    path(f"{VERSION}decisions/", client.decide, name="decide"),
    path(f"{VERSION}comments/", client.comment, name="comment"),
    path(f"{VERSION}files/<int:file>/", files.client_file, name="file"),
]

console_urls = [
    path("", console.index, name="index"),
    path("new/", console.new, name="new"),
    path("<int:pk>/", review.show, name="show"),
    path("<int:pk>/edit/", console.edit, name="edit"),
    path("<int:pk>/versions/new/", console.upload, name="upload"),
    path("<int:pk>/ready/", review.ready, name="ready"),
    path("<int:pk>/internal-review/", review.internal_review, name="internal-review"),
    path("<int:pk>/withdrawal/", review.withdrawal, name="withdrawal"),
    path("<int:pk>/restoration/", review.restoration, name="restoration"),
    path("<int:pk>/lock/", review.lock, name="lock"),
    path("<int:pk>/comments/<int:comment>/resolution/", review.resolution, name="resolution"),
    path(VERSION, review.show_version, name="version"),
    path(f"{VERSION}discard/", review.discard, name="discard"),
    path(f"{VERSION}comments/", review.comment, name="comment"),
    path(f"{VERSION}files/<int:file>/", files.staff_file, name="file"),
]
