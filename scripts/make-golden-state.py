#!/usr/bin/env python3
"""Writes Tests/TinyGPTTests/Fixtures: what PyTorch makes of a tiny model of the same definition.

For each of six variants (classic with and without bias and modern, all tied and untied) a safetensors file with the parameters,
a batch, the logits, the loss, the gradient of every named parameter, and the losses of ten steps of AdamW with clipping and a
schedule. A classic model is written out below; a modern one is transformers' own Qwen3ForCausalLM.
`golden-muon.safetensors` has matrices, ten gradients of each, and what ten steps of torch.optim.Muon make of them.
Needs torch, transformers, safetensors and numpy: run it with .build-python/bin/python after scripts/check-with-transformers.sh.
"""
import math
import pathlib

import torch
from safetensors.torch import save_file
from torch.nn import functional as F
from transformers import Qwen3Config, Qwen3ForCausalLM

VOCABULARY, LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 11, 2, 2, 8, 6, 3
HIDDEN = 32  # of a modern model: 8/3 of the width, rounded up to a multiple of 16
STEPS, PEAK, MINIMUM, WARMUP, DECAY, CLIP = 10, 1e-2, 1e-3, 3, 0.1, 0.5


CLASSIC = (
    ("norm1", (WIDTH,)), ("attention.qkv", (WIDTH, 3 * WIDTH)), ("attention.projection", (WIDTH, WIDTH)),
    ("norm2", (WIDTH,)), ("feed_forward.up", (WIDTH, 4 * WIDTH)), ("feed_forward.down", (4 * WIDTH, WIDTH)),
)
MODERN = (
    ("norm1", (WIDTH,)), ("attention.qkv", (WIDTH, 3 * WIDTH)),
    ("attention.query_norm", (WIDTH // HEADS,)), ("attention.key_norm", (WIDTH // HEADS,)),
    ("attention.projection", (WIDTH, WIDTH)),
    ("norm2", (WIDTH,)), ("feed_forward.gate_up", (WIDTH, 2 * HIDDEN)), ("feed_forward.down", (HIDDEN, WIDTH)),
)


def parameters(of_block, bias, tied):
    """Every parameter by its name in tinygpt; matrices are stored as (inputs, outputs)."""
    shapes = {"embedding.weight": (VOCABULARY, WIDTH)}
    for layer in range(LAYERS):
        block = f"blocks.{layer}."
        for name, shape in of_block:
            shapes[f"{block}{name}.weight"] = shape
            if bias:
                shapes[f"{block}{name}.bias"] = shape[-1:]
    shapes["norm.weight"] = (WIDTH,)
    if bias:
        shapes["norm.bias"] = (WIDTH,)
    if not tied:
        shapes["head.weight"] = (VOCABULARY, WIDTH)
    # Larger than at the start of a training, so that no gradient is lost in rounding.
    return {name: (torch.randn(shape) * 0.3 + (1.0 if name.endswith("weight") and len(shape) == 1 else 0.0))
            .requires_grad_() for name, shape in shapes.items()}


def positions():
    angles = torch.arange(CONTEXT)[:, None] / 10000 ** (torch.arange(0, WIDTH, 2) / WIDTH)
    return 0.02 * math.sqrt(2) * torch.stack((angles.sin(), angles.cos()), -1).flatten(1)


def forward(p, tokens):
    def norm(x, name):
        return F.layer_norm(x, (WIDTH,), p[name + ".weight"], p.get(name + ".bias"), 1e-5)

    def linear(x, name):
        y = x @ p[name + ".weight"]
        return y + p[name + ".bias"] if name + ".bias" in p else y

    batch, time = tokens.shape
    h = p["embedding.weight"][tokens] + positions()[:time]
    for layer in range(LAYERS):
        block = f"blocks.{layer}."
        q, k, v = (x.view(batch, time, HEADS, -1).transpose(1, 2)
                   for x in linear(norm(h, block + "norm1"), block + "attention.qkv").split(WIDTH, -1))
        scores = q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS)
        scores = scores.masked_fill(torch.ones(time, time).triu(1).bool(), -math.inf)
        head_outputs = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, time, WIDTH)
        h = h + linear(head_outputs, block + "attention.projection")
        inner = F.gelu(linear(norm(h, block + "norm2"), block + "feed_forward.up"), approximate="tanh")
        h = h + linear(inner, block + "feed_forward.down")
    return norm(h, "norm") @ p.get("head.weight", p["embedding.weight"]).T


QWEN = Qwen3ForCausalLM(Qwen3Config(
    vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
    num_key_value_heads=HEADS, head_dim=WIDTH // HEADS, hidden_act="silu", max_position_embeddings=CONTEXT, rms_norm_eps=1e-6,
    rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, attention_bias=False, attn_implementation="eager"))


