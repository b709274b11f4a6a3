import Testing

@testable import TinyGPT

@Suite("A run in plain words")
struct RunVerdictTests {
    private static func course(
        _ losses: [Double], _ state: RunPage.State = .finished, training: [Double]? = nil, steps: Int? = nil,
        yardsticks: [Double] = [3.3, 2.5, 2.0, 1.8, 1.7, 1.65]
    ) -> RunVerdict {
        func points(_ losses: [Double]) -> [TrainingCourse.Validation] {
            losses.enumerated().map { .init(step: 100 * $0, loss: $1) }
        }
        let step = 100 * (losses.count - 1)
        return TrainingCourse(
            state: state, step: step, steps: steps ?? step, validations: points(losses),
            training: points(training ?? losses), yardsticks: yardsticks, vocabulary: 65
        ).verdict
    }

    @Test("The title says how it goes or went")
    func titles() {
        let falling = [4.2, 2.5, 2.0, 1.9, 1.8]
        #expect(Self.course(falling).title == "It went well")
        #expect(Self.course(falling, .running, steps: 900).title == "It is going well: the loss is falling")
        #expect(Self.course(falling, .stopped, steps: 900).title == "It was going well when it ended")
        let level = [4.2, 1.9, 1.805, 1.803, 1.8]
        #expect(Self.course(level, .running, steps: 900).title == "The loss has almost stopped falling")
        #expect(Self.course([4.2], .running, steps: 900).title == "The training has just begun")
        #expect(Self.course([4.2]).title == "The model is untrained")
        #expect(Self.course([4.2, 4.2, 4.3]).title == "The model learns nothing")
        #expect(Self.course([4.2, 4.2], .running, steps: 9000).title == "It is too early to tell")
        #expect(Self.course([4.2, 3.9, 3.6]).title == "It learned only a little")
        #expect(Self.course([4.2, 3.0, 9.0], .diverged(step: 250)).title == "The training diverged at step 250")
        #expect(Self.course([], .running).title == "Nothing has been measured yet")
    }

    @Test("A validation loss that rises while the training loss falls is overfitting, from the step of the best")
    func overfitting() {
        let losses = [4.2, 2.0, 1.7, 1.75, 1.9]
        let verdict = Self.course(losses, training: [4.2, 1.9, 1.5, 1.2, 0.9])
        #expect(verdict.title == "It began to overfit at step 200" && verdict.tone == .mixed)
        #expect(verdict.explanation[0].contains("from 1.70 to 1.90"))
        #expect(verdict.explanation[0].contains("from 1.50 to 0.90"))
        #expect(Self.course(losses, training: losses).title == "The loss has risen since step 200")
        #expect(Self.course(losses, training: []).title == "The loss has risen since step 200")
        // A rise this small is chance.
        #expect(Self.course([4.2, 2.0, 1.7, 1.705], training: [4.2, 1.9, 1.5, 1.2]).title == "It went well")
    }

    @Test("More steps are advised only where the training text is not known much better than any other")
    func advice() {
        let losses = [4.2, 2.0, 1.7, 1.6, 1.55]
        #expect(Self.course(losses).explanation[0].hasSuffix("fell by 0.05: more steps would help."))
        let gap = Self.course(losses, training: [4.2, 1.9, 1.5, 1.3, 1.2])
        #expect(gap.title == "It went well")
        #expect(gap.explanation[0].hasSuffix("so more text or more dropout would help more than more steps."))
        #expect(gap.explanation[0].contains("fell by 0.05; on its own training text it is 1.20 already"))
    }

    @Test("The loss is placed between the yardsticks")
    func yardsticks() {
        func standing(_ loss: Double, _ yardsticks: [Double] = [3.3, 2.5, 2, 1.8, 1.7, 1.65]) -> String {
            Self.course([4.2, loss + 0.1, loss], yardsticks: yardsticks).explanation.last ?? ""
        }
        #expect(standing(3.4).hasSuffix("no better than always guessing by how frequent a character is (3.30)."))
        let table = "a table of what comes after"
        #expect(standing(3.0).hasSuffix("is (3.30), but not yet than \(table) each character (2.50)."))
        #expect(
            standing(1.9).hasSuffix(
                "than \(table) every 2 characters (2.00), but not yet than \(table) every 3 characters (1.80)."))
        #expect(standing(1.5).hasSuffix("\(table) every 5 characters (1.65), and than all smaller ones."))
        #expect(standing(1.5, []).hasSuffix("as if between 4.5 equally likely ones, of 65."))
    }

    @Test("Without a validation the training loss alone is told, and what it cannot tell")
    func withoutValidation() {
        var course = TrainingCourse(
            state: .finished, step: 200, steps: 200, validations: [],
            training: [.init(step: 1, loss: 4.2), .init(step: 200, loss: 1.5)], yardsticks: [], vocabulary: 65)
        #expect(course.verdict.title == "The loss fell" && course.verdict.explanation[0].contains("from 4.20 to 1.50"))
        course.training[1] = .init(step: 200, loss: 4.3)
        #expect(course.verdict.tone == .bad)
    }
}
