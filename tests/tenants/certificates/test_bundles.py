"""What edges serve: whole, right for its host, told to them."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from acme.client import _renewal_info_path_component
from django.db import connection

from infra.embedded.minting import Minted, leaf
from tenants.certificates import bundles
from tenants.certificates.bundles import BadBundle
from tenants.certificates.models import Bundle, Challenge, Order
from tests.processes import environment

HOST = "portal.northwind.example"


def test_chain_and_key_come_back_as_stored(db: None, root: Minted) -> None:
    minted = leaf(root, HOST)
    bundle = bundles.store(HOST, minted.pem + root.pem, minted.key_pem, directory="https://ca.example/d")
    assert bundles.pem_of(HOST) == minted.pem + root.pem + minted.key_pem
    assert bundle.serial == f"{minted.certificate.serial_number:x}"
    assert bundle.not_after == minted.certificate.not_valid_after_utc
    assert bundle.certificate_id == _renewal_info_path_component(minted.certificate)
    assert b"PRIVATE" not in bytes(bundle.sealed)
    assert bundles.pem_of("other.example") is None


def test_a_later_certificate_takes_the_place_of_the_one_before(db: None, root: Minted) -> None:
    first = bundles.store(HOST, (old := leaf(root, HOST)).pem, old.key_pem)
    Bundle.objects.update(ari_checked_at=first.stored_at, ari_next_at=first.stored_at)
    second = bundles.store(HOST, (new := leaf(root, HOST)).pem, new.key_pem)
    assert Bundle.objects.count() == 1 and second.version > first.version
    assert second.serial == f"{new.certificate.serial_number:x}" and second.ari_next_at is None


@pytest.mark.parametrize(("days", "left"), [(90, 30), (45, 15), (10, 10 / 3), (6, 3), (160 / 24, 80 / 24)])
def test_without_a_word_from_the_ca_it_is_renewed_by_age(
    days: float, left: float, db: None, root: Minted
) -> None:
    minted = leaf(root, HOST, life=timedelta(days=days), at=datetime(2026, 3, 1, tzinfo=UTC))
    bundle = bundles.store(HOST, minted.pem, minted.key_pem)
    assert bundle.not_after - bundle.renew_at == pytest.approx(timedelta(days=left), abs=timedelta(seconds=1))


def test_what_does_not_fit_is_refused_and_leaves_the_old_one(db: None, root: Minted) -> None:
    good, other = leaf(root, HOST), leaf(root, "portal.harbour.example")
    bundles.store(HOST, good.pem, good.key_pem)
    for chain, key in (
        (good.pem, other.key_pem),
        (other.pem, other.key_pem),
        (b"nonsense", good.key_pem),
        (good.pem, b"nonsense"),
        (b"", good.key_pem),
    ):
        with pytest.raises(BadBundle) as refused:
            bundles.store(HOST, chain, key)
        assert "BEGIN" not in str(refused.value)
    assert bundles.pem_of(HOST) == good.pem + good.key_pem


def test_a_wildcard_covers_one_label(db: None, root: Minted) -> None:
    minted = leaf(root, "*.portico.example")
    bundles.store("northwind.portico.example", minted.pem, minted.key_pem)
    for host in ("a.b.portico.example", "portico.example"):
        with pytest.raises(BadBundle):
            bundles.store(host, minted.pem, minted.key_pem)


def test_forgetting_takes_all_of_it(db: None, root: Minted) -> None:
    minted = leaf(root, HOST)
    bundles.store(HOST, minted.pem, minted.key_pem)
    Challenge.objects.create(token="t", host=HOST, key_authorization="t.x")
    Order.objects.create(host=HOST, directory="d", sealed_key=b"sealed", key_name="old")
    assert bundles.forget(HOST) and not bundles.forget(HOST)
    assert bundles.pem_of(HOST) is None and not Challenge.objects.exists()
    order = Order.objects.get()
    assert (order.state, order.problem, bytes(order.sealed_key)) == ("failed", "forgotten", b"")


def test_edges_hear_of_every_change_after_the_commit(committed_db: None, root: Minted) -> None:
    minted = leaf(root, HOST)
    with psycopg.connect(environment()["DATABASE_URL"], autocommit=True) as edge:
        edge.execute("LISTEN tls_bundle")
        bundles.store(HOST, minted.pem, minted.key_pem)
        bundles.store(HOST, minted.pem, minted.key_pem)
        bundles.forget(HOST)
        heard = [note.payload for note in edge.notifies(timeout=2, stop_after=3)]
    assert heard == [HOST] * 3
    connection.close()
