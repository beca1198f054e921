"""What Hotline's claims of speed rest on. `make bench` measures and rewrites RESULTS.md."""
