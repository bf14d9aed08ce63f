"""Lets a login open the operators' pages; made if there is none with this address."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from tenants.accounts.logins import account_of_proven_address
from tenants.operators.operations import make_operator


class Command(BaseCommand):
    help = "Make the person with this address an operator. They sign in with a code by mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address") from error
        account, is_new = account_of_proven_address(email, name="")
        make_operator(account, reason="make_operator on the command line")
        self.stdout.write(f"{email} is an operator{' (a new login)' if is_new else ''}")
