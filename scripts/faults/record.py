"""The record that fail_calls.c writes: the calls that changed something below a folder, in order."""
import dataclasses

COUNTED = ("write", "fsync", "ftruncate", "flock", "rename", "mkdir", "unlink", "rmdir")
O_ACCMODE, O_CREAT, O_EXCL, O_TRUNC, O_APPEND = 0o3, 0o100, 0o200, 0o1000, 0o2000


@dataclasses.dataclass
class Operation:
    """A call: its name, the descriptor or -1, its flags, its paths, its bytes."""
    name: str
    descriptor: int = -1
    flags: int = 0
    paths: tuple = ()
    data: bytes = b""

    @property
    def counts(self):
        """Whether the library counts it as a call that changes something."""
        return self.name in COUNTED or (self.name == "open" and bool(self.flags & (O_ACCMODE | O_CREAT)))


def read_log(path):
    data = path.read_bytes()
    operations, position = [], 0
    while position < len(data):
        end = data.index(b"\n", position)
        name, _, rest = data[position:end].decode().partition(" ")
        position = end + 1
        if name == "open":
            descriptor, flags, place = rest.split(" ", 2)
            operations.append(Operation(name, int(descriptor), int(flags), (place,)))
        elif name == "write":
            descriptor, count = map(int, rest.split())
            operations.append(Operation(name, descriptor, data=data[position:position + count]))
            position += count
        elif name == "ftruncate":
            descriptor, length = map(int, rest.split())
            operations.append(Operation(name, descriptor, flags=length))
        elif name in ("fsync", "close", "flock"):
            operations.append(Operation(name, int(rest.split()[0])))
        else:
            operations.append(Operation(name, paths=tuple(rest.split("\t"))))
    return operations
