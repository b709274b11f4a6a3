extension TrainingRun {
    /// The length of the samples in `samples.txt`, in characters.
    static let sampleLength = 200

    /// A text after a line break, at the default temperature, as reports of a training show it. Where every line is a text of its
    /// own, each begins anew: the end of one is the end of what the model can see.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - vocabulary: Its characters.
    ///   - settings: Those of its training.
    ///   - number: The number of the first random stream, a step; further lines take those that are no step's.
    ///   - length: The length of the text, in characters.
    /// - Returns: The text.
    /// - Throws: ``TinyGPTError/modelDiverged`` if a logit is not finite.
    package static func sample(
        of model: GPT, _ vocabulary: Vocabulary, _ settings: TrainingSettings, number: Int = 0, length: Int
    ) throws -> String {
        let lineBreak = settings.lines ? vocabulary.startToken : nil
        var (text, number): ([Int32], Int) = ([], number)
        while text.count < length {
            let generator = Generator(
                model, prompt: [vocabulary.startToken], sampler: Sampler(temperature: Sampler.defaultTemperature),
                seed: settings.seed, numbers: number..<number + 1)
            repeat {
                text.append(try generator.next())
            } while text.count < length && text.last != lineBreak
            number += TrainingSettings.Limits.steps.upperBound + 1
        }
        return vocabulary.decode(text)
    }
}
