"""Hotline: a call-centre data warehouse."""
