import Foundation
import Testing

@testable import TinyGPT

@Suite("The learning-rate schedule")
struct LearningRateScheduleTests {
    @Test("The learning rate rises linearly and falls along half a cosine")
    func schedule() {
        let schedule = LearningRateSchedule(peak: 1, minimum: 0.1, warmup: 10)
        #expect(schedule.rate(at: 0, of: 110) == 0.1)
        #expect(schedule.rate(at: 9, of: 110) == 1)
        #expect(schedule.rate(at: 10, of: 110) == 1)
        #expect(abs(schedule.rate(at: 60, of: 110) - 0.55) < 1e-12)
        #expect(abs(schedule.rate(at: 110, of: 110) - 0.1) < 1e-12)
    }

    @Test("A linear schedule is constant and then falls in a straight line over the cooldown")
    func linear() {
        let schedule = LearningRateSchedule(peak: 1, minimum: 0.2, warmup: 10, shape: .linear, cooldown: 0.5)
        #expect(schedule.rate(at: 4, of: 100) == 0.5)
        #expect([10, 30, 50].map { schedule.rate(at: $0, of: 100) } == [1, 1, 1])
        #expect(abs(schedule.rate(at: 75, of: 100) - 0.6) < 1e-12)
        #expect(abs(schedule.rate(at: 99, of: 100) - 0.216) < 1e-12)
        #expect(schedule.rate(at: 100, of: 100) == 0.2)
        #expect(schedule.rate(at: 300, of: 100) == 0.2)
    }
}

@Suite("The settings of a training")
struct TrainingSettingsTests {
    @Test("Every number in stored settings has a range, of which -1 is not part")
    func ranges() throws {
        let settings = TrainingSettings(batch: 2, steps: 10)
        #expect(settings.invalidSetting == nil)
        let stored = try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(settings)) as? [String: Any])
        var count = 0
        func check(_ changed: [String: Any], _ name: String) throws {
            count += 1
            let data = try JSONSerialization.data(withJSONObject: changed)
            #expect(try JSONDecoder().decode(TrainingSettings.self, from: data).invalidSetting != nil, "\(name)")
        }
        // A negative seed cannot be read at all.
        for (name, value) in stored where name != "seed" {
            if value is Double {
                try check(stored.merging([name: -1]) { $1 }, name)
            } else if let part = value as? [String: Any] {
                for (inner, value) in part where value is Double {
                    try check(stored.merging([name: part.merging([inner: -1]) { $1 }]) { $1 }, inner)
                }
            }
        }
        #expect(count == 14)
    }
}
