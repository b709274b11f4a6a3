import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("Parsing arguments")
struct ArgumentParserTests {
    @Test("A value stands behind its option or behind an equals sign")
    func valueForms() throws {
        let parsed = try parse("train", "--steps", "5", "--learning-rate=0.5", "--preset=baby")
        #expect(parsed.integer("steps") == 5)
        #expect(parsed.number("learning-rate") == 0.5)
        #expect(parsed.text("preset") == "baby")
    }

    @Test("Only the first equals sign separates, and a joined value may be anything")
    func valueWithEqualsSign() throws {
        #expect(try parse("sample", "--prompt=a=b=c").text("prompt") == "a=b=c")
        #expect(try parse("sample", "--prompt=").text("prompt") == "")
        #expect(try parse("sample", "--prompt=--help").text("prompt") == "--help")
        #expect(try parse("sample", "--prompt=\u{301}e").text("prompt") == "\u{301}e")
    }

    @Test("Options and other arguments mix in any order")
    func anyOrder() throws {
        let parsed = try parse("train", "a.txt", "--tied", "b.txt", "--steps", "5", "c.txt")
        #expect(parsed.positionals == ["a.txt", "b.txt", "c.txt"])
        #expect(parsed.flag("tied"))
        #expect(!parsed.flag("bias"))
    }

    @Test("Two dashes end the options")
    func endOfOptions() throws {
        #expect(try parse("train", "--tied", "--", "--steps", "--", "-q").positionals == ["--steps", "--", "-q"])
        #expect(try parse("train", "--", "--help").positionals == ["--help"])
    }

    @Test("A dash alone is a value or an argument")
    func dash() throws {
        #expect(try parse("sample", "--prompt-file", "-").text("prompt-file") == "-")
        #expect(try parse("train", "-").positionals == ["-"])
    }

    @Test("Options may stand in front of the command")
    func leadingOptions() throws {
        let parsed = try parse("--quiet", "--steps", "5", "train", "a.txt", "--tied")
        #expect(parsed.declaration.name == "train")
        #expect(parsed.integer("steps") == 5)
        #expect(parsed.flag("quiet") && parsed.flag("tied"))
        #expect(parsed.positionals == ["a.txt"])
        #expect(parsed.commandLine == ["--quiet", "--steps", "5", "train", "a.txt", "--tied"])
    }

    @Test("Letters join, and the last may hold its value")
    func shortOptions() throws {
        let parsed = try parse("sample", "-qn200", "-p", "To be")
        #expect(parsed.flag("quiet"))
        #expect(parsed.integer("length") == 200)
        #expect(parsed.text("prompt") == "To be")
    }

    @Test(
        "The names of nanoGPT work, with dashes or underscores",
        arguments: [
            ("max_iters", "steps"), ("n_embd", "width"), ("n_layer", "layers"), ("n_head", "heads"),
            ("block_size", "context"), ("batch_size", "batch"), ("eval_interval", "eval-every"),
        ])
    func aliases(alias: String, name: String) throws {
        #expect(try parse("train", "--\(alias)=7").integer(name) == 7)
        #expect(try parse("train", "--\(alias.replacing("_", with: "-"))", "7").integer(name) == 7)
    }

    @Test("The other aliases of nanoGPT work, too")
    func moreAliases() throws {
        #expect(try parse("train", "--grad-clip=1").number("clip") == 1)
        #expect(try parse("train", "--learning_rate=1e-3").number("learning-rate") == 0.001)
        let parsed = try parse("sample", "--num_samples=2", "--max_new_tokens=9")
        #expect(parsed.integer("count") == 2)
        #expect(parsed.integer("length") == 9)
    }

    @Test("An underscore in a value stays")
    func underscoreInValue() throws {
        #expect(try parse("train", "--run=my_run").text("run") == "my_run")
    }

    @Test("An optional value is the next argument unless that looks like an option")
    func optionalValue() throws {
        #expect(try parse("train", "--resume", "a").text("resume") == "a")
        #expect(try parse("train", "--resume=a").text("resume") == "a")
        for arguments in [["--resume"], ["--resume", "-q"]] {
            let parsed = try ArgumentParser.parse(arguments[...], for: TrainCommand().declaration)
            #expect(parsed.text("resume") == nil)
            #expect(parsed.isGiven(TrainCommand.resume))
        }
        let leading = try parse("--resume", "train", "a.txt")
        #expect(leading.isGiven(TrainCommand.resume) && leading.text("resume") == nil)
        #expect(leading.positionals == ["a.txt"])
        #expect(try !parse("train").isGiven(TrainCommand.resume))
    }

    @Test("Whole numbers reach to the ends of their range")
    func rangeEnds() throws {
        #expect(try parse("train", "--seed", "9223372036854775807").integer("seed") == Int.max)
        #expect(try parse("train", "--steps", "0").integer("steps") == 0)
        #expect(try parse("sample", "--top-p", "1").number("top-p") == 1)
        #expect(try parse("sample", "--temperature", "0").number("temperature") == 0)
    }

    @Test("A text that begins with a dash and a space or a digit is a value")
    func textWithDash() throws {
        #expect(try parse("sample", "--prompt", "-5").text("prompt") == "-5")
        #expect(
            try mistake("sample", "--temperature", "-.5")
                == "--temperature expects a finite number of at least 0, got '-.5'")
    }
}
