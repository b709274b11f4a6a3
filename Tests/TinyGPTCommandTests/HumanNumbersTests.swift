import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("Numbers for people")
struct HumanNumbersTests {
    @Test(
        "Time spans have two units at most",
        arguments: [
            (0, "0.0s"), (0.44, "0.4s"), (9.94, "9.9s"), (9.96, "10s"), (59.4, "59s"), (59.6, "1m 00s"),
            (65, "1m 05s"), (3599.7, "1h 00m"), (7380, "2h 03m"), (86399, "23h 59m"), (273_600, "3d 04h"),
            (.infinity, "?"), (.nan, "?"), (-1, "?"),
        ] as [(Double, String)])
    func durations(seconds: Double, expected: String) {
        #expect(HumanNumbers.duration(seconds: seconds) == expected)
    }

    @Test(
        "Counts are rounded to a tenth of their unit",
        arguments: [
            (0, "0"), (999, "999"), (1000, "1.0k"), (22_400, "22.4k"), (999_949, "999.9k"), (999_950, "1.0M"),
            (10_770_816, "10.8M"), (2_500_000_000, "2.5G"), (1_000_000_000_000, "1.0T"), (-22_400, "-22.4k"),
        ])
    func counts(count: Int, expected: String) {
        #expect(HumanNumbers.count(count) == expected)
    }

    @Test("One thing is no plural")
    func things() {
        #expect([0, 1, 2].map { HumanNumbers.count($0, of: "thread") } == ["0 threads", "1 thread", "2 threads"])
    }
}
