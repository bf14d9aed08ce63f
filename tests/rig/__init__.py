"""Parts that tests of domains and certificates build on."""
