import Foundation
import Layers
import Testing

@testable import TinyGPT

@Suite("Safetensors files")
struct SafetensorsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let sample = Safetensors(
        metadata: ["kind": "test", "text": "a \"b\" \\ \n\r\t\u{8}\u{C}\u{1}/é😀"],
        tensors: [
            "matrix": .init(shape: [2, 3], values: [1, -2, .infinity, .leastNonzeroMagnitude, -0.0, 3.5]),
            "scalar": .init(shape: [], values: [7]),
            "empty": .init(shape: [0, 4], values: []),
            "bias": .init(shape: [3], values: [1, 2, 3]),
        ])

    private func bytes(of contents: Safetensors) throws -> [UInt8] {
        try contents.write(to: folder["written"])
        return Array(try Data(contentsOf: URL(fileURLWithPath: folder["written"])))
    }

    /// A file with this header and so many zero bytes of values.
    private func file(_ header: String, values: Int = 0) throws -> String {
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
        return try folder.write("made", length + Array(header.utf8) + [UInt8](repeating: 0, count: values))
    }

    private func problem(_ header: String, values: Int = 0) throws -> String? {
        let path = try file(header, values: values)
        let error = userError { _ = try Safetensors.read(from: path) }
        #expect(error?.kind == .badData)
        let prefix = "'\(path)' is not a usable safetensors file: "
        #expect(error?.description.hasPrefix(prefix) == true)
        return error.map { String($0.description.dropFirst(prefix.count)) }
    }

    @Test("Two numbers named a make the 72 bytes that the reference implementation makes")
    func referenceVector() throws {
        let written = try bytes(of: Safetensors(tensors: ["a": .init(shape: [2], values: [1, 2])]))
        let header = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  "#
        #expect(written == [0x38, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
        #expect(written.count == 72)
    }

    @Test("The header has the metadata first and the rest by name, escaped as JSON wants it and padded to 8 bytes")
    func header() throws {
        let written = try bytes(of: sample)
        let header =
            #"{"__metadata__":{"kind":"test","text":"a \"b\" \\ \n\r\t\b\f\u0001/é😀"},"#
            + #""bias":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"#
            + #""empty":{"dtype":"F32","shape":[0,4],"data_offsets":[12,12]},"#
            + #""matrix":{"dtype":"F32","shape":[2,3],"data_offsets":[12,36]},"#
            + #""scalar":{"dtype":"F32","shape":[],"data_offsets":[36,40]}}"#
        let length = Int(written[0]) | Int(written[1]) << 8
        #expect(length % 8 == 0 && length - header.utf8.count < 8)
        let text = String(decoding: written[8..<8 + length], as: UTF8.self)
        #expect(text == header + String(repeating: " ", count: length - header.utf8.count))
        #expect(written.count == 8 + length + 40)
    }

    @Test("What is written is read back bit by bit, nothing at all too")
    func roundTrip() throws {
        try sample.write(to: folder["a"])
        #expect(try Safetensors.read(from: folder["a"]) == sample)
        let negativeZero = try Safetensors.read(from: folder["a"]).tensors["matrix"]?.values[4]
        #expect(negativeZero?.sign == .minus)
        try Safetensors().write(to: folder["b"])
        #expect(try Safetensors.read(from: folder["b"]) == Safetensors())
    }

    @Test("Not-a-number keeps its bits")
    func notANumber() throws {
        let value = Float(bitPattern: 0x7FC1_2345)
        try Safetensors(tensors: ["x": .init(shape: [1], values: [value])]).write(to: folder["nan"])
        let read = try Safetensors.read(from: folder["nan"]).tensors["x"]?.values
        #expect(read?.map(\.bitPattern) == [0x7FC1_2345])
    }

    @Test("Tensors may be listed in any order, with spaces and escapes, as other programs write them")
    func foreignHeader() throws {
        let path = try file(
            #"{ "b" : {"shape":[1],"data_offsets":[4,8],"dtype":"F32"}, "\u0061":{"dtype":"F32","shape":[1],"#
                + #""data_offsets":[0,4]}, "__metadata__":{"format":"pt :\"{"} }   "#, values: 8)
        let contents = try Safetensors.read(from: path)
        #expect(contents.tensors.keys.sorted() == ["a", "b"])
        #expect(contents.metadata == ["format": "pt :\"{"])
    }

    @Test("A file cut off anywhere is refused")
    func everyTruncation() throws {
        let whole = try bytes(of: sample)
        for count in 0..<whole.count {
            let path = try folder.write("cut", Array(whole[..<count]))
            #expect(userError { _ = try Safetensors.read(from: path) }?.kind == .badData, "cut off at \(count)")
        }
    }

    @Test("A damaged header is read or refused, and nothing worse")
    func everyDamage() throws {
        let whole = try bytes(of: sample)
        let headerEnd = whole.count - 40
        var random = RandomStream(seed: 3, purpose: .sampling)
        let telling = Array(#"{}[]":,\0919-.eEu"#.utf8)
        var refused = 0
        for _ in 0..<4000 {
            var damaged = whole
            for _ in 0...random.below(3) {
                let byte = random.below(2) == 0 ? telling[random.below(telling.count)] : UInt8(random.below(256))
                damaged[random.below(headerEnd)] = byte
            }
            let path = try folder.write("damaged", damaged)
            do {
                _ = try Safetensors.read(from: path)
            } catch let error as TinyGPTError {
                #expect(error.kind == .badData)
                refused += 1
            }
        }
        #expect(refused > 2000)
    }

    @Test("A header longer than the format allows, or than the file, is refused before it is read")
    func headerLength() throws {
        func problem(_ bytes: [UInt8]) throws -> String? {
            let path = try folder.write("length", bytes)
            return userError { _ = try Safetensors.read(from: path) }?.description
        }
        let endless = try problem([UInt8](repeating: 0xFF, count: 16))
        #expect(endless?.contains("at most 16777216 bytes, got a length of 18446744073709551615") == true)
        #expect(try problem([9, 0, 0, 0, 0, 0, 0, 0, 0x7B])?.contains("a header of 9 bytes, got 1") == true)
        #expect(try problem([1, 2, 3])?.contains("8 bytes of the header length, got 3") == true)
        #expect(try problem([0, 0, 0, 0, 0, 0, 0, 0])?.contains("begins with '{'") == true)
    }

    @Test("A name that occurs twice is refused wherever it stands")
    func duplicates() throws {
        let entry = #"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
        for header in [
            #"{"a":\#(entry),"a":\#(entry)}"#, #"{"a":\#(entry),"\u0061":\#(entry)}"#,
            #"{"__metadata__":{"k":"1","k":"2"},"a":\#(entry)}"#,
            #"{"__metadata__":{},"__metadata__":{},"a":\#(entry)}"#,
            #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        ] {
            #expect(try problem(header, values: 4)?.hasPrefix("a name occurs twice in its header") == true)
        }
    }

    @Test("Values that overlap, leave a gap or do not end with the file are refused with expected and got")
    func places() throws {
        func two(_ a: String, _ b: String) -> String {
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":\#(a)},"b":{"dtype":"F32","shape":[1],"data_offsets":\#(b)}}"#
        }
        #expect(
            try problem(two("[0,4]", "[8,12]"), values: 12) == "'b' leaves a gap before it: expected it at 4, got 8")
        #expect(
            try problem(two("[0,4]", "[2,6]"), values: 8)
                == "'b' overlaps the tensor before it: expected it at 4, got 2")
        #expect(
            try problem(two("[4,8]", "[8,12]"), values: 12) == "'a' leaves a gap before it: expected it at 0, got 4")
        #expect(
            try problem(two("[0,4]", "[4,8]"), values: 9)
                == "data follows the last tensor: expected 8 bytes of values, got 9")
        #expect(try problem(two("[0,4]", "[4,8]"), values: 7) == "it is cut off: expected 8 bytes of values, got 7")
        #expect(
            try problem(two("[0,8]", "[8,12]"), values: 12)
                == "'a' of shape [1]: expected 4 bytes, got offsets 0 to 8")
        #expect(try problem(two("[-4,0]", "[0,4]"), values: 4)?.contains("expected it at 0, got -4") == true)
    }

    @Test("Shapes that no memory could hold are refused")
    func impossibleShapes() throws {
        for shape in [
            "[4294967296,4294967296]", "[-1]", "[-1,-1]", "[9223372036854775807]", "[9223372036854775807,2,0]",
        ] {
            let header = #"{"a":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,4]}}"#
            #expect(try problem(header, values: 4)?.hasPrefix("'a' has the impossible shape") == true, "\(shape)")
        }
    }

    @Test("Types that are not 32-bit floats are refused by name")
    func otherTypes() throws {
        let header = #"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#
        #expect(try problem(header, values: 4) == "expected 'a' to be F32 (32-bit floats), got BF16")
    }

    static let malformed = [
        "{", "{}x", "[]", " {}", #"{"a":1}"#, #"{"a":{}}"#, #"{"__metadata__":{"k":1}}"#, #"{"__metadata__":null}"#,
        #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}"#,
        #"{"a":{"dtype":null,"shape":[1],"data_offsets":[0,4]}}"#,
    ]

    @Test("A header of another form is refused", arguments: malformed)
    func malformedHeader(header: String) throws {
        #expect(try problem(header, values: 4) != nil)
    }

    @Test("A header that is not UTF-8, or is UTF-16, is refused")
    func encoding() throws {
        let headers: [[UInt8]] = [
            Array(#"{"__metadata__":{"k":""#.utf8) + [0xFF] + Array(#""}}"#.utf8),
            Array("{}".utf8).flatMap { [$0, 0] },
        ]
        for header in headers {
            let path = try folder.write("encoding", [UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header)
            #expect(userError { _ = try Safetensors.read(from: path) }?.description.contains("UTF-8 JSON") == true)
        }
    }

    @Test("A missing file and one that is no file are told apart")
    func noFile() {
        #expect(userError { _ = try Safetensors.read(from: folder["none"]) }?.kind == .missingInput)
        #expect(userError { _ = try Safetensors.read(from: "/dev/null") }?.kind == .badData)
    }
}
