"""From the landing folder to raw, and the checks of new days."""
