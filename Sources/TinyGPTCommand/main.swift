import Foundation

exit(CommandLineTool.tinygpt.run(Array(CommandLine.arguments.dropFirst())).rawValue)
