"""A model behind an OpenAI-compatible server: asked many questions at once, patiently, each of them once, never beyond a cap."""

from thousand.endpoint.enclosure import enclose, enclosures
from thousand.endpoint.endpoint import Endpoint
from thousand.endpoint.replies import CapReached, Preview, Prices, Reply, Tally

__all__ = ["CapReached", "Endpoint", "Preview", "Prices", "Reply", "Tally", "enclose", "enclosures"]
