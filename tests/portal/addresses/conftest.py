import pytest


@pytest.fixture(autouse=True)
def _certificates_are_to_be_had(settings: object) -> None:
    """An installation that gets certificates, with an edge."""
    for name, value in {
        "ACME_DIRECTORY": "https://ca.example/directory",
        "EDGE_ZONE": "to.portico.example",
        "EDGE_IPV4": ["203.0.113.7"],
        "EDGE_IPV6": ["2001:db8::10"],
    }.items():
        setattr(settings, name, value)
