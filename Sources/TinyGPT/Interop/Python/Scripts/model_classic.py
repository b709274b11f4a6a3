

def norm(sizes):
    return nn.LayerNorm(sizes["width"], bias=sizes["bias"])


class Embedding(nn.Embedding):
    def forward(self, tokens):
        """Adds the sine (even channels) and cosine (odd) of t / 10000^(i / C), for position t and even channel i."""
        h = super().forward(tokens)
        (time, width), places = h.shape[1:], torch.arange(0, h.shape[2], 2)
        angles = torch.arange(time, dtype=torch.float64)[:, None] / 10000 ** (places / width)
        return h + (0.02 * 2**0.5 * torch.stack((angles.sin(), angles.cos()), -1).flatten(1)[:, :width]).to(h)


class Attention(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.heads, self.rate, width = sizes["heads"], sizes["dropout"], sizes["width"]
        self.qkv = nn.Linear(width, 3 * width, bias=sizes["bias"])
        self.projection = nn.Linear(width, width, bias=sizes["bias"])

    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        outputs = F.scaled_dot_product_attention(q, k, v, dropout_p=self.rate * self.training, is_causal=True)
        return self.projection(outputs.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.up = nn.Linear(sizes["width"], 4 * sizes["width"], bias=sizes["bias"])
        self.down = nn.Linear(4 * sizes["width"], sizes["width"], bias=sizes["bias"])

    def forward(self, x):
        return self.down(F.gelu(self.up(x), approximate="tanh"))
