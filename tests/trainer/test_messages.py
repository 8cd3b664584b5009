"""What a training process says arrives whole, or is the end."""

from __future__ import annotations

import io

import numpy as np
import pytest
from networks.small import SMALL

from app.trainer.messages import News, receive, send
from ulpm_core.files.recording import arrays_of
from ulpm_core.networks.training import train


def test_news_arrive_as_they_were_sent_one_after_the_other():
    pipe, recording = io.BytesIO(), train(SMALL)
    told = [
        News(0.25, "epoch 1 of 2\nμ", "It went on.", film=b"\n\x00{}"),
        News(refusal="no", failure="Traceback\n…"),
        News(1.0, recording=recording),
    ]
    assert all(send(pipe, news) for news in told)
    pipe.seek(0)
    first, second, third = (receive(pipe) for _ in told)
    assert (first, second) == tuple(told[:2])
    ours, theirs = arrays_of(recording), arrays_of(third.recording)
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[n], theirs[n], equal_nan=np.asarray(ours[n]).dtype.kind == "f") for n in ours)
    with pytest.raises(EOFError):
        receive(pipe)


def test_news_cut_off_anywhere_are_the_end():
    pipe = io.BytesIO()
    send(pipe, News(0.5, "half", film=bytes(50)))
    whole = pipe.getvalue()
    for length in range(len(whole)):
        with pytest.raises(EOFError):
            receive(io.BytesIO(whole[:length]))


def test_a_server_that_is_gone_is_no_error():
    class Broken(io.BytesIO):
        def write(self, _):
            raise BrokenPipeError

    assert not send(Broken(), News())
