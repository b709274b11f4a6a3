"""The work of `tinygpt bench` in PyTorch: the same shapes, the same model, the same JSON.

Usage: pytorch_peer.py matmul | step PRESET BATCH MODE | sample PRESET | train TEXT, with MODE "eager f32", "compiled f32" or "compiled bf16"
"""
import contextlib
import json
import math
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

VOCABULARY = 65
PRESETS = {
    "cpu": dict(layers=4, heads=4, width=128, context=64, dropout=0.0),
    "baby": dict(layers=6, heads=6, width=384, context=256, dropout=0.2),
}
SHAPES = [(768, 128, 384), (768, 128, 512), (768, 512, 128), (4096, 384, 1152), (4096, 384, 1536), (4096, 1536, 384),
          (1536, 1536, 1536)]


class Norm(nn.LayerNorm):
    def __init__(self, width):
        super().__init__(width, bias=False)


class Block(nn.Module):
    def __init__(self, heads, width, dropout):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm1, self.norm2 = Norm(width), Norm(width)
        self.qkv, self.projection = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, h):
        batch, time_, width = h.shape
        q, k, v = self.qkv(self.norm1(h)).view(batch, time_, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        rate = self.dropout if self.training else 0.0
        head_outputs = F.scaled_dot_product_attention(q, k, v, dropout_p=rate, is_causal=True)
        attention = self.projection(head_outputs.transpose(1, 2).reshape(batch, time_, width))
        h = h + F.dropout(attention, self.dropout, self.training)
        mlp = self.down(F.gelu(self.up(self.norm2(h)), approximate="tanh"))
        return h + F.dropout(mlp, self.dropout, self.training)


class GPT(nn.Module):
    def __init__(self, layers, heads, width, context, dropout):
        super().__init__()
        self.context, self.dropout = context, dropout
        self.embedding = nn.Embedding(VOCABULARY, width)
        angles = torch.arange(context)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
        table = torch.stack((angles.sin(), angles.cos()), -1).flatten(1)
        self.register_buffer("positions", 0.02 * math.sqrt(2) * table)
        self.blocks = nn.ModuleList(Block(heads, width, dropout) for _ in range(layers))
        self.norm, self.head = Norm(width), nn.Linear(width, VOCABULARY, bias=False)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens, targets=None):
        h = F.dropout(self.embedding(tokens) + self.positions[: tokens.shape[1]], self.dropout, self.training)
        for block in self.blocks:
            h = block(h)
        logits = self.head(self.norm(h))
        return logits if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def adamw(model):
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    return torch.optim.AdamW(
        [dict(params=matrices, weight_decay=0.1), dict(params=vectors, weight_decay=0.0)], lr=1e-3, betas=(0.9, 0.99))


def step(preset, batch, mode, repetitions):
    torch.manual_seed(0)
    model = GPT(**PRESETS[preset])
    optimizer = adamw(model)
    forward = torch.compile(model) if mode.startswith("compiled") else model
    cast = (lambda: torch.autocast("cpu", dtype=torch.bfloat16)) if mode.endswith("bf16") else contextlib.nullcontext
    times = []
    for _ in range(repetitions):
        tokens = torch.randint(VOCABULARY, (batch, model.context + 1))
        start = time.perf_counter()
        with cast():
            loss = forward(tokens[:, :-1], tokens[:, 1:])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
        times.append(time.perf_counter() - start)
    times = sorted(times[max(1, repetitions // 4):])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(dict(median_ms=times[len(times) // 2] * 1e3, peak_rss_mb=peak)))


@torch.no_grad()
def validation_loss(model, tokens, stride=None):
    """On windows that begin a stride apart (the context if None), the last one shorter, every character but the first once."""
    model.eval()
    context, count = model.context, len(tokens) - 1
    stride = stride or context
    total, start, predicted = 0.0, 0, 0
    while predicted < count:
        length, overlap = min(context, count - start), predicted - start
        rows = min(256, 1 + (count - start - length) // stride) if overlap == context - stride else 1
        windows = tokens[start:].unfold(0, length + 1, stride)[:rows]
        logits, targets = model(windows[:, :-1])[:, overlap:], windows[:, 1 + overlap:]
        total += F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum").item()
        start += rows * stride
        predicted = start - stride + length
    model.train()
    return total / count


def train(path, steps=2000, batch=12, peak=1e-3, minimum=1e-4, warmup=100):
    """nanoGPT's CPU recipe on a text; a line for each validation, with the seconds of training before it."""
    torch.manual_seed(1337)
    text = open(path, encoding="utf-8", newline="").read()
    vocabulary = sorted(set(text))
    assert len(vocabulary) == VOCABULARY, f"a text of {len(vocabulary)} different characters, expected {VOCABULARY}"
    index = {character: number for number, character in enumerate(vocabulary)}
    tokens = torch.tensor([index[character] for character in text])
    count = int(len(tokens) * 0.9)
    model = GPT(**PRESETS["cpu"])
    optimizer, seconds = adamw(model), 0.0
    for number in range(steps):
        start = time.perf_counter()
        progress = max(0, number - warmup) / (steps - warmup)
        rate = peak * (number + 1) / warmup if number < warmup else (
            minimum + (peak - minimum) * (1 + math.cos(math.pi * progress)) / 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        starts = torch.randint(count - model.context, (batch,))
        windows = torch.stack([tokens[first:first + model.context + 1] for first in starts.tolist()])
        loss = model(windows[:, :-1], windows[:, 1:])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seconds += time.perf_counter() - start
        if (number + 1) % 250 == 0:
            losses = dict(val_loss=validation_loss(model, tokens[count:]))
            if number + 1 == steps:
                losses["sliding_loss"] = validation_loss(model, tokens[count:], model.context // 4)
            print(json.dumps(dict(step=number + 1, seconds=seconds, **losses)))


@torch.no_grad()
def sample(preset, length):
    model = GPT(**PRESETS[preset]).eval()
    tokens = torch.zeros((1, 1), dtype=torch.long)
    start = 0
    for written in range(length + 20):
        if written == 20:
            start = time.perf_counter()
        probabilities = F.softmax(model(tokens[:, -model.context:])[:, -1] / 0.8, -1)
        tokens = torch.cat((tokens, torch.multinomial(probabilities, 1)), 1)
    print(json.dumps(dict(tokens_per_s=length / (time.perf_counter() - start))))


def matmul():
    def gflops(product):
        best = math.inf
        for _ in range(31):
            start = time.perf_counter()
            product()
            best = min(best, time.perf_counter() - start)
        return 2 * m * k * n / best / 1e9

    for m, k, n in SHAPES:
        x, w, y = torch.randn(m, k), torch.randn(k, n), torch.randn(m, n)
        print(json.dumps(dict(
            m=m, k=k, n=n, gflops=gflops(lambda: x @ w), input_gradient_gflops=gflops(lambda: y @ w.T),
            weight_gradient_gflops=gflops(lambda: x.T @ y))))


if __name__ == "__main__":
    torch.set_num_threads(2)
    what, *rest = sys.argv[1:]
    if what == "matmul":
        matmul()
    elif what == "step":
        step(rest[0], int(rest[1]), rest[2], 40 if rest[0] == "cpu" else 6)
    elif what == "train":
        train(rest[0])
    else:
        sample(rest[0], 300)
