"""What can be done with files, for pages and API alike; each refusal carries words for a person."""

from kit.refused import NotValid, WrongState
from modules.files.operations.adding import add_files, add_link, add_version, edit_file, restore_version
from modules.files.operations.checks import NotAllowed
from modules.files.operations.editing_requests import Asked, Meanwhile, as_asked, edit_request
from modules.files.operations.folders import create_folder, delete_folder, edit_folder
from modules.files.operations.looking import note
from modules.files.operations.marking import NoCopy, Reader, copy_for, reader_of
from modules.files.operations.preparing import check_waiting, prepare, release
from modules.files.operations.removing import bring_back, delete_file, empty_trash, erase
from modules.files.operations.requesting import (
    Wanted,
    accept,
    close_request,
    open_again,
    reject,
    remind,
    remind_due,
    request_files,
)
from modules.files.operations.sending import hand_in, send_to_folder
from modules.files.operations.sharing import in_words, share, unshare
from modules.files.operations.storing import MOST_AT_ONCE, Sent
from modules.files.operations.zipping import Archive, NoZip, zip_of
from portal.audit.operations import Trail

__all__ = [
    "MOST_AT_ONCE",
    "Archive",
    "Asked",
    "Meanwhile",
    "NoCopy",
    "NoZip",
    "NotAllowed",
    "NotValid",
    "Reader",
    "Sent",
    "Trail",
    "Wanted",
    "WrongState",
    "accept",
    "add_files",
    "add_link",
    "add_version",
    "as_asked",
    "bring_back",
    "check_waiting",
    "close_request",
    "copy_for",
    "create_folder",
    "delete_file",
    "delete_folder",
    "edit_file",
    "edit_folder",
    "edit_request",
    "empty_trash",
    "erase",
    "hand_in",
    "in_words",
    "note",
    "open_again",
    "prepare",
    "reader_of",
    "reject",
    "release",
    "remind",
    "remind_due",
    "request_files",
    "restore_version",
    "send_to_folder",
    "share",
    "unshare",
    "zip_of",
]
