/// Everything that the explorer page shows, as the JSON inside it: a model that the page runs, or a recording.
struct PageData: Encodable {
    /// What ``HeadSurvey`` has found of a head.
    struct HeadNote: Encodable {
        let layer: Int, head: Int
        /// By how much the loss rises without it, in nats per character, and the standard error of that.
        let importance: Double, error: Double
        /// What it does, where that is clear.
        let name: String?

        init(_ report: HeadReport) {
            (layer, head) = (report.layer, report.head)
            (importance, error) = (report.importance.averaged.value, report.importance.averaged.standardError)
            name = report.name
        }
    }

    /// Another model beside that of the page.
    struct Comparison: Encodable {
        let facts: PageFacts
        let model: PageModel.Description
        let weights: String
    }

    /// The model at a validation of its training.
    struct Moment: Encodable {
        let step: Int
        let loss: Double?
        /// Its weights in base64; nil for the last one, whose weights are those of the page.
        let weights: String?
        let precision: ExplorerPage.Precision?
    }

    /// A text that the model has written.
    struct Replay: Encodable {
        /// The first character that the model wrote itself.
        let written: Int
        /// How it chose the characters.
        let sampler: Sampler
    }

    let facts: PageFacts
    /// What the reader has to know about the text, such as that its beginning was left out.
    var notice: String?
    /// The layer and the head that are shown first; the first ones if nil.
    var layer: Int?, head: Int?
    var notes: [HeadNote]?

    var model: PageModel.Description?
    /// Its weights in base64.
    var weights: String?
    /// The text that is in the box at first.
    var prompt: String?
    var replay: Replay?
    var compare: Comparison?
    /// The model through its training.
    var history: [Moment]?
    /// How many validations there were of which the page could have shown something.
    var validations: Int?

    var recording: PageRecording?
}
