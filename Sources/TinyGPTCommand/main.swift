import Foundation

// A parent may have closed a standard stream (`2>&-`, daemons). The first file opened would take its number, and what is written
// to the stream would end up in the file.
for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
    // Where there is no such device, the root folder takes the number: it can be neither read nor written.
    if open("/dev/null", O_RDWR) < 0 { _ = open("/", O_RDONLY) }
}

exit(CommandLineTool.tinygpt.run(Array(CommandLine.arguments.dropFirst())).rawValue)
