import Foundation
import Testing

@testable import TinyGPT

@Suite("The settings of a training")
struct TrainingSettingsTests {
    @Test("A batch cannot be divided into more shares than it has windows")
    func shares() {
        #expect(TrainingSettings(batch: 4, shares: 4, steps: 1).invalidSetting == nil)
        #expect(TrainingSettings(batch: 4, shares: 5, steps: 1).invalidSetting?.contains("4 windows") == true)
    }

    @Test("Settings stored before there was a choice are read as what was done then: cosine, random batches, AdamW")
    func older() throws {
        let settings = TrainingSettings(
            batch: 2, batches: .random, steps: 10,
            schedule: .init(peak: 1e-3, minimum: 1e-4, warmup: 5, shape: .cosine), optimizerKind: .adamw)
        var stored = try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(settings)) as? [String: Any])
        var schedule = try #require(stored["schedule"] as? [String: Any])
        for name in ["shape", "cooldown"] { #expect(schedule.removeValue(forKey: name) != nil, "\(name)") }
        stored["schedule"] = schedule
        for name in ["accumulation", "shares", "batches", "optimizerKind", "lines"] {
            #expect(stored.removeValue(forKey: name) != nil, "\(name)")
        }
        let data = try JSONSerialization.data(withJSONObject: stored)
        #expect(try JSONDecoder().decode(TrainingSettings.self, from: data) == settings)
    }

    @Test("Every number in stored settings has a range, of which -1 is not part")
    func ranges() throws {
        let settings = TrainingSettings(batch: 2, steps: 10, patience: 3)
        #expect(settings.invalidSetting == nil)
        let stored = try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(settings)) as? [String: Any])
        var count = 0
        func check(_ changed: [String: Any], _ name: String) throws {
            count += 1
            let data = try JSONSerialization.data(withJSONObject: changed)
            #expect(try JSONDecoder().decode(TrainingSettings.self, from: data).invalidSetting != nil, "\(name)")
        }
        // A negative seed cannot be read at all, nor a number for what is true or false.
        for (name, value) in stored where name != "seed" && name != "lines" {
            if value is Double {
                try check(stored.merging([name: -1]) { $1 }, name)
            } else if let part = value as? [String: Any] {
                for (inner, value) in part where value is Double {
                    try check(stored.merging([name: part.merging([inner: -1]) { $1 }]) { $1 }, inner)
                }
            }
        }
        #expect(count == 16)
    }
}
