import Foundation
import Testing
import TinyGPT

@testable import Console
@testable import TinyGPTCommand

@Suite("The settings that options change")
struct TrainOptionsTests {
    /// Copies of a value, each with one of the numbers, flags or words changed that it is stored as, by the path of that.
    private static func variations<Value: Codable>(of value: Value) throws -> [(path: [String], value: Value)] {
        let words = ["adamw", "muon", "random", "shuffled", "cosine", "linear", "classic", "modern", "none", "bigram"]
        func changes(_ stored: Any) -> [(path: [String], stored: Any)] {
            switch stored {
            case let object as [String: Any]:
                object.flatMap { key, member in
                    changes(member).map { change in
                        ([key] + change.path, object.merging([key: change.stored]) { $1 })
                    }
                }
            case is String: words.filter { $0 != stored as? String }.map { ([], $0) }
            default:
                ((stored as? Double).map { [([], $0 + 1), ([], $0 / 2)] } ?? [])
                    + ((stored as? Bool).map { [([], !$0)] } ?? [])
            }
        }
        let stored = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
        // A word that is of another setting, or a fraction of a count, cannot be read.
        return changes(stored).compactMap { path, stored in
            guard let data = try? JSONSerialization.data(withJSONObject: stored),
                let value = try? JSONDecoder().decode(Value.self, from: data)
            else { return nil }
            return (path, value)
        }
    }

    @Test("Every stored setting of a training but AdamW's epsilon is that of one option")
    func trainingSettings() throws {
        let start = TrainingSettings(
            batch: 2, steps: 10, schedule: .init(peak: 1e-3, minimum: 1e-4, warmup: 4, shape: .linear, cooldown: 0.5),
            patience: 3)
        let variations = try Self.variations(of: start)
        let paths = Set(variations.map { $0.path.joined(separator: ".") })
        #expect(paths.count == TrainCommand.trainingSettings.count + 1)
        for (path, changed) in variations where changed != start {
            let names = TrainCommand.trainingSettings.filter { $0.text(changed) != $0.text(start) }.map(\.name)
            #expect(names.count == (path == ["optimizer", "epsilon"] ? 0 : 1), "\(path): \(names)")
        }
    }

    @Test("Every stored size and trait of a model but the vocabulary is that of one option")
    func modelSettings() throws {
        let start = GPT.Configuration(
            vocabulary: 7, layers: 2, heads: 2, width: 8, context: 4, dropout: 0.5, architecture: .modern,
            tables: .trigram)
        let variations = try Self.variations(of: start)
        let paths = Set(variations.map { $0.path.joined(separator: ".") })
        #expect(paths.count == TrainCommand.modelSettings.count + 1)
        for (path, changed) in variations where changed != start {
            let names = TrainCommand.modelSettings.filter { $0.text(changed) != $0.text(start) }.map(\.name)
            #expect(names.count == (path == ["vocabulary"] ? 0 : 1), "\(path): \(names)")
        }
    }

    @Test("A minimum learning rate above the peak given is lowered to the peak, unless it is given too")
    func minimum() throws {
        let start = TrainingSettings(batch: 2, steps: 10)
        #expect(start.schedule.minimum == 1e-4)
        let settings = try TrainCommand.settings(start, parse("train", "--learning-rate", "1e-5"))
        #expect(settings.schedule.peak == 1e-5 && settings.schedule.minimum == 1e-5)
        #expect(throws: CommandError.self) {
            try TrainCommand.settings(start, parse("train", "--learning-rate", "1e-5", "--min-learning-rate", "1e-4"))
        }
    }
}
