"""What front ends read."""
