"""What the operator set about recaps, as the stages take it."""

from __future__ import annotations

from parley.recap.chat_completions import ModelSettings
from parley.recap.pipeline import RecapSettings
from parley.recap.recogniser import SpeechSettings
from parley.recap.summary import SummarySettings
from parley.store.settings import Settings


def recap_settings(settings: Settings) -> RecapSettings:
    """The stages' settings."""
    speech = SpeechSettings(
        engine=settings.speech_engine,
        model=settings.speech_model,
        device=settings.speech_device,
        compute_type=settings.speech_compute_type,
        threads=settings.speech_threads,
        patience=settings.speech_patience,
        download=settings.speech_download,
    )
    model = None
    if settings.language_model_url:
        model = ModelSettings(
            endpoint=settings.language_model_url,
            model=settings.language_model,
            key=settings.language_model_key.get_secret_value(),
            context=settings.language_model_context,
        )
    return RecapSettings(speech, SummarySettings(model))
