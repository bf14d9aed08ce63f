"""What can be done with feedback, for pages, jobs, mails and API alike; each refusal carries words for a person."""

from kit.refused import NotValid, WrongState
from modules.feedback.operations.answers import delete_canned, filled, save_canned, save_settings
from modules.feedback.operations.arriving import MOST_TRIES, accept, keep_mail, read_kept, throw_away
from modules.feedback.operations.checks import LONGEST_TEXT, MOST_FILES, RULE, NotAllowed
from modules.feedback.operations.life import rate, reopen, resolve, snooze, take_up, wake_due
from modules.feedback.operations.replying import AFTERWARDS, add_note, reply_as_client, reply_as_staff
from modules.feedback.operations.sorting import assign, merge, set_tags
from modules.feedback.operations.submitting import About, submit
from portal.audit.operations import Trail

__all__ = [
    "AFTERWARDS",
    "LONGEST_TEXT",
    "MOST_FILES",
    "MOST_TRIES",
    "RULE",
    "About",
    "NotAllowed",
    "NotValid",
    "Trail",
    "WrongState",
    "accept",
    "add_note",
    "assign",
    "delete_canned",
    "filled",
    "keep_mail",
    "merge",
    "rate",
    "read_kept",
    "reopen",
    "reply_as_client",
    "reply_as_staff",
    "resolve",
    "save_canned",
    "save_settings",
    "set_tags",
    "snooze",
    "submit",
    "take_up",
    "throw_away",
    "wake_due",
]
