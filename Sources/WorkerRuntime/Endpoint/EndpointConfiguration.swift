import Foundation
package import ProgramSettings

/// What a worker calls upon, what its failures mean, and when it is left alone.
package struct EndpointConfiguration: Sendable {
    /// A URL or a program, never a secret: for logs and metrics.
    package let name: String
    package let signatures: FailureSignatures
    package let circuit: CircuitPolicy
    private let signaturesPath: String?

    /// Reads the environment.
    ///
    /// - `FAILURE_SIGNATURES` (path of a JSON file; the built-in table when unset): what failures mean.
    /// - `CIRCUIT_FAILURES` (1...100, default 3): so many failures in a row that say "endpoint down" stop the worker.
    /// - `CIRCUIT_PAUSE_SECONDS` (1...3600, default 10): for so long the first time, and twice as long each time more.
    /// - `CIRCUIT_PAUSE_MAX_SECONDS` (1...86400, default 300): but never longer.
    ///
    /// - Throws: `SettingFaults`, everything that is wrong.
    package init(_ settings: Settings, name: String) throws {
        var faults = SettingFaults()
        let standard = CircuitPolicy()
        let signatures = faults.collect { try Self.signatures(settings) }
        let failures = faults.collect {
            try settings.integer("CIRCUIT_FAILURES", in: 1...100, default: standard.failuresMax)
        }
        let pause = faults.collect {
            try settings.integer(
                "CIRCUIT_PAUSE_SECONDS", in: 1...3_600, default: Int(standard.firstPause.secondsValue))
        }
        let pauseMax = faults.collect {
            try settings.integer(
                "CIRCUIT_PAUSE_MAX_SECONDS", in: 1...86_400, default: Int(standard.pauseMax.secondsValue))
        }
        guard let signatures, let failures, let pause, let pauseMax else { throw faults }
        var circuit = standard
        circuit.failuresMax = failures
        circuit.firstPause = .seconds(pause)
        circuit.pauseMax = .seconds(pauseMax)
        (self.name, self.signatures, self.circuit) = (name, signatures, circuit)
        signaturesPath = settings.text("FAILURE_SIGNATURES")
    }

    /// The built-in table and limits.
    package init(name: String) throws {
        try self.init(Settings { _, _ in nil }, name: name)
    }

    private static func signatures(_ settings: Settings) throws -> FailureSignatures {
        guard let path = try settings.file("FAILURE_SIGNATURES") else { return try .standard() }
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        // One byte past the limit is enough to know.
        let bytes = try file.read(upToCount: FailureSignatures.bytesMax + 1) ?? Data()
        do {
            return try FailureSignatures(json: Array(bytes))
        } catch let table as SignatureFaults {
            var faults = SettingFaults()
            for line in table.lines {
                _ = faults.collect { () throws -> Void in throw SettingError("FAILURE_SIGNATURES", "\(path): \(line)") }
            }
            throw faults
        }
    }

    /// What was resolved, by variable, for `--check-config`.
    package var summary: [(variable: String, value: String)] {
        [
            ("FAILURE_SIGNATURES", "\(signaturesPath ?? "built-in") (\(signatures.rules.count) rules)"),
            ("CIRCUIT_FAILURES", "\(circuit.failuresMax)"),
            ("CIRCUIT_PAUSE_SECONDS", "\(Int(circuit.firstPause.secondsValue))"),
            ("CIRCUIT_PAUSE_MAX_SECONDS", "\(Int(circuit.pauseMax.secondsValue))"),
        ]
    }
}
