import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("Mistakes on the command line")
struct UsageMistakeTests {
    @Test(
        "A number that is none or out of range is told with what was expected",
        arguments: ["abc", "", "-5", "1.5", "1e3", "0x10", " 5", "1000000001", "99999999999999999999", "nan"])
    func wholeNumbers(text: String) throws {
        #expect(
            try mistake("train", "--steps", text)
                == "--steps expects a whole number from 0 to 1000000000, got '\(text)'")
    }

    @Test(
        "A number is finite and inside its bounds",
        arguments: ["nan", "inf", "-inf", "infinity", "1e999", "0", "-1", "1e-60", "0x1p-2", "x", "", "1,5"])
    func numbers(text: String) throws {
        #expect(
            try mistake("train", "--learning-rate=\(text)")
                == "--learning-rate expects a finite number above 0, got '\(text)'")
    }

    @Test("A range without an upper end is named by its lower one, and layers and heads are numbered without one")
    func withoutUpperEnd() throws {
        #expect(try mistake("train", "--seed", "-1") == "--seed expects a whole number of at least 0, got '-1'")
        #expect(try mistake("attention", "--prompt=a", "--layer", "64", "--head", "64") == nil)
    }

    @Test("Bounds that are not reached are named so")
    func openBounds() throws {
        #expect(try mistake("train", "--dropout=1") == "--dropout expects a number of at least 0 and below 1, got '1'")
        #expect(
            try mistake("train", "--dropout=0.999999999")
                == "--dropout expects a number of at least 0 and below 1, got '0.999999999'")
        #expect(try mistake("sample", "--top-p=0") == "--top-p expects a number above 0 and at most 1, got '0'")
        #expect(
            try mistake("train", "--val-fraction=1")
                == "--val-fraction expects a number of at least 0 and below 1, got '1'")
    }

    @Test("The option is called as it was typed")
    func typedName() throws {
        #expect(
            try mistake("train", "--max_iters", "x")
                == "--max_iters expects a whole number from 0 to 1000000000, got 'x'"
        )
    }

    @Test("A word that is no choice is told with the choices")
    func choices() throws {
        #expect(try mistake("train", "--preset", "big") == "--preset expects cpu, baby, fast or best, got 'big'")
        #expect(try mistake("sample", "--weights", "q4") == "--weights expects f32, bf16 or q8, got 'q4'")
        #expect(try mistake("eval", "--split=test") == "--split expects train, val or all, got 'test'")
    }

    @Test("An unknown option brings the nearest one to mind")
    func unknownOptions() throws {
        #expect(try mistake("train", "--step", "5") == "unknown option '--step'; did you mean '--steps'?")
        #expect(try mistake("train", "--step=5") == "unknown option '--step'; did you mean '--steps'?")
        #expect(try mistake("train", "--max-iter") == "unknown option '--max-iter'; did you mean '--max-iters'?")
        #expect(try mistake("train", "-steps", "5") == "unknown option '-steps'; did you mean '--steps'?")
        #expect(try mistake("train", "--frobnicate") == "unknown option '--frobnicate'")
        #expect(try mistake("train", "-x") == "unknown option '-x'")
        #expect(try mistake("--stesp", "train") == "unknown option '--stesp'; did you mean '--steps'?")
    }

    @Test("Names are not abbreviated")
    func noAbbreviations() throws {
        #expect(try mistake("train", "--learning", "1") == "unknown option '--learning'")
    }

    @Test("A missing value is told with what was expected")
    func missingValues() throws {
        #expect(
            try mistake("train", "--steps")
                == "--steps expects a whole number from 0 to 1000000000, but nothing follows it")
        #expect(
            try mistake("train", "--steps", "--tied")
                == "--steps expects a whole number from 0 to 1000000000, but '--tied' follows it")
        #expect(
            try mistake("sample", "--prompt", "--quiet")
                == "--prompt expects text, but '--quiet' follows it; if that is the text, write --prompt='--quiet'")
    }

    @Test("A flag takes no value")
    func flagWithValue() throws {
        #expect(try mistake("train", "--tied=yes") == "--tied takes no value, got 'yes'")
    }

    @Test("An option given twice is told, also under another name or as a letter")
    func repeatedOptions() throws {
        #expect(try mistake("train", "--steps=1", "--steps=1") == "option '--steps' was given twice")
        #expect(try mistake("train", "--steps=1", "--max-iters=2") == "option '--steps' was given twice")
        #expect(try mistake("train", "-q", "--quiet") == "option '--quiet' was given twice")
    }

    @Test("A superfluous argument is told")
    func superfluousArguments() throws {
        #expect(try mistake("sample", "a", "b") == "unexpected argument 'b'; the command takes only RUN")
        #expect(try mistake("runs", "a") == "unexpected argument 'a'; the command takes none")
        #expect(try mistake("eval", "a", "b", "c") == nil)
    }

    @Test("Options that exclude each other and one that is missing are told")
    func together() throws {
        #expect(
            try mistake("sample", "--prompt=a", "--prompt-file=b")
                == "--prompt and --prompt-file cannot be used together")
        #expect(try mistake("export", "a", "b") == "--to huggingface|gguf|pytorch|nanogpt is missing")
    }

    @Test("An argument cannot break the message or the terminal")
    func controlCharacters() throws {
        #expect(
            try mistake("train", "--preset", "a\n\u{1B}[2J")
                == #"--preset expects cpu, baby, fast or best, got 'a\n\u{1B}[2J'"#)
    }
}
