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

    @Test(
        "A linear schedule shorter than its warm-up and cooldown rises and falls without a jump, and ends at the minimum"
    )
    func short() {
        let schedule = LearningRateSchedule(peak: 1, minimum: 0, warmup: 8, shape: .linear, cooldown: 0.5)
        let rates = (0...10).map { schedule.rate(at: $0, of: 10) }
        let wanted = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.8, 0.6, 0.4, 0.2, 0]
        #expect(zip(rates, wanted).allSatisfy { abs($0 - $1) < 1e-12 })
    }
}
