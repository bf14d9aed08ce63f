"""How a portal looks and which sections it shows: logo, accent, welcome words, /theme.css."""
