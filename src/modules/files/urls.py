"""The same names on both sides where both have such a page."""

from django.urls import path

from modules.files.pages import (
    client,
    client_sending,
    console,
    console_file,
    console_folders,
    console_requests,
    files,
    parts,
)

BIG = [
    path("big/", parts.begin, name="begin-big"),
    path("big/<uuid:upload>/", parts.show, name="big"),
    path("big/<uuid:upload>/parts/<int:number>/", parts.part, name="big-part"),
    path("big/<uuid:upload>/whole/", parts.finish, name="finish-big"),
]

client_urls = [
    path("", client.index, name="index"),
    path("zip/", files.client_zip, name="zip"),
    path("requests/", client_sending.requests, name="requests"),
    path("requests/<int:pk>/", client_sending.show_request, name="request"),
    path("requests/<int:pk>/items/<int:item>/", client_sending.send, name="send"),
    path("folders/<int:pk>/", client.folder, name="folder"),
    path("folders/<int:pk>/upload/", client_sending.upload, name="upload"),
    path("<int:pk>/", client.show, name="show"),
    path("<int:pk>/content/", files.client_content, name="content"),
    path("<int:pk>/pages/<int:page>/", files.client_page, name="page"),
    *BIG,
]

VERSION = "<int:pk>/versions/<int:number>/"
console_urls = [
    path("", console.index, name="index"),
    path("new/", console.new, name="new"),
    path("link/", console.new_link, name="new-link"),
    path("share/", console_file.sharing, name="share"),
    path("trash/", console.trash, name="trash"),
    path("trash/<int:pk>/restoration/", console.restoration, name="restoration"),
    path("trash/<int:pk>/erasure/", console.erasure, name="erasure"),
    path("zip/", files.staff_zip, name="zip"),
    path("folders/new/", console_folders.new, name="new-folder"),
    path("folders/<int:pk>/", console.folder, name="folder"),
    path("folders/<int:pk>/edit/", console_folders.edit, name="edit-folder"),
    path("folders/<int:pk>/deletion/", console_folders.deletion, name="delete-folder"),
    path("requests/", console_requests.index, name="requests"),
    path("requests/new/", console_requests.new, name="new-request"),
    path("requests/<int:pk>/", console_requests.show, name="request"),
    path("requests/<int:pk>/edit/", console_requests.edit, name="edit-request"),
    path("requests/<int:pk>/verdicts/<int:hand_in>/", console_requests.verdict, name="verdict"),
    path("requests/<int:pk>/reminder/", console_requests.reminder, name="reminder"),
    path("requests/<int:pk>/closing/", console_requests.closing, name="closing"),
    path("<int:pk>/", console_file.show, name="show"),
    path("<int:pk>/edit/", console_file.edit, name="edit"),
    path("<int:pk>/unsharing/", console_file.unsharing, name="unshare"),
    path("<int:pk>/deletion/", console_file.deletion, name="delete"),
    path("<int:pk>/versions/", console_file.version, name="replace"),
    path(f"{VERSION}restoration/", console_file.version_restoration, name="restore-version"),
    path(f"{VERSION}release/", console_file.release, name="release"),
    path(f"{VERSION}content/", files.staff_content, name="content"),
    path(f"{VERSION}pages/<int:page>/", files.staff_page, name="page"),
    *BIG,
]
