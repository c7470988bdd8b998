"""What all blueprints speak HTTP with."""
