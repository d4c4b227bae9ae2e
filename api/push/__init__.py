"""Subscriptions of browsers to notifications by Web Push."""
