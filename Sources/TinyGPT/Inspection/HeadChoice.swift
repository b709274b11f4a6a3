/// A selection of heads: all, those of a layer, one of each layer, or a single one.
public struct HeadChoice: Equatable, Sendable {
    /// The only layer, nil for all.
    public let layer: Int?
    /// The only head of each layer, nil for all.
    public let head: Int?
    /// The layers.
    public let layers: [Int]
    /// The heads of each.
    public let heads: [Int]

    /// Selects heads of a model.
    ///
    /// - Parameters:
    ///   - layer: The only layer, counted from 0; nil for all.
    ///   - head: The only head of each layer, counted from 0; nil for all.
    ///   - configuration: The sizes of the model.
    /// - Throws: ``TinyGPTError/noSuchPart(part:number:count:)``.
    public init(layer: Int?, head: Int?, of configuration: GPT.Configuration) throws {
        self.layer = layer
        self.head = head
        layers = try Self.numbers("layer", layer, of: configuration.layers)
        heads = try Self.numbers("head", head, of: configuration.heads)
    }

    private static func numbers(_ part: String, _ number: Int?, of count: Int) throws -> [Int] {
        guard let number else { return Array(0..<count) }
        guard (0..<count).contains(number) else {
            throw TinyGPTError.noSuchPart(part: part, number: number, count: count)
        }
        return [number]
    }
}
