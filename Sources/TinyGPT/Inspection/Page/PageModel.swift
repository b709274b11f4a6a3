import Foundation
import Layers

/// The model inside a page, which runs it: its sizes, and its weights in base64.
struct PageModel {
    /// What the page has to know to read the weights.
    struct Description: Encodable {
        let architecture: String
        let layers: Int, heads: Int, width: Int, context: Int
        /// The characters in the order of their tokens.
        let vocabulary: [String]
        let precision: ExplorerPage.Precision
        /// In the order in which the values follow each other.
        let parameters: [Parameter]
    }

    /// A parameter as the page reads it: of a matrix between two activations the weights of each output are beside each other,
    /// (outputs, inputs), since the page computes an output at a time.
    struct Parameter: Encodable {
        let name: String
        let shape: [Int]
    }

    let description: Description
    /// Little-endian, one after another.
    let weights: String

    /// Copies a model.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - vocabulary: Its vocabulary.
    ///   - precision: Bits of each weight; 32 in any case if a weight is too large for 16.
    init(_ model: GPT, vocabulary: Vocabulary, precision: ExplorerPage.Precision) {
        var (parameters, values): ([Parameter], [Float]) = ([], [])
        values.reserveCapacity(model.parameterCount)
        for parameter in model.parameters {
            let (shape, stored) = (parameter.tensor.shape.array, parameter.tensor.values)
            guard parameter.role.isHidden else {
                parameters.append(Parameter(name: parameter.name, shape: shape))
                values += stored
                continue
            }
            let (inputs, outputs) = (shape[0], shape[1])
            parameters.append(Parameter(name: parameter.name, shape: [outputs, inputs]))
            for output in 0..<outputs {
                for input in 0..<inputs { values.append(stored[input * outputs + output]) }
            }
        }
        let isHalf = precision == .f16 && values.allSatisfy { abs($0) < HalfFloat.limit }
        let configuration = model.configuration
        description = Description(
            architecture: configuration.architecture.rawValue, layers: configuration.layers,
            heads: configuration.heads, width: configuration.width, context: configuration.context,
            vocabulary: vocabulary.characters.map { String(Character($0)) }, precision: isHalf ? .f16 : .f32,
            parameters: parameters)
        weights =
            isHalf
            ? values.map { HalfFloat.bits($0).littleEndian }.withUnsafeBytes { Data($0).base64EncodedString() }
            : QuantizedVectors.base64(values)
    }
}

/// Numbers of 16 bits with 11 significant ones (IEEE 754 binary16).
///
/// Swift's own `Float16` is not there on every Mac.
enum HalfFloat {
    /// From here on a number would be infinite.
    static let limit: Float = 65520

    /// The nearest number's bits: a sign, 5 bits of exponent, 10 of fraction; of two as near, that which ends in 0.
    static func bits(_ value: Float) -> UInt16 {
        let sign = UInt16(value.bitPattern >> 16) & 0x8000
        let magnitude = abs(value)
        if magnitude >= limit { return sign | 0x7c00 }
        // Below 2^-14 there are only the multiples of 2^-24.
        if magnitude < 0x1p-14 { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
        let rebiased = magnitude.bitPattern - (127 - 15) << 23
        return sign | UInt16((rebiased + 0xfff + (rebiased >> 13 & 1)) >> 13)
    }
}
