"""The checks of ./bin/check that no tool has: a module each, whose `findings(root)` say what and where."""
