"""Case management for home care coordinators, over plain files."""

__version__ = "0.1.0"
