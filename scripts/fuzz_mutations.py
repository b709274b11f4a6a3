"""Damage to files, drawn from a random stream: bytes, JSON values, safetensors headers and tensors, tables, kinds of file."""
import json
import os
import re
import socket
import struct

NUMBERS = ["0", "-1", "-0", "1", "2", "3", "7", "63", "65", "1000000", "2097152", "64", "16384", "2147483648", "4294967296",
           "2305843009213693952", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e19", "1e999",
           "0.5", "-0.5", "0.9999999999", "1e-60", "1.0", "NaN", "Infinity", "-Infinity", "nan", "0x10", "01", "1."]
VALUES = ['""', '"x"', '"1"', "null", "true", "false", "[]", "{}", "[[]]", '{"a":1}', '"\\ud800"', '"\\u0000"', '"\x1b[31m"',
          '"\\u001b[31mred\\u0007"', "'x'", "[1,2,3]", "[-1]",
          '"e' + "\u0301" * 3000 + '"', '"\\u202etxt.\\u2028x"', '"a\\nb"', '"\'\u200d;id"', '"../../etc/passwd"', '"/dev/zero"', '"-"']

# A character of thousands of scalars, and two lines.
COMBINED = ["e" + "\u0301" * 3000, "a\nb"]


def size(random, small, large):
    """A size; the large one now and then, because it takes long to make."""
    return large if random.random() < 0.03 else random.choice(small)


class Raw(str):
    """JSON text to be written as it is."""


