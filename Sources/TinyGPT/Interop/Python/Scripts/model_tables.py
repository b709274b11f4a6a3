

class NGramTable(nn.Embedding):
    """A vector for every pair or triple of characters; those of a large vocabulary share rows by Fibonacci hashing."""

    def __init__(self, order, vocabulary, width):
        count = vocabulary * (vocabulary + 1) ** (order - 1)
        super().__init__(min(count, 1 << 14), width)
        self.order, self.vocabulary, self.is_exact = order, vocabulary, count <= 1 << 14

    def forward(self, tokens):
        key = torch.zeros_like(tokens)
        for back in reversed(range(self.order)):
            before = F.pad(tokens, (back, 0), value=self.vocabulary)[:, : tokens.shape[1]]
            key = key * (self.vocabulary + 1 if back else self.vocabulary) + before
        return super().forward(key if self.is_exact else (key * (0x9E3779B97F4A7C15 - (1 << 64)) >> 50) & 0x3FFF)
