import ArgumentParser
import Chaos
import Foundation
import SystemPackage

/// `studio dev chaos`.
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos", abstract: "Breaks everything, by chance, and checks that nothing was lost or done twice.",
        discussion: """
            Starts services and programs of its own, works them, kills, stops, starves and cuts them off for as long \
            as it is told, heals all of it, and compares what is there with what its clients were promised. The same \
            seed makes the same faults. Ends with 1 when a promise was broken.
            """)

    private static let secondsMax = 86_400

    @Option(help: "How long load and faults last; healing and checking come on top.")
    var seconds = 120

    @Option(help: "Which faults come when follows from it (default: by chance).")
    var seed: UInt64?

    @Option(help: "Seconds from one fault to the next, on average.")
    var pause = ChaosConfiguration.pauseDefault

    @Option(help: "Only these kinds of faults, a comma list such as worker.kill,database.kill.")
    var only: String?

    @Option(help: "Where to keep services, logs and the history (default: a temporary directory).")
    var dir: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (ChaosConfiguration.secondsMin...Self.secondsMax).contains(seconds) else {
            throw ValidationError("--seconds must be in \(ChaosConfiguration.secondsMin)...\(Self.secondsMax)")
        }
        guard ChaosConfiguration.pauseRange.contains(pause) else {
            throw ValidationError("--pause must be in \(ChaosConfiguration.pauseRange)")
        }
        _ = try kinds()
    }

    func run() async throws {
        let directory = try directory()
        let configuration = ChaosConfiguration(
            seconds: seconds, seed: seed ?? .random(in: 1...1_000_000), directory: directory, kinds: try kinds(),
            pause: pause)
        let report: ChaosReport
        do {
            report = try await interruptible { try await ChaosRun(configuration) { Terminal.note("  \($0)") }.run() }
        } catch let interrupted as Interrupted {
            removeTemporary(directory)
            throw Failure(.interrupted, "Stopped by signal \(interrupted.signal); nothing is left running.")
        } catch let error as ChaosError {
            throw Failure(.error, "\(error)\n→ See the logs in \(directory).")
        }
        if output.json { try output.print(report) } else { for line in report.lines { Terminal.print(line) } }
        // The message would repeat the report.
        guard report.isPassed else { throw Failure(.error) }
        removeTemporary(directory)
    }

    private func kinds() throws -> [FaultKind] {
        guard let only else { return FaultKind.allCases }
        return try only.split(separator: ",").map { word in
            guard let kind = FaultKind(rawValue: String(word)) else {
                let known = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("there is no fault \"\(word)\"; there are \(known)")
            }
            return kind
        }
    }

    private func directory() throws -> FilePath {
        if let dir { return DevDirectory(dir).path }
        let name = "chaos-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        return FilePath(FileManager.default.temporaryDirectory.path).appending(name)
    }

    /// What passed needs no second look.
    private func removeTemporary(_ directory: FilePath) {
        if dir == nil { try? FileManager.default.removeItem(atPath: directory.string) }
    }
}