def dump(value):
    """JSON text, as `json.dumps` but with raw parts and names that occur twice (a list of pairs stands for an object)."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{dump(key)}:{dump(part)}" for key, part in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(part) for part in value) + "]"
    return json.dumps(value, ensure_ascii=False)


class Pairs(list):
    """An object as a list of its names and values."""


def parse(text):
    return json.loads(text, object_pairs_hook=lambda pairs: Pairs([list(pair) for pair in pairs]))


def hostile(random):
    """A JSON value that nothing expects."""
    kind = random.random()
    if kind < 0.55:
        return Raw(random.choice(NUMBERS))
    if kind < 0.9:
        return Raw(random.choice(VALUES))
    if kind < 0.94:
        depth = size(random, [10, 63, 64, 65, 1000], 100_000)
        return Raw(random.choice([("[", "]"), ('{"a":', "}")])[0] * depth)
    if kind < 0.97:
        depth = size(random, [10, 60, 64, 1000], 100_000)
        return Raw("[" * depth + "]" * depth)
    return Raw('"' + random.choice(["x", "é", "\\u0001", "\\n"]) * size(random, [100, 10_000], 1_000_000) + '"')


def change_json(random, root):
    """Changes one place of a parsed value; the root itself now and then."""
    places = []

    def walk(value):
        if isinstance(value, list):
            for index, part in enumerate(value):
                places.append((value, index))
                walk(part[1] if isinstance(value, Pairs) else part)

    walk(root)
    if not places or random.random() < 0.02:
        return hostile(random)
    parent, index = random.choice(places)
    action = random.random()
    if action < 0.65:
        if isinstance(parent, Pairs):
            parent[index][1] = hostile(random)
        else:
            parent[index] = hostile(random)
    elif action < 0.75:
        del parent[index]
    elif action < 0.85:
        twice = parent[index]
        if isinstance(parent, Pairs):
            twice = [twice[0], hostile(random) if random.random() < 0.5 else twice[1]]
        parent.insert(random.randrange(len(parent) + 1), twice)
    elif action < 0.95 and isinstance(parent, Pairs):
        names = ["", "x", parent[index][0].upper(), "\x1b[2J", "n" * 10_000, *COMBINED, "__metadata__"]
        parent[index][0] = random.choice(names)
    else:
        other, place = random.choice(places)
        parent[index], other[place] = (other[place], parent[index]) if isinstance(parent, Pairs) == isinstance(
            other, Pairs) else (parent[index], other[place])
    return root


def change_bytes(random, data):
    data = bytearray(data)
    count = len(data)
    at = random.randrange(count + 1)
    action = random.randrange(9)
    if action == 0 and count:
        for _ in range(random.choice([1, 1, 2, 8])):
            data[random.randrange(count)] ^= 1 << random.randrange(8)
    elif action == 1 and count:
        for _ in range(random.choice([1, 2, 16])):
            data[random.randrange(count)] = random.choice(b"\0\xff\n\r\"\\{}[],:-019eE\x1b\x80 ")
    elif action == 2:
        del data[at:]
    elif action == 3:
        del data[at:at + random.choice([1, 2, 8, 64])]
    elif action == 4:
        data[at:at] = random.randbytes(random.choice([1, 3, 100]))
    elif action == 5:
        start = random.randrange(count + 1)
        data[at:at] = data[start:start + random.choice([1, 8, 100, 1000])]
    elif action == 6:
        data[at:at] = random.choice([b"\0", b"\n", b" ", b"[", b"\xff", b"9", b"\xf0\x9f\x98\x80"]) * size(random, [10, 10_000], 3_000_000)
    elif action == 7:
        data += random.choice([b"\0", b"\n", b"\n\n", b"{}", b"\xef\xbb\xbf", bytes(data)])
    else:
        data = bytearray(random.choice([b"", b"\0" * 100, b"\xef\xbb\xbf", b"\xff\xfea\0", b"\n", b"{}", b"[]", b"null", b"{" * 5_000]))
    return bytes(data)


# Safetensors: a header of pairs and the values.

def split(data):
    length = struct.unpack("<Q", data[:8])[0]
    return parse(data[8:8 + length].decode()), data[8 + length:]


def join(header, values):
    text = dump(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + values


def change_safetensors(random, data):
    header, values = split(data)
    entries = [pair for pair in header if pair[0] != "__metadata__"]
    metadata = next((pair[1] for pair in header if pair[0] == "__metadata__"), Pairs())
    action = random.random()
    if action < 0.07:
        length = random.choice([0, 1, 7, 8, 1000, 2**24, 2**24 + 1, 10**8, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1])
        return struct.pack("<Q", length) + data[8:]
    if action < 0.45 and metadata:
        # The texts of JSON inside the header: configuration, settings, progress, data.
        pair = random.choice(metadata)
        if pair[1].startswith("{") and random.random() < 0.95:
            pair[1] = dump(change_json(random, parse(pair[1])))
        else:
            pair[1] = random.choice(["", "x", "ba", "aa", "\x1b[31m", "{" * 1000, pair[1] * 2, pair[1][:-1], pair[1][1:]])
        return join(header, values)
    if action < 0.7:
        return join(change_json(random, header), values)
    if action < 0.85:
        # Values that are no number, too large or of the wrong sign, in one tensor.
        begin, end = dict(random.choice(entries)[1])["data_offsets"]
        number = random.choice([float("nan"), float("inf"), -float("inf"), 3e38, -3e38, 1e20, -1e20, -1.0, 1e-45])
        values = bytearray(values)
        places = range(begin, end, 4)
        for place in places if random.random() < 0.3 else random.sample(places, min(len(places), random.choice([1, 2, 5]))):
            values[place:place + 4] = struct.pack("<f", number)
        return join(header, bytes(values))
    if action < 0.9:
        first, second = random.choice(entries), random.choice(entries)
        first[0], second[0] = second[0], first[0]
        return join(header, values)
    if action < 0.95:
        # One tensor more, so that offsets stay right.
        name = random.choice(["x", "blocks.2.norm1.weight", "head.weight", *COMBINED, "\x1b[2J",
                              "n" * size(random, [10, 1000], 5_000_000)])
        header.append([name, Pairs([["dtype", "F32"], ["shape", [1]], ["data_offsets", [len(values), len(values) + 4]]])])
        return join(header, values + bytes(4))
    pairs = Raw("{" + ",".join(f'"k{number}":""' for number in range(size(random, [1000, 10_000], 1_000_000))) + "}")
    header[:] = [["__metadata__", pairs]] + entries if random.random() < 0.5 else header + [["__metadata__", pairs]]
    return join(header, values)


def change_gguf(random, data):
    """Numbers where a GGUF file has counts, types, sizes and offsets: in its first bytes and after its names; or among its values."""
    data = bytearray(data)
    names = [match.end() for match in re.finditer(rb"(general|tokenizer|tinygpt|gpt2|qwen3|blk|output|token_embd)[a-z0-9_.]+", data)]
    action = random.random()
    if action < 0.75:
        start = random.choice([4, 8, 16, random.choice(names), random.choice(names)])
        # A name's own length stands before it, behind it a type and what the type says.
        at = start + random.choice([0, 0, 4, 4, 8, 12, 16, 20, 24])
        number = random.choice([0, 1, 2, 3, 7, 8, 9, 12, 31, 33, 64, 65, 255, 2**16, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62,
                                2**63 - 1, 2**63, 2**64 - 1])
        size = 8 if number >= 2**32 else random.choice([1, 4, 8])
        data[at:at + size] = (number % 2**(8 * size)).to_bytes(size, "little")
    elif action < 0.9:
        number = random.choice([float("nan"), float("inf"), -float("inf"), 3e38, -3e38, 1e20, 1e-45])
        for _ in range(random.choice([1, 2, 50])):
            at = random.randrange(len(data) // 8, len(data) // 4) * 4
            data[at:at + 4] = struct.pack("<f", number)
    elif action < 0.95:
        first, second = random.sample(names, 2)
        data[first - 4:first], data[second - 4:second] = data[second - 4:second], data[first - 4:first]
    else:
        at = random.choice(names)
        data[at:at] = bytes(random.choice([1, 8, 32, 1000]))
    return bytes(data)


def change_table(random, data):
    lines = data.decode().split("\n")
    row = random.randrange(len(lines))
    fields = lines[row].split(",")
    action = random.random()
    if action < 0.7:
        fields[random.randrange(len(fields))] = random.choice(NUMBERS + ["", "train", "val", "\x1b[31m", "x" * 5000])
        lines[row] = ",".join(fields)
    elif action < 0.8:
        lines.insert(row, random.choice(lines))
    elif action < 0.9:
        del lines[row]
    else:
        lines[row:row] = [lines[min(1, len(lines) - 1)]] * size(random, [10, 1000], 50_000)
    return "\n".join(lines).encode()


def change_json_file(random, data):
    return dump(change_json(random, parse(data.decode()))).encode()


def change_json_lines(random, data):
    lines = data.decode().split("\n")
    row = random.randrange(max(1, len(lines) - 1))
    if random.random() < 0.8 and lines[row]:
        lines[row] = dump(change_json(random, parse(lines[row])))
    else:
        other = random.randrange(len(lines))
        lines[row], lines[other] = lines[other], lines[row]
    return "\n".join(lines).encode()


def replace(random, path, is_text):
    """Puts something else than a file at a path, or a file without an end. Says what."""
    kinds = ["folder", "/dev/zero", "/dev/urandom", "/dev/null", "/dev/full", "loop", "dangling", "socket", "huge"]
    kind = random.choice(kinds if is_text else kinds + ["pipe"])
    if kind == "huge" and is_text:
        kind = "folder"
    if os.path.lexists(path):
        os.remove(path)
    if kind == "folder":
        os.mkdir(path)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        folder = os.getcwd()
        os.chdir(os.path.dirname(path))  # the name of a socket has at most 107 bytes
        try:
            with socket.socket(socket.AF_UNIX) as end:
                end.bind(os.path.basename(path))
        finally:
            os.chdir(folder)
    elif kind == "huge":
        with open(path, "wb") as file:
            file.truncate(1 << 40)
    else:
        os.symlink({"loop": os.path.basename(path), "dangling": "nowhere"}.get(kind, kind), path)
    return kind
