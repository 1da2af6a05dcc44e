import SystemPackage

/// Everything that is needed to start one process.
struct LaunchPlan: Sendable {
    /// The name of the process, unique in its directory; files are named by it.
    var name: String
    var executable: FilePath
    var arguments: [String] = []
    /// The complete environment: nothing is inherited.
    var environment: [String: String]
    var workingDirectory: FilePath
    /// Where standard output and error go; appended to.
    var log: FilePath
    /// Where the launcher writes the exit code.
    var exitFile: FilePath
    /// The ports that must be free for the process to start.
    var ports: [Int] = []
}
