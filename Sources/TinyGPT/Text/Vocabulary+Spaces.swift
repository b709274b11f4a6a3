extension Vocabulary {
    /// The tokens of space and newline, as far as they are known.
    public var spaces: Set<Int32> { Set([" ", "\n"].compactMap { index(of: $0) }) }
}
