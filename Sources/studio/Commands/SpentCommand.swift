import ArgumentParser
import StudioClient
import StudioCore

/// `studio run spent ID`.
struct RunSpentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spent", abstract: "Tells what a run's attempts have cost, shot by shot, in seconds.",
        discussion: "LOAD is a part of COMPUTE; WASTED is the time of attempts that led to nothing.")

    @Argument(help: "The run's id, or how it begins.")
    var id: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        let run = try await client.run(named: id).id
        let spent = try await client.spent(by: run)
        if output.json { return try output.print(spent) }
        let shots = try await client.shots(of: run).map(\.name)
        for line in Self.table(spent, shots: shots).lines { Terminal.print(line) }
    }

    /// A row for each shot in the order of the film, one for what belongs to none of them, and the sums.
    static func table(_ spent: SpentRecord, shots: [String]) -> Table {
        var table = Table("SHOT", "ATTEMPTS", "QUEUE", "LOAD", "COMPUTE", "UPLOAD", "WASTED")
        func add(_ name: String, _ times: SpentTimes) {
            let seconds = [times.queue, times.load, times.compute, times.upload, times.wasted]
            table.add([name, "\(times.attempts)"] + seconds.map(Spoken.seconds))
        }
        for shot in shots { if let times = spent.shots[shot] { add(shot, times) } }
        let rest = spent.shots.values.reduce(spent.total, -)
        if rest.attempts > 0 { add("(no shot)", rest) }
        add("total", spent.total)
        return table
    }
}

extension SpentTimes {
    /// What is left of a sum; rounding makes nothing negative.
    fileprivate static func - (left: SpentTimes, right: SpentTimes) -> SpentTimes {
        SpentTimes(
            attempts: left.attempts - right.attempts, queue: max(0, left.queue - right.queue),
            load: max(0, left.load - right.load), compute: max(0, left.compute - right.compute),
            upload: max(0, left.upload - right.upload), wasted: max(0, left.wasted - right.wasted))
    }
}
