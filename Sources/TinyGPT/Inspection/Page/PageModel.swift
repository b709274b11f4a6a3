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
            vocabulary: vocabulary.strings, precision: isHalf ? .f16 : .f32,
            parameters: parameters)
        weights =
            isHalf
            ? values.map { HalfFloat.bits($0).littleEndian }.withUnsafeBytes { Data($0).base64EncodedString() }
            : QuantizedVectors.base64(values)
    }
}
