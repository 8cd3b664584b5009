"""The last layer of anyone's model: what is recorded is what the model returned, or words say why not."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from networks.foreign_heads import LoRA, Net, Scaled, cosine, models
from networks.foreign_program import blobs
from reference import refused, slow_metrics
from torch import nn

from ulpm_core.networks.recorder import CollapseRecorder

torch.manual_seed(0)
MODELS = models()


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def trained_a_little(model, x):
    """Batch statistics that are not those of a fresh layer, and compiled code that has seen both modes."""
    model.train()
    with torch.no_grad():
        for _ in range(3):
            model(x)
        model.eval()
        model(x)
    model.train()


def the_logits(returned):
    returned = getattr(returned, "logits", returned)
    if isinstance(returned, dict):
        return returned["scores"]
    while isinstance(returned, (tuple, list)):
        returned = returned[-1]
    return returned


def in_full(model, x, y, **said):
    """The recording with all features kept."""
    recorder = CollapseRecorder(model, (x, y), classes=3, shown_per_class=len(y), **said)
    recorder.record(0)
    return recorder.recording()


@pytest.mark.parametrize("name", MODELS)
def test_what_is_recorded_is_what_the_model_returns(name):
    (model, said), (x, y) = MODELS[name], blobs()
    kind = next(model.parameters()).dtype
    trained_a_little(model, x.to(kind))
    r = in_full(model, x.double(), y, **said)
    model.eval()
    with torch.no_grad():
        Z = the_logits(model(x.to(kind))).double()
    Z = Z.log() if name == "probabilities said" else Z
    Z = Z - Z.mean(dim=1, keepdim=True)
    half = {"bfloat16": 0.05, "float16": 0.01}.get(name, 1e-5)
    bias = 0.0 if r.bias is None else r.bias[0][:, None]
    ours = r.W[0] @ r.H[0] + bias
    assert ours - ours.mean(axis=0) == pytest.approx(Z.numpy()[r.samples].T, abs=half * float(Z.abs().max()))
    loss = nn.functional.cross_entropy(Z, y, reduction="sum").item()
    assert np.exp(r.log_loss[0]) == pytest.approx(loss, rel=half)
    if half == 1e-5:
        assert r.train_accuracy[0] == (Z.argmax(dim=1) == y).double().mean().item()
    expected = slow_metrics(r.W[0], r.H[0].astype(np.float64), r.labels)
    for metric in ("nc1_trace_ratio", "nc1", "nc2_angles", "nc2_norms_w", "nc3", "nc1_uncentred"):
        assert r.metrics[metric][0] == pytest.approx(expected[metric], rel=1e-4), metric


def test_lora_is_recorded_whole_from_its_first_step_on():
    """At first lora_B is 0, and the layer below says the same."""
    model, (x, y) = Net(LoRA(nn.Linear(7, 3))), blobs()
    nn.init.zeros_(model.head.lora_B.weight)
    recorder = CollapseRecorder(model, (x, y), classes=3)
    recorder.record(0)
    nn.init.normal_(model.head.lora_B.weight)
    recorder.record(1)
    head, W = model.head, recorder.recording().W
    whole = head.base_layer.weight + 0.5 * head.lora_B.weight @ head.lora_A.weight
    assert W[0] == pytest.approx(head.base_layer.weight.detach().numpy())
    assert W[1] == pytest.approx(whole.detach().numpy(), abs=1e-6)


@pytest.mark.parametrize(
    "finish",
    [
        lambda m, h: m.head(h) / 0.1,
        lambda m, h: m.head(h).softmax(1),
        lambda m, h: m.head(h) + h[:, :3],
        lambda m, h: m.head(torch.nn.functional.normalize(h)) * (1 + h.norm(dim=1, keepdim=True)),
        lambda m, h: torch.relu(m.head(h)),
    ],
    ids=["temperature", "probabilities", "skip", "norms", "relu"],
)
@pytest.mark.parametrize("said", [{}, {"layer": "head"}], ids=["found", "named"])
def test_logits_that_are_made_otherwise_are_refused(finish, said):
    with refused("layer", "is not W h + b of head", "give head=lambda model, x: (features, W, bias)"):
        in_full(Net(finish=finish), *blobs(), **said)


def test_a_temperature_that_is_learnt_is_seen_when_it_moves():
    model = Net(finish=lambda m, h: m.head(h) * m.scale)
    model.scale = nn.Parameter(torch.ones(1))
    recorder = CollapseRecorder(model, blobs(), classes=3)
    recorder.record(0)
    nn.init.constant_(model.scale, 1.5)
    with refused("layer", "is not W h + b of head"):
        recorder.record(1)
    assert len(recorder.recording()) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # TorchScript is old, and still about
def test_heads_that_cannot_be_found_are_refused_with_what_to_do():
    x, y = blobs()
    with refused("layer", "head is not run on a batch", "head=lambda"):  # its weight is used
        in_full(Net(finish=cosine), x, y)
    both = Net(nn.ModuleList([nn.Linear(7, 3), nn.Linear(7, 3)]), lambda m, h: (m.head[0](h), m.head[1](h)))
    with refused("layer", "head.0 and head.1", "name one", "layer='head.0'"):
        in_full(both, x, y)
    assert in_full(both, x, y, layer="head.1").W[0] == pytest.approx(both.head[1].weight.detach().numpy())
    with refused("layer", "returns no logits", "head="):
        in_full(Net(finish=lambda m, h: m.head(h).argmax(1)), x, y)
    with refused("layer", "no linear layer of the model has 3 outputs", "head="):
        in_full(Net(nn.Linear(7, 1)), x, y)
    with refused("layer", "layer = Linear is no linear layer"):
        in_full(Net(), x, y, layer=nn.Linear(7, 3))
    with refused("layer", "layer = '' is no linear layer"):
        in_full(Net(), x, y, layer="")
    assert in_full(nn.Linear(5, 3), x, y, layer="").W.shape == (1, 3, 5)
    with refused("model", "of type function", "nn.Module"):
        in_full(lambda x: x, x, y)
    with refused("layer", "layer = 7 is no linear layer"):
        in_full(Net(), x, y, layer=7)
    with refused("model", "TorchScript", "head="):
        in_full(torch.jit.script(nn.Linear(5, 3)), x, y)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (lambda m, x: (m.features(x), m.head.weight), "are not its W h + b"),
        (lambda m, x: (m.features(x), m.head.weight.T, m.head.bias), "return W (3, 7)"),
        (lambda m, x: (m.features(x), m.head.weight, m.head.weight), "bias (3,)"),
        (lambda m, x: (m.features(x)[:4], m.head.weight, m.head.bias), "a row of features for each sample"),
        (lambda m, x: m.features(x), "returns [(90, 7)]"),
        (lambda m, x: (1, 2, 3, 4), "returns ['int', 'int', 'int', 'int']"),
        (lambda m, x: (m.features(x), None, None), "return tensors"),
        (lambda m: 0, "TypeError"),
        (7, "TypeError"),
    ],
)
def test_a_head_that_says_something_else_is_refused(head, words):
    with refused("head", words, "for example"):
        in_full(Net(), *blobs(), head=head)


def test_a_head_outside_the_model_and_a_single_output():
    """Features alone are returned, or one number of two classes: nothing to compare with, so what is said holds."""
    x, y = blobs()
    body, prototypes = nn.Sequential(nn.Linear(5, 7), nn.ReLU()), nn.Linear(7, 3)
    r = in_full(body, x, y, head=lambda m, x: (m(x), prototypes.weight, prototypes.bias))
    assert r.W[0] == pytest.approx(prototypes.weight.detach().numpy())
    single = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 1, bias=False))
    with refused("layer", "one output stands for two classes", "torch.cat([-w, w]) / 2"):
        CollapseRecorder(single, (x, y % 2), classes=2)
    recorder = CollapseRecorder(
        single, (x, y % 2), classes=2,
        head=lambda m, x: (m[:2](x), torch.cat([-m[2].weight, m[2].weight]) / 2),
    )  # fmt: skip
    recorder.record(0)
    loss = nn.functional.binary_cross_entropy_with_logits(single(x)[:, 0], (y % 2).float(), reduction="sum")
    assert np.exp(recorder.recording().log_loss[0]) == pytest.approx(loss.item(), rel=1e-6)


def test_models_without_numbers_of_their_own_are_refused():
    x, y = blobs()
    with refused("model", "meta device", "as it is trained"):
        in_full(nn.Linear(5, 3, device="meta"), x, y)
    with refused("model", "has no size yet", "run the model on a batch first"):
        in_full(nn.Sequential(nn.LazyLinear(4), nn.Linear(4, 3)), x, y)
    sharded = nn.Linear(5, 3)
    sharded.weight.full_tensor = lambda: None
    with refused("model", "spread over processes"):
        in_full(sharded, x, y)


def test_nearly_right_is_right_and_large_features_are_no_excuse():
    """A shift of all features by 1,000 costs float32 three digits of the logits, and no more is allowed for."""
    model, (x, y) = Net(finish=lambda m, h: m.head(h + 1000.0)), blobs()
    r = in_full(model, x, y)
    assert r.H.mean() == pytest.approx(1000.0, rel=1e-3)
    wrong = copy.deepcopy(model)
    wrong.head = Scaled(model.head, 1.02)
    wrong.finish = lambda m, h: m.head.inner(h + 1000.0) / 1.02
    with refused("layer", "is not W h + b"):
        in_full(wrong, x, y)
