"""What every page is made of: style sheets, small scripts, icons, template tags and form widgets. No models."""
