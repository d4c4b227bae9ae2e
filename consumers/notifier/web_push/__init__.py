"""Web Push: notifications to browsers that subscribed, through the push service of each."""
