import DevStack
import Foundation
import Synchronization

/// What a program's process used at one moment.
struct ProcessSample: Sendable, Hashable {
    let at: Double
    /// Which process of this name it was.
    let process: Int32
    let megabytes: Double
    let descriptors: Int
}

/// How a program's use of the machine grows.
package struct Growth: Codable, Sendable, Hashable {
    /// For how long its longest life was watched.
    package let seconds: Double
    package let megabytes: Double
    package let megabytesPerMinute: Double
    package let descriptors: Int
    package let descriptorsPerMinute: Double

    private enum CodingKeys: String, CodingKey {
        case seconds, megabytes, descriptors
        case megabytesPerMinute = "megabytes_per_min"
        case descriptorsPerMinute = "descriptors_per_min"
    }

    /// Of the process that was watched for the longest; nil when there are too few samples of it.
    init?(_ samples: [ProcessSample]) {
        let lives = Dictionary(grouping: samples) { $0.process }.values
        guard let life = lives.max(by: { $0.count < $1.count }), life.count >= 3, let first = life.first,
            let last = life.last
        else { return nil }
        seconds = Spread.rounded(last.at - first.at)
        megabytes = Spread.rounded(last.megabytes)
        descriptors = last.descriptors
        megabytesPerMinute = Spread.rounded(60 * Self.slope(life.map { ($0.at, $0.megabytes) }))
        descriptorsPerMinute = Spread.rounded(60 * Self.slope(life.map { ($0.at, Double($0.descriptors)) }))
    }

    /// The slope of the line that is nearest to the points, by least squares.
    static func slope(_ points: [(x: Double, y: Double)]) -> Double {
        let count = Double(points.count)
        guard count > 1 else { return 0 }
        let meanX = points.reduce(0) { $0 + $1.x } / count
        let meanY = points.reduce(0) { $0 + $1.y } / count
        let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        guard spread > 0 else { return 0 }
        return points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
    }
}

/// Looks at the programs' processes and pages all the time.
final class ProcessSampler: Sendable {
    private static let period = Duration.seconds(1)

    /// Metrics that are summed over the lives of programs: the name, and a part of the labels.
    enum Series: String, CaseIterable {
        case staleRejected = "reports_total{outcome=\"stale_rejected\""
        case refused = "reports_refused_total"
        case hintsLost = "hints_lost_total"
        case heldHints = "worker_hints_total{outcome=\"held\""
        case staleHints = "worker_hints_total{outcome=\"stale\""
    }

    private struct State {
        var samples: [String: [ProcessSample]] = [:]
        var counters = CounterSum()
    }

    private let studio: ChaosStudio
    private let state = Mutex(State())

    init(_ studio: ChaosStudio) {
        self.studio = studio
    }

    var growth: [String: Growth] { state.withLock { $0.samples.compactMapValues { Growth($0) } } }

    func total(_ series: Series) -> Int { state.withLock { Int($0.counters.total(series.rawValue)) } }

    /// Samples until cancelled.
    func run() async {
        while !Task.isCancelled {
            await sample()
            try? await Task.sleep(for: Self.period)
        }
    }

    /// Looks once at every program.
    func sample() async {
        await withDiscardingTaskGroup { group in
            for (name, port) in studio.programs.healthPorts {
                group.addTask { await self.sample(name, port) }
            }
        }
    }

    private func sample(_ name: String, _ port: Int) async {
        guard let process = await studio.supervisor.identity(of: name), process.isAlive else { return }
        if let usage = Self.usage(of: process.pid) {
            let now = ProcessInfo.processInfo.systemUptime
            state.withLock {
                $0.samples[name, default: []].append(
                    ProcessSample(at: now, process: process.pid, megabytes: usage.0, descriptors: usage.1))
            }
        }
        guard let page = try? await ProgramPage.read("/metrics", port: port), page.status == 200 else { return }
        state.withLock { state in
            for series in Series.allCases {
                let value = Self.value(of: series.rawValue, in: page.body)
                state.counters.note(value, of: series.rawValue, by: "\(name) \(process.pid)")
            }
        }
    }

    private static func value(of series: String, in page: String) -> Double {
        page.split(separator: "\n").filter { $0.hasPrefix(series) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    /// Resident memory in MB, and open descriptors; nil where the system does not tell.
    private static func usage(of process: Int32) -> (Double, Int)? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Double($0) }),
            let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
        else { return nil }
        return (kilobytes / 1_024, files.count)
    }
}

/// Adds up counters that begin again at 0 with every process.
struct CounterSum: Sendable {
    private var last: [String: [String: Double]] = [:]

    /// Notes what a process counts now.
    mutating func note(_ value: Double, of series: String, by process: String) {
        last[series, default: [:]][process] = max(value, last[series]?[process] ?? 0)
    }

    /// What all processes had counted when they were last looked at.
    func total(_ series: String) -> Double { last[series]?.values.reduce(0, +) ?? 0 }
}
