"""What every page is made of: style sheets, small scripts, icons, tags and form widgets. No models."""
