"""`/api/v1/fires`: what fired since a client last looked."""
