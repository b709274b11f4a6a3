import EmbeddedTexts

extension EmbeddedText {
    /// Its bytes.
    var utf8: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: count) }
}
