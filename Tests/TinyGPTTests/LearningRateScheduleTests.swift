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
}
