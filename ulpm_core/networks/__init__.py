"""The same collapse in real networks: trained here, or recorded in anyone's own loop."""