def qwen_forward(p, tokens):
    """The logits of transformers' model with these parameters, through which gradients flow back to them."""
    theirs = {"model.embed_tokens.weight": p["embedding.weight"], "model.norm.weight": p["norm.weight"],
              "lm_head.weight": p.get("head.weight", p["embedding.weight"])}
    for layer in range(LAYERS):
        def ours(name):
            return p[f"blocks.{layer}.{name}.weight"]

        query, key, value = ours("attention.qkv").T.split(WIDTH)
        gate, up = ours("feed_forward.gate_up").T.split(HIDDEN)
        for name, tensor in {
            "input_layernorm": ours("norm1"), "self_attn.q_proj": query, "self_attn.k_proj": key, "self_attn.v_proj": value,
            "self_attn.q_norm": ours("attention.query_norm"), "self_attn.k_norm": ours("attention.key_norm"),
            "self_attn.o_proj": ours("attention.projection").T, "post_attention_layernorm": ours("norm2"),
            "mlp.gate_proj": gate, "mlp.up_proj": up, "mlp.down_proj": ours("feed_forward.down").T,
        }.items():
            theirs[f"model.layers.{layer}.{name}.weight"] = tensor
    assert theirs.keys() == dict(QWEN.named_parameters()).keys()
    return torch.func.functional_call(QWEN, theirs, (tokens,), {"use_cache": False}).logits


def rate(index):
    if index < WARMUP:
        return PEAK * (index + 1) / WARMUP
    return MINIMUM + (PEAK - MINIMUM) * (1 + math.cos(math.pi * (index - WARMUP) / (STEPS - WARMUP))) / 2


def golden(forward, p):
    """What PyTorch makes of a model with these parameters."""
    def loss_of(tokens, targets):
        return F.cross_entropy(forward(p, tokens).flatten(0, 1), targets.flatten())

    text = torch.randint(VOCABULARY, (BATCH, CONTEXT + 1))
    tokens, targets = text[:, :-1], text[:, 1:]
    state = {"parameter." + name: value.detach().clone() for name, value in p.items()}
    state |= {"tokens": tokens.float(), "targets": targets.float(), "logits": forward(p, tokens).detach()}
    loss = loss_of(tokens, targets)
    loss.backward()
    state["loss"] = loss.detach()
    state |= {"gradient." + name: value.grad.clone() for name, value in p.items()}
    optimizer = torch.optim.AdamW(
        [dict(params=[v for v in p.values() if v.dim() == 2], weight_decay=DECAY),
         dict(params=[v for v in p.values() if v.dim() < 2], weight_decay=0.0)], betas=(0.9, 0.99), eps=1e-8)
    losses = []
    for index in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate(index)
        optimizer.zero_grad()
        loss = loss_of(tokens, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), CLIP)
        optimizer.step()
        losses.append(loss.item())
    state["losses"] = torch.tensor(losses)
    return state


def muon():
    """Ten steps of torch.optim.Muon, which orthogonalizes in bfloat16 unless that is made to mean float32."""
    torch.Tensor.bfloat16 = torch.Tensor.float
    shapes = {"square": (16, 16), "wide": (8, 24), "tall": (24, 8)}
    matrices = {name: torch.nn.Parameter(torch.randn(shape) * 0.02) for name, shape in shapes.items()}
    gradients = {name: torch.randn(STEPS, *shape) for name, shape in shapes.items()}
    state = {"parameter." + name: value.detach().clone() for name, value in matrices.items()}
    state |= {"gradients." + name: value for name, value in gradients.items()}
    optimizer = torch.optim.Muon(matrices.values(), weight_decay=DECAY, adjust_lr_fn="match_rms_adamw")
    for index in range(STEPS):
        optimizer.param_groups[0]["lr"] = rate(index)
        for name, matrix in matrices.items():
            matrix.grad = gradients[name][index]
        optimizer.step()
    return state | {"result." + name: value.detach() for name, value in matrices.items()}


def main():
    folder = pathlib.Path(__file__).parent.parent / "Tests/TinyGPTTests/Fixtures"
    folder.mkdir(exist_ok=True)
    for kind, of_block, function, bias in (
        ("", CLASSIC, forward, False), ("-bias", CLASSIC, forward, True), ("-modern", MODERN, qwen_forward, False),
    ):
        for tied in (False, True):
            torch.manual_seed(1)
            state = golden(function, parameters(of_block, bias, tied))
            save_file({key: value.contiguous() for key, value in state.items()},
                      folder / f"golden{kind}{'-tied' if tied else ''}.safetensors")
    torch.manual_seed(1)
    save_file({key: value.contiguous() for key, value in muon().items()}, folder / "golden-muon.safetensors")


if __name__ == "__main__":
    main()
