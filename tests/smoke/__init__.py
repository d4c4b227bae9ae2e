"""`make smoke`: the compose file up for real, loaded, broken and looked at from outside. Not collected by pytest."""
