import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import ProgramMain

@Suite struct ProgramServicesTests {
    private struct Failure: Error {}

    /// Writes down that it was told to stop, or only cancelled.
    private final class Patient: Service {
        let end = Mutex("")

        func run() async throws {
            do {
                try await gracefulShutdown()
                end.withLock { $0 = "in order" }
            } catch {
                end.withLock { $0 = "cancelled" }
            }
        }
    }

    private struct Ending: Service {
        let error: Failure?

        func run() async throws { if let error { throw error } }
    }

    private static let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `when a service fails, the others stop in good order, and its error is the program's`() async throws {
        let patient = Patient()
        await #expect(throws: Failure.self) {
            try await ProgramServices([patient, Ending(error: Failure())]).run(logger: Self.silence)
        }
        #expect(patient.end.withLock { $0 } == "in order")
    }

    @Test func `when the main service ends, the program does, in good order`() async throws {
        let patient = Patient()
        try await ProgramServices([patient], main: Ending(error: nil)).run(logger: Self.silence)
        #expect(patient.end.withLock { $0 } == "in order")
    }
}
