"""The one base of everything an operation may refuse, so that pages and API say it in the same words."""


class Refused(Exception):
    """A rule said no.

    `words` are written for the person who asked. `field` is the input they concern, "" when they concern
    the whole; a form shows them beside that field, the API under its name.
    """

    words = "This is not possible."
    field = ""

    def __init__(self, words: str = "", *, field: str = "") -> None:
        self.words = words or self.words
        self.field = field or self.field
        super().__init__(self.words)


class NotValid(Refused):
    """A field holds what it may not hold."""


class WrongState(Refused):
    """The thing is not in a state in which this makes sense."""
