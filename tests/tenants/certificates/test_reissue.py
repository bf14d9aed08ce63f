"""`manage.py reissue`: which certificates are renewed at once."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from infra.embedded.minting import Minted, leaf
from kit import clock
from tenants.certificates import bundles
from tenants.certificates.models import Bundle

HERE, ELSEWHERE = "https://ca.example/dir", "https://other-ca.example/dir"


@pytest.fixture
def three(db: None, root: Minted) -> None:
    for host, directory in (("a.example", HERE), ("b.example", ELSEWHERE), ("by-hand.example", "")):
        minted = leaf(root, host)
        bundles.store(host, minted.pem, minted.key_pem, directory=directory)


@pytest.mark.parametrize(
    ("words", "hosts"),
    [
        (["--all"], {"a.example", "b.example"}),
        (["--not-from", HERE], {"b.example"}),
        (["a.example", "unknown.example"], {"a.example"}),
        (["--sealed-by", "nobody"], set()),
        (["by-hand.example"], set()),
    ],
)
def test_those_named_become_due_and_no_other(three: None, words: list[str], hosts: set[str]) -> None:
    call_command("reissue", *words)
    due = Bundle.objects.filter(renew_at__lte=clock.now() + timedelta(minutes=1))
    assert set(due.values_list("host", flat=True)) == hosts


def test_it_does_not_guess_which(three: None) -> None:
    with pytest.raises(CommandError, match="Say which"):
        call_command("reissue")
    assert not Bundle.objects.filter(renew_at__lte=clock.now()).exists()
