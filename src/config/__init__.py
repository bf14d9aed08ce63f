"""Settings, urlconfs and entry points: the only storey that knows all the others."""
