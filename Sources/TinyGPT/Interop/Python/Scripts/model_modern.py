
Embedding = nn.Embedding


def norm(sizes):
    return nn.RMSNorm(sizes["width"], eps=1e-6)


def rotate(x):
    """RoPE: turns channels i and i + D/2 of position t by t / 10000^(2i / D). Shape: (B, H, T, D)"""
    time, width = x.shape[-2:]
    angles = torch.arange(time, dtype=torch.float64)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
    cosine, sine, (a, b) = angles.cos().to(x), angles.sin().to(x), x.chunk(2, -1)
    return torch.cat((a * cosine - b * sine, b * cosine + a * sine), -1)


class Attention(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.heads, self.rate, width = sizes["heads"], sizes["dropout"], sizes["width"]
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.query_norm, self.key_norm = (nn.RMSNorm(width // self.heads, eps=1e-6) for _ in range(2))
        self.projection = nn.Linear(width, width, bias=False)

    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        q, k = rotate(self.query_norm(q)), rotate(self.key_norm(k))
        outputs = F.scaled_dot_product_attention(q, k, v, dropout_p=self.rate * self.training, is_causal=True)
        return self.projection(outputs.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        hidden = (8 * sizes["width"] + 47) // 48 * 16
        self.gate_up = nn.Linear(sizes["width"], 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, sizes["width"], bias=False)

    def forward(self, x):
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(F.silu(gate) * up)
