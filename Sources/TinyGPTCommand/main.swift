import Foundation

exit(CommandLineTool(commands: CommandList.all).run(Array(CommandLine.arguments.dropFirst())).rawValue)
