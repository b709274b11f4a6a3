import Foundation

/// Writes a model as one file that llama.cpp runs, and everything built on it.
public enum GGUFExport {
    /// How the matrices of the model are stored; the embedding of `q8_0`, norms, biases and positions are floats.
    public enum WeightType: String, CaseIterable, Sendable {
        /// 32-bit floats: the model to the bit.
        case f32
        /// Half precision.
        case f16
        /// The upper half of a float.
        case bf16
        /// 8 bits and a scale for every 32 of a row; half precision where a row is no multiple of 32.
        case q8_0

        var tensorType: GGUFTensorType {
            switch self {
            case .f32: .f32
            case .f16: .f16
            case .bf16: .bf16
            case .q8_0: .q8_0
            }
        }

        /// What `general.file_type` calls a file that mostly has this type.
        var fileType: UInt32 {
            switch self {
            case .f32: 0
            case .f16: 1
            case .bf16: 32
            case .q8_0: 7
            }
        }
    }

    /// Writes a model as a file, whole or not at all.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - checkpoint: Its vocabulary; weights in it are not looked at.
    ///   - path: The file; it must not be there, unless it is a device or a pipe.
    ///   - type: How the matrices are stored.
    /// - Throws: ``TinyGPTError/tablesCannotBeExported``, ``TinyGPTError/modelDiverged`` if logits are not finite,
    ///   ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public static func write(
        _ model: GPT, of checkpoint: Checkpoint, to path: String, type: WeightType = .f32
    ) throws {
        guard model.configuration.tables == .none else { throw TinyGPTError.tablesCannotBeExported }
        guard FileStatus.type(at: path) != S_IFREG else {
            throw TinyGPTError.cannotCreate(path, reason: "it exists, and existing files are not overwritten")
        }
        let (configuration, vocabulary) = (model.configuration, checkpoint.vocabulary)
        let format = GGUFFormat.of(configuration.architecture)
        let (leadBytes, unknown) = (GGUFVocabulary.leadBytes(vocabulary), GGUFVocabulary.unknownToken(vocabulary))
        var file = NeverWrittenTokens.Rewritten(tensors: try format.layout.tensors(of: model))
        var width = configuration.width
        if !leadBytes.isEmpty {
            let tokens = NeverWrittenTokens(count: leadBytes.count, unknown: Int(unknown), model: model)
            file = tokens.rewritten(file.tensors, keepsHead: type == .f32)
            width = NeverWrittenTokens.width(of: configuration)
        }

        var values: [(key: String, value: GGUFValue)] = [
            ("general.architecture", .string(format.name)), ("general.name", .string("TinyGPT")),
            ("general.file_type", .unsigned(type.fileType)),
            ("general.alignment", .unsigned(UInt32(GGUFFile.alignment))),
        ]
        values += format.sizes(configuration, width: width)
        if type == .q8_0 { values.append(("general.quantization_version", .unsigned(2))) }
        values += GGUFVocabulary.values(vocabulary, leadBytes: leadBytes, unknown: unknown)
        values += [
            (GGUFFormat.OwnKeys.width, .unsigned(UInt32(configuration.width))),
            (GGUFFormat.OwnKeys.dropout, .float(configuration.dropout)),
            (GGUFFormat.OwnKeys.tied, .boolean(configuration.tied)),
        ]
        values += file.originals.map { (GGUFFormat.OwnKeys.original + $0.name, .floats($0.tensor.values())) }
        try GGUFFile.write(
            values, file.tensors.map { .init(name: $0, type: Self.type($0, $1.shape, type), tensor: $1) }, to: path)
    }

    /// How a tensor is stored: vectors and positions as floats.
    private static func type(_ name: String, _ shape: [Int], _ type: WeightType) -> GGUFTensorType {
        guard shape.count > 1, !name.hasPrefix("position_embd") else { return .f32 }
        // The embedding takes little room, but with 8 bits it makes half of the error.
        if type == .q8_0, name.hasPrefix("token_embd") { return .f32 }
        return type.tensorType.fits(rowOf: shape[1]) ? type.tensorType : .f16
    }
}
