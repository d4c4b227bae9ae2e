"""`make smoke`: runs the compose file under load and faults, and checks it from outside. Not collected by pytest."""
