import Foundation

/// Event files of a run as TensorBoard reads them: losses, learning rate, gradient norm, speed, samples and settings.
///
/// Every process that trains the run writes a file of its own, so a file that a kill has cut off is never written to again. The
/// step in its second record tells TensorBoard to drop what earlier files hold from there on.
final class EventLog {
    private let file: OutputFile
    private var time: Double { Date().timeIntervalSince1970 }

    /// Whether a file in a run folder is an event file.
    static func isEventFile(_ name: String) -> Bool { name.hasPrefix(prefix) && name.hasSuffix(suffix) }

    private static let prefix = "events.out.tfevents."
    private static let suffix = ".tinygpt"

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - folder: The run.
    ///   - step: The steps that were made before.
    ///   - settings: Names and values, for TensorBoard's table of hyperparameters.
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    init(in folder: RunFolder, after step: Int, settings: [(name: String, value: String)]) throws {
        // TensorBoard reads files in the order of their names, which begin with the time.
        var second = Int(Date().timeIntervalSince1970)
        func path() -> String { FileStatus.path(of: "\(Self.prefix)\(second)\(Self.suffix)", in: folder.path) }
        while FileStatus.type(at: path()) != nil { second += 1 }
        file = try OutputFile(path: path(), flags: O_CREAT | O_EXCL | O_APPEND)
        try write(event(0) { $0.text(3, "brain.Event:2") })
        try write(event(step + 1) { $0.message(7) { $0.integer(1, 1) } })
        try write(
            event(step) { event in
                event.message(5) { $0.message(1) { Self.hyperparameters(settings, time, into: &$0) } }
            })
        AtomicFile.synchronizeFolder(folder.path)
    }

    /// Appends figures of a step.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func append(step: Int, _ figures: [(name: String, value: Double)]) throws {
        try write(
            event(step) { event in
                event.message(5) { summary in
                    for (name, value) in figures {
                        summary.message(1) {
                            $0.text(1, name)
                            $0.float(2, Float(value))
                        }
                    }
                }
            })
    }

    /// Appends a text, which TensorBoard shows as Markdown: as a block of code, with all its spaces and line breaks.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func append(step: Int, name: String, text: String) throws {
        let block = text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
        try write(
            event(step) { event in
                event.message(5) {
                    $0.message(1) { value in
                        value.text(1, name)
                        // A tensor of one string.
                        value.message(8) { tensor in
                            tensor.integer(1, 7)
                            tensor.message(2) { $0.message(2) { $0.integer(1, 1) } }
                            tensor.text(8, block)
                        }
                        value.message(9) { metadata in
                            metadata.message(1) { $0.text(1, "text") }
                            metadata.integer(4, 2)
                        }
                    }
                }
            })
    }

    /// Waits until all records are on the disk.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func synchronize() throws { try file.synchronize() }

    /// A value of TensorBoard's plugin for hyperparameters: the beginning of a session with its settings.
    private static func hyperparameters(
        _ settings: [(name: String, value: String)], _ time: Double, into value: inout ProtocolBuffer
    ) {
        value.text(1, "_hparams_/session_start_info")
        // A tensor without a number.
        value.message(8) { tensor in
            tensor.integer(1, 1)
            tensor.message(2) { $0.message(2) { _ in } }
        }
        value.message(9) {
            $0.message(1) { plugin in
                plugin.text(1, "hparams")
                plugin.message(2) {
                    $0.message(3) { session in
                        for setting in settings {
                            session.message(1) { pair in
                                pair.text(1, setting.name)
                                pair.message(2) { value in
                                    if let number = Double(setting.value) {
                                        value.double(2, number)
                                    } else {
                                        value.text(3, setting.value)
                                    }
                                }
                            }
                        }
                        session.double(5, time)
                    }
                }
            }
        }
    }

    private func event(_ step: Int, _ fill: (inout ProtocolBuffer) -> Void) -> ProtocolBuffer {
        var event = ProtocolBuffer()
        event.double(1, time)
        event.integer(2, step)
        fill(&event)
        return event
    }

    /// A record of TensorFlow's format: the length, its checksum, the bytes, and theirs.
    private func write(_ event: ProtocolBuffer) throws {
        let length = withUnsafeBytes(of: UInt64(event.bytes.count).littleEndian) { Array($0) }
        let record = length + Self.checksum(length) + event.bytes + Self.checksum(event.bytes)
        try record.withUnsafeBytes { try file.append($0) }
    }

    /// CRC-32C, rotated and moved, as the format wants it.
    private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        var sum = ~UInt32(0)
        for byte in bytes { sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
        sum = ~sum
        let masked = ((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8
        return withUnsafeBytes(of: masked.littleEndian) { Array($0) }
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        var value = UInt32(byte)
        for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
        return value
    }
}

/// Bytes of a message in the protocol buffers' format, field by field.
private struct ProtocolBuffer {
    private(set) var bytes: [UInt8] = []

    private mutating func variable(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func key(_ field: Int, _ wireType: UInt64) { variable(UInt64(field) << 3 | wireType) }

    mutating func integer(_ field: Int, _ value: Int) {
        key(field, 0)
        variable(UInt64(value))
    }

    mutating func double(_ field: Int, _ value: Double) {
        key(field, 1)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
    }

    mutating func float(_ field: Int, _ value: Float) {
        key(field, 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
    }

    mutating func text(_ field: Int, _ text: String) { append(field, Array(text.utf8)) }

    mutating func message(_ field: Int, _ fill: (inout ProtocolBuffer) -> Void) {
        var message = ProtocolBuffer()
        fill(&message)
        append(field, message.bytes)
    }

    private mutating func append(_ field: Int, _ content: [UInt8]) {
        key(field, 2)
        variable(UInt64(content.count))
        bytes += content
    }
}
