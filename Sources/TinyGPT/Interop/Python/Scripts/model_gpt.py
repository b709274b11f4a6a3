

class Block(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.norm1, self.attention = norm(sizes), Attention(sizes)
        self.norm2, self.feed_forward = norm(sizes), FeedForward(sizes)
        self.dropout = nn.Dropout(sizes["dropout"])

    def forward(self, h):
        h = h + self.dropout(self.attention(self.norm1(h)))
        return h + self.dropout(self.feed_forward(self.norm2(h)))


class GPT(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.context, vocabulary, width = sizes["context"], sizes["vocabulary"], sizes["width"]
        self.embedding = Embedding(vocabulary, width)
        self.bigrams = NGramTable(2, vocabulary, width)  # bigrams
        self.trigrams = NGramTable(3, vocabulary, width)  # trigrams
        self.dropout = nn.Dropout(sizes["dropout"])
        self.blocks = nn.Sequential(*(Block(sizes) for _ in range(sizes["layers"])))
        self.norm = norm(sizes)
        self.head = nn.Linear(width, vocabulary, bias=False)  # head

    def forward(self, tokens):
        """The logits of the character after each. Shape: (B, T) -> (B, T, V)"""
        h = self.embedding(tokens)
        h = h + self.bigrams(tokens)  # bigrams
        h = h + self.trigrams(tokens)  # trigrams
        h = self.norm(self.blocks(self.dropout(h)))
        return self.head(h)  # head
        return F.linear(h, self.embedding.weight)  # tied


def load(folder=pathlib.Path(__file__).parent):
    """The model, and the characters that its tokens are."""
    description = json.loads((pathlib.Path(folder) / "config.json").read_text("utf-8"))
    model = GPT(description["configuration"])
    model.load_state_dict(load_file(pathlib.Path(folder) / "model.safetensors"))
    return model.eval(), description["vocabulary"]


def save(model, folder=pathlib.Path(__file__).parent):
    """Replaces the weights in a folder, which comes back with `tinygpt import --from pytorch`."""
    save_file({name: t.contiguous() for name, t in model.state_dict().items()}, pathlib.Path(folder) / "model.safetensors")
