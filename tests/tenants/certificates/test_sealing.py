"""Private keys are never stored in the clear, and open only for the name they are for."""

import base64
import io

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from pytest_django import Settings

from infra.embedded.minting import Minted, leaf
from tenants.certificates import bundles, rotating
from tenants.certificates.models import AcmeAccount, Bundle, Order
from tenants.certificates.sealing import SealBroken, open_sealed, seal
from tests.tenants.certificates.conftest import NEW, OLD

HOST, OTHER = "portal.northwind.example", "portal.harbour.example"
SECRET = b"-----BEGIN PRIVATE KEY-----"


def test_a_secret_opens_for_its_host_only() -> None:
    sealed = seal(HOST, SECRET)
    assert open_sealed(HOST, sealed.blob, sealed.key_name) == SECRET
    with pytest.raises(SealBroken):
        open_sealed(OTHER, sealed.blob, sealed.key_name)


def test_a_secret_is_not_readable_and_never_sealed_the_same_way_twice() -> None:
    first, second = seal(HOST, SECRET), seal(HOST, SECRET)
    assert SECRET not in first.blob and first.blob != second.blob


@pytest.mark.parametrize("place", [0, 15, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    sealed = seal(HOST, SECRET)
    changed = bytearray(sealed.blob)
    changed[place] ^= 1
    with pytest.raises(SealBroken):
        open_sealed(HOST, bytes(changed), sealed.key_name)


@pytest.mark.parametrize("blob", [b"", b"short", b"exactly12byt"])
def test_what_is_too_short_to_be_sealed_does_not_open(blob: bytes) -> None:
    with pytest.raises(SealBroken):
        open_sealed(HOST, blob, "old")


@pytest.mark.parametrize(
    "lines",
    [[], ["k1"], ["k1:c2hvcnQ="], ["k1:not base64"], [OLD, OLD], [":" + OLD.partition(":")[2]]],
)
def test_bad_keys_are_refused_with_what_to_do_and_without_showing_them(
    lines: list[str], settings: Settings
) -> None:
    settings.CERTIFICATE_KEYS = lines
    with pytest.raises(ImproperlyConfigured, match="name:base64 of 32") as refused:
        seal(HOST, SECRET)
    assert OLD.partition(":")[2] not in str(refused.value) and "c2hvcnQ" not in str(refused.value)


def test_a_missing_key_is_named(settings: Settings) -> None:
    sealed = seal(HOST, SECRET)
    settings.CERTIFICATE_KEYS = [NEW]
    with pytest.raises(ImproperlyConfigured, match="'old'.*portal.northwind.example"):
        open_sealed(HOST, sealed.blob, sealed.key_name)


def _three_of_each(root: Minted) -> None:
    for number in range(3):
        host = f"n{number}.example"
        minted = leaf(root, host)
        bundles.store(host, minted.pem, minted.key_pem)
        sealed = seal(host, SECRET)
        Order.objects.create(host=host, directory="d", sealed_key=sealed.blob, key_name=sealed.key_name)
        Order.objects.create(host=host, directory="d", state="done", sealed_key=b"", key_name=sealed.key_name)
        directory = f"https://ca{number}.example/dir"
        sealed = seal(directory, SECRET)
        AcmeAccount.objects.create(directory=directory, sealed_key=sealed.blob, key_name=sealed.key_name)


def test_rotating_seals_everything_by_the_newest_key(
    db: None, root: Minted, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _three_of_each(root)
    monkeypatch.setattr(rotating, "BATCH", 2)
    settings.CERTIFICATE_KEYS = [NEW, OLD]
    said = io.StringIO()
    call_command("rotate_certificate_keys", stdout=said)
    assert "bundles: 3 " in said.getvalue() and "orders: 3 " in said.getvalue()
    assert "accounts: 3 " in said.getvalue()
    settings.CERTIFICATE_KEYS = [NEW]
    for bundle in Bundle.objects.all():
        assert b"BEGIN PRIVATE KEY" in bundles.opened(bundle)
    for order in Order.objects.filter(state="open"):
        assert open_sealed(order.host, order.sealed_key, order.key_name) == SECRET
    for account in AcmeAccount.objects.all():
        assert open_sealed(account.directory, account.sealed_key, account.key_name) == SECRET
    again = io.StringIO()
    call_command("rotate_certificate_keys", stdout=again)
    assert "bundles: 0 " in again.getvalue()


def test_one_that_does_not_open_is_named_and_does_not_stop_the_others(
    db: None, root: Minted, settings: Settings
) -> None:
    _three_of_each(root)
    Bundle.objects.filter(host="n1.example").update(sealed=b"x" * 40)
    settings.CERTIFICATE_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="n1.example"):
        call_command("rotate_certificate_keys", stdout=io.StringIO())
    assert set(Bundle.objects.filter(key_name="new").values_list("host", flat=True)) == {
        "n0.example",
        "n2.example",
    }


def test_keys_are_32_bytes_of_base64() -> None:
    assert len(base64.b64decode(OLD.partition(":")[2])) == 32
