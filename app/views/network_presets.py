"""The presets of the Real networks screen: trainings that come with the lab, each with one sentence of what to
watch.
"""

from __future__ import annotations

from typing import Final

from app.views.presets import Preset
from ulpm_core.networks.config import NetworkConfig

WITHOUT_DECAY: Final = NetworkConfig(epochs=100, log_time_steps=0)
NETWORK_PRESETS: Final = (
    Preset(
        "Digits, log time",
        "Watch ten handwritten digits come apart by SGD, then fold up in log time. No weight decay.",
        NetworkConfig(),
    ),
    Preset(
        "Three in the plane",
        "Watch 0, 1 and 2 in two dimensions: all that the network knows of an image is a dot.",
        NetworkConfig(classes="0,1,2", dimension=2, last_activation="none", learning_rate=0.05, relative_rate=1.0),
    ),
    Preset(
        "Convolutional",
        "Watch a convolutional net go the same way, more slowly: what folds up is its last layer.",
        NetworkConfig(model="convnet", width=8, per_class=60, epochs=6, log_time_steps=300),
    ),
    Preset(
        "SGD alone",
        "Watch SGD alone (B) beside log time (A): once the loss is small, so is its gradient.",
        NetworkConfig(epochs=200, batch_size=128, log_time_steps=0),
        NetworkConfig(),
    ),
    Preset(
        "With weight decay",
        "Watch one network without (A) and with (B) weight decay, which keeps the gradient alive.",
        WITHOUT_DECAY.with_changes(weight_decay=5e-4),
        WITHOUT_DECAY,
    ),
    Preset(
        "No collapse",
        "Watch a network without batch normalisation read every image, yet not collapse in log time.",
        NetworkConfig(batch_norm="off", width=64, depth=3, epochs=30, log_time_steps=1000, relative_rate=1.0),
    ),
)
