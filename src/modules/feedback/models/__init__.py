"""Threads of feedback, what is said in them, what arrives by mail, and how the agency answers."""

from modules.feedback.models.answers import CannedReply, FeedbackSettings
from modules.feedback.models.entries import Attachment, Entry
from modules.feedback.models.incoming import IncomingMail
from modules.feedback.models.threads import Kind, Rating, State, Thread

__all__ = [
    "IncomingMail",
    "Attachment",
    "CannedReply",
    "Entry",
    "FeedbackSettings",
    "Kind",
    "Rating",
    "State",
    "Thread",
]
