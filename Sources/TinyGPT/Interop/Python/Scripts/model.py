"""A character-level GPT in plain PyTorch: `model, characters = load()`. As a program: python model.py PROMPT [LENGTH].

Parameters have the names of tinygpt, so what `save` writes comes back with `tinygpt import --from pytorch`.
"""
import json
import math
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent


def angles(time, width):
    """t / 10000^(i / width) for position t and even channel i. Shape: (time, width / 2)"""
    return torch.arange(time, dtype=torch.float64)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)


def rotate(x):
    """RoPE: turns channels i and i + D/2 of each position. Shape: (B, H, T, D)"""
    turn = angles(x.shape[-2], x.shape[-1])
    cosine, sine = turn.cos().to(x), turn.sin().to(x)
    a, b = x.chunk(2, -1)
    return torch.cat((a * cosine - b * sine, b * cosine + a * sine), -1)


class Attention(nn.Module):
    def __init__(self, sizes, norm):
        super().__init__()
        self.heads, width, self.dropout = sizes["heads"], sizes["width"], sizes["dropout"]
        self.qkv = nn.Linear(width, 3 * width, bias=sizes["bias"])
        self.projection = nn.Linear(width, width, bias=sizes["bias"])
        self.is_modern = norm is nn.RMSNorm
        if self.is_modern:
            self.query_norm, self.key_norm = (norm(width // self.heads, eps=1e-6) for _ in range(2))

    def forward(self, x):
        batch, time, width = x.shape
        q, k, v = self.qkv(x).view(batch, time, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if self.is_modern:
            q, k = rotate(self.query_norm(q)), rotate(self.key_norm(k))
        rate = self.dropout if self.training else 0.0
        outputs = F.scaled_dot_product_attention(q, k, v, dropout_p=rate, is_causal=True)
        return self.projection(outputs.transpose(1, 2).reshape(batch, time, width))


class FeedForward(nn.Module):
    def __init__(self, sizes, is_modern):
        super().__init__()
        width = sizes["width"]
        hidden = (8 * width + 47) // 48 * 16 if is_modern else 4 * width
        if is_modern:
            self.gate_up = nn.Linear(width, 2 * hidden, bias=False)
        else:
            self.up = nn.Linear(width, hidden, bias=sizes["bias"])
        self.down = nn.Linear(hidden, width, bias=sizes["bias"])

    def forward(self, x):
        if not hasattr(self, "gate_up"):
            return self.down(F.gelu(self.up(x), approximate="tanh"))
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(F.silu(gate) * up)


class NGramTable(nn.Embedding):
    """A vector for every pair or triple of characters; those of a large vocabulary share rows by Fibonacci hashing."""

    def __init__(self, order, vocabulary, width):
        count = vocabulary * (vocabulary + 1) ** (order - 1)
        super().__init__(min(count, 1 << 14), width)
        self.order, self.vocabulary, self.is_exact = order, vocabulary, count <= 1 << 14

    def forward(self, tokens):
        key = torch.zeros_like(tokens)
        for back in range(self.order - 1, 0, -1):
            before = F.pad(tokens, (back, 0), value=self.vocabulary)[:, : tokens.shape[1]]
            key = key * (self.vocabulary + 1) + before
        key = key * self.vocabulary + tokens
        return super().forward(key if self.is_exact else (key * (0x9E3779B97F4A7C15 - (1 << 64)) >> 50) & 0x3FFF)


class Block(nn.Module):
    def __init__(self, sizes, norm, options):
        super().__init__()
        self.norm1, self.norm2 = norm(sizes["width"], **options), norm(sizes["width"], **options)
        self.attention = Attention(sizes, norm)
        self.feed_forward = FeedForward(sizes, norm is nn.RMSNorm)
        self.dropout = nn.Dropout(sizes["dropout"])

    def forward(self, h):
        h = h + self.dropout(self.attention(self.norm1(h)))
        return h + self.dropout(self.feed_forward(self.norm2(h)))


class GPT(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.sizes, vocabulary, width = sizes, sizes["vocabulary"], sizes["width"]
        self.is_modern = sizes.get("architecture") == "modern"
        norm, options = (nn.RMSNorm, {"eps": 1e-6}) if self.is_modern else (nn.LayerNorm, {"bias": sizes["bias"]})
        self.embedding = nn.Embedding(vocabulary, width)
        tables = {"bigram": {"bigrams": 2}, "trigram": {"bigrams": 2, "trigrams": 3}}.get(sizes.get("tables"), {})
        self.tables = list(tables)
        for name, order in tables.items():
            self.add_module(name, NGramTable(order, vocabulary, width))
        self.dropout = nn.Dropout(sizes["dropout"])
        self.blocks = nn.ModuleList(Block(sizes, norm, options) for _ in range(sizes["layers"]))
        self.norm = norm(width, **options)
        if not sizes["tied"]:
            self.head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens):
        """The logits of the character after each. Shape: (B, T) -> (B, T, V)"""
        time, width = tokens.shape[1], self.sizes["width"]
        h = self.embedding(tokens) + sum(getattr(self, name)(tokens) for name in self.tables)
        if not self.is_modern:
            turn = angles(time, width)
            sinusoids = torch.stack((turn.sin(), turn.cos()), -1).flatten(1)[:, :width]
            h = h + (0.02 * math.sqrt(2) * sinusoids).to(h)
        h = self.dropout(h)
        for block in self.blocks:
            h = block(h)
        return F.linear(self.norm(h), self.embedding.weight if self.sizes["tied"] else self.head.weight)

    @torch.no_grad()
    def generate(self, tokens, length, temperature=0.8):
        for _ in range(length):
            logits = self(tokens[:, -self.sizes["context"] :])[:, -1]
            if temperature > 0:
                token = torch.multinomial((logits / temperature).softmax(-1), 1)
            else:
                token = logits.argmax(-1, keepdim=True)
            tokens = torch.cat((tokens, token), 1)
        return tokens


def load(folder=HERE):
    """The model and the characters that its tokens are."""
    description = json.loads((pathlib.Path(folder) / "config.json").read_text("utf-8"))
    model = GPT(description["configuration"])
    model.load_state_dict(load_file(pathlib.Path(folder) / "model.safetensors"))
    return model.eval(), description["vocabulary"]


def save(model, folder=HERE):
    """Replaces the weights in a folder."""
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, pathlib.Path(folder) / "model.safetensors")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or not sys.argv[1]:
        sys.exit(__doc__)
    prompt, length = sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 200
    model, characters = load()
    for character in prompt:
        if character not in characters:
            sys.exit(f"the model does not know {character!r}")
    tokens = torch.tensor([[characters.index(character) for character in prompt]])
    print("".join(characters[token] for token in model.generate(tokens, length)[0]))
