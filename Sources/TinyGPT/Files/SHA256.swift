/// The SHA-256 digest of bytes that arrive in pieces (FIPS 180-4, sections 4.1.2, 5.1.1 and 6.2).
package struct SHA256 {
    private static let blockSize = 64

    private var state = SIMD8<UInt32>(
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
    private var pending: [UInt8] = []
    private var byteCount: UInt64 = 0

    /// Starts a digest of no bytes.
    package init() {}

    /// The digest of these bytes, as 64 lowercase hexadecimal digits.
    package static func digest(of bytes: [UInt8]) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// Adds bytes to what is digested.
    package mutating func update(_ bytes: [UInt8]) {
        byteCount &+= UInt64(bytes.count)
        var start = 0
        if !pending.isEmpty {
            start = min(Self.blockSize - pending.count, bytes.count)
            pending += bytes[..<start]
            if pending.count < Self.blockSize { return }
            compress(pending[...])
            pending.removeAll(keepingCapacity: true)
        }
        let end = start + (bytes.count - start) / Self.blockSize * Self.blockSize
        compress(bytes[start..<end])
        pending += bytes[end...]
    }

    /// The digest of everything added, as 64 lowercase hexadecimal digits.
    package consuming func finish() -> String {
        let bitCount = byteCount &* 8
        let zeros = (2 * Self.blockSize - 9 - pending.count) % Self.blockSize
        let length = (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * UInt64($0))) }
        update([0x80] + [UInt8](repeating: 0, count: zeros) + length)
        return state.indices.map { index in
            let digits = String(state[index], radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    /// Mixes whole blocks into the state. Pointers, because bounds checks here would halve the speed.
    private mutating func compress(_ blocks: ArraySlice<UInt8>) {
        blocks.withUnsafeBytes { bytes in
            Self.roundConstants.withUnsafeBufferPointer { constants in
                withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
                    for offset in stride(from: 0, to: bytes.count, by: Self.blockSize) {
                        Self.expand(UnsafeRawBufferPointer(rebasing: bytes[offset...]), into: schedule)
                        state = Self.mixed(state, schedule: schedule, constants: constants)
                    }
                }
            }
        }
    }

    /// FIPS 180-4, section 6.2.2, step 1.
    @inline(__always)
    private static func expand(_ block: UnsafeRawBufferPointer, into schedule: UnsafeMutableBufferPointer<UInt32>) {
        for t in 0..<16 {
            schedule[t] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * t, as: UInt32.self))
        }
        for t in 16..<64 {
            let (early, late) = (schedule[t - 15], schedule[t - 2])
            let sigma0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >> 3)
            let sigma1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >> 10)
            schedule[t] = sigma1 &+ schedule[t - 7] &+ sigma0 &+ schedule[t - 16]
        }
    }

    /// FIPS 180-4, section 6.2.2, steps 2 to 4.
    @inline(__always)
    private static func mixed(
        _ state: SIMD8<UInt32>, schedule: UnsafeMutableBufferPointer<UInt32>, constants: UnsafeBufferPointer<UInt32>
    ) -> SIMD8<UInt32> {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        // Eight rounds bring every name back to its place, so that nothing has to be moved from one to the next.
        for t in stride(from: 0, to: 64, by: 8) {
            round(a, b, c, &d, e, f, g, &h, constants[t] &+ schedule[t])
            round(h, a, b, &c, d, e, f, &g, constants[t + 1] &+ schedule[t + 1])
            round(g, h, a, &b, c, d, e, &f, constants[t + 2] &+ schedule[t + 2])
            round(f, g, h, &a, b, c, d, &e, constants[t + 3] &+ schedule[t + 3])
            round(e, f, g, &h, a, b, c, &d, constants[t + 4] &+ schedule[t + 4])
            round(d, e, f, &g, h, a, b, &c, constants[t + 5] &+ schedule[t + 5])
            round(c, d, e, &f, g, h, a, &b, constants[t + 6] &+ schedule[t + 6])
            round(b, c, d, &e, f, g, h, &a, constants[t + 7] &+ schedule[t + 7])
        }
        return state &+ SIMD8(a, b, c, d, e, f, g, h)
    }

    /// One round; the new value that the standard calls `a` takes the place of `h`.
    @inline(__always)
    private static func round(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
        _ h: inout UInt32, _ input: UInt32
    ) {
        let choice = g ^ (e & (f ^ g))
        let majority = (a & b) | (c & (a | b))
        h = h &+ (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) &+ choice &+ input
        d = d &+ h
        h = h &+ (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ majority
    }

    @inline(__always)
    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word &>> count | word &<< (32 - count)
    }

    /// FIPS 180-4, section 4.2.2: the fractional parts of the cube roots of the first 64 primes.
    private static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
