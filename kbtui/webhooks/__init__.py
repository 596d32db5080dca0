"""Webhooks: where events go, in which format, and how they get there."""
