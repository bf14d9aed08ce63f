"""The first page of a portal: a card for every section that has content for this client."""
