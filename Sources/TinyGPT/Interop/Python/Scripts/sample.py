"""Writes text with the model beside it: python sample.py PROMPT [LENGTH]."""
import sys

import torch

from model import load


@torch.no_grad()
def generate(model, tokens, length, temperature=0.8):
    """Tokens and as many more, at temperature 0 the likeliest. Shape: (B, T) -> (B, T + length)"""
    for _ in range(length):
        logits = model(tokens[:, -model.context :])[:, -1]
        if temperature > 0:
            token = torch.multinomial((logits / temperature).softmax(-1), 1)
        else:
            token = logits.argmax(-1, keepdim=True)
        tokens = torch.cat((tokens, token), 1)
    return tokens


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or not sys.argv[1]:
        sys.exit(__doc__)
    prompt, length = sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 200
    model, characters = load()
    for character in prompt:
        if character not in characters:
            sys.exit(f"the model does not know {character!r}")
    tokens = torch.tensor([[characters.index(character) for character in prompt]])
    print("".join(characters[token] for token in generate(model, tokens, length)[0]))
