import Foundation
import Testing

@testable import TinyGPT

@Suite("Memory that the system gives")
struct SystemMemoryTests {
    let root: TemporaryFolder

    init() throws { root = try TemporaryFolder() }

    private func computer(free: Int, swap: Int) throws {
        try root.write("proc/meminfo", "MemTotal: 99999999 kB\nMemAvailable:   \(free) kB\nSwapFree:  \(swap) kB\n")
    }

    #if os(Linux)
        @Test("Without control groups it is the computer's free memory, swap counted in")
        func computerAlone() throws {
            try computer(free: 2000, swap: 500)
            #expect(SystemMemory.available(root: root.path) == 2500 * 1024)
        }

        @Test("The tightest control group on the way to the root decides, page cache counted as free")
        func controlGroups() throws {
            try computer(free: 1_000_000, swap: 0)
            try root.write("proc/self/cgroup", "0::/outer/inner\n")
            try root.write("sys/fs/cgroup/outer/memory.max", "90000000\n")
            try root.write("sys/fs/cgroup/outer/memory.current", "60000000\n")
            try root.write("sys/fs/cgroup/outer/memory.stat", "anon 1\ninactive_file 5000000\n")
            try root.write("sys/fs/cgroup/outer/inner/memory.max", "max\n")
            try root.write("sys/fs/cgroup/outer/inner/memory.current", "1\n")
            #expect(SystemMemory.available(root: root.path) == 35_000_000)
        }

        @Test("Version 1 of control groups counts too, and one that is over its limit leaves nothing")
        func version1() throws {
            try computer(free: 1_000_000, swap: 0)
            try root.write("proc/self/cgroup", "5:cpu:/a\n4:memory:/elsewhere\n")
            try root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "7000000")
            try root.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "2000000")
            #expect(SystemMemory.available(root: root.path) == 5_000_000)
            try root.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "8000000")
            #expect(SystemMemory.available(root: root.path) == 0)
        }

        @Test("Numbers that do not fit are the largest ones, and damaged files count as absent")
        func damaged() throws {
            try root.write("proc/meminfo", "MemAvailable: 9223372036854775807 kB\nSwapFree: 1 kB\n")
            try root.write("proc/self/cgroup", "no colons\n0::\n")
            try root.write("sys/fs/cgroup/memory.max", "many")
            #expect(SystemMemory.available(root: root.path) == .max)
        }
    #endif

    @Test("This computer has memory for a byte, and not for all bytes there are")
    func here() throws {
        try SystemMemory.require(1, for: "a byte")
        let error = userError { try SystemMemory.require(.max, for: "a tower") }
        #expect(error?.kind == .failure)
        #expect(error?.description.hasPrefix("a tower needs 9223372037 GB of memory, but only ") == true)
    }

    @Test("The parameters computed from sizes are those of the model", arguments: [true, false], [true, false])
    func parameterCount(bias: Bool, tied: Bool) throws {
        let sizes = GPT.Configuration(
            vocabulary: 11, layers: 3, heads: 2, width: 10, context: 7, bias: bias, tied: tied)
        #expect(try sizes.parameterCount == GPT(sizes, seed: 1).parameterCount)
        guard !bias else { return }
        let modern = GPT.Configuration(
            vocabulary: 11, layers: 3, heads: 2, width: 20, context: 7, tied: tied, architecture: .modern)
        #expect(try modern.parameterCount == GPT(modern, seed: 1).parameterCount)
        // Tables with a row for each n-gram, and with shared rows.
        for vocabulary in [11, 200] {
            let tables = GPT.Configuration(
                vocabulary: vocabulary, layers: 1, heads: 2, width: 8, context: 7, tied: tied, tables: .trigram)
            #expect(try tables.parameterCount == GPT(tables, seed: 1).parameterCount)
        }
    }

    @Test("The estimate of impossible sizes is the largest number, not a trap")
    func impossibleSizes() {
        let sizes = GPT.Configuration(
            vocabulary: 1 << 21, layers: 1 << 21, heads: 1, width: 1 << 21, context: 1 << 21)
        #expect(MemoryEstimate.training(sizes, TrainingSettings(batch: 1 << 62, steps: 1), characters: 1) == .max)
        #expect(MemoryEstimate.inference(sizes, positions: 1 << 62, cached: 1 << 62, isTraced: true) == .max)
    }
}
