import BlockingIO
import Synchronization

/// One connection and the thread that owns it. The thread may block; nothing else does.
actor PostgresConnection {
    /// What came of lending a connection.
    enum Attempt<T: Sendable>: Sendable {
        case finished(T)
        /// The server had ended the connection before anything was sent: try on another one.
        case stale
    }

    private let thread: ThreadExecutor
    private let parameters: ConnectionParameters
    private var session: Session?
    private let broken = Atomic<Bool>(false)

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Whether the connection must not be used again.
    nonisolated var isBroken: Bool { broken.load(ordering: .acquiring) }

    init(_ parameters: ConnectionParameters) {
        thread = ThreadExecutor(name: "postgres")
        self.parameters = parameters
    }

    /// Says goodbye and closes, on the connection's own thread.
    isolated deinit {
        session = nil
    }

    /// Connects, not after `deadline`; may be tried again after a failure.
    func open(deadline: ContinuousClock.Instant) throws(PostgresError) {
        session = try Session(parameters, deadline: deadline)
    }

    func close() {
        session = nil
        broken.store(true, ordering: .releasing)
    }

    /// Runs one statement outside a transaction and returns its rows.
    func query(_ statement: SQL) -> Attempt<Result<[Row], PostgresError>> {
        guard let session = readySession() else { return .stale }
        defer { broken.store(session.isBroken, ordering: .releasing) }
        return .finished(Result { () throws(PostgresError) in try session.run(statement).rows() })
    }

    /// Runs one statement outside a transaction; without an answer its outcome is unknown.
    func execute(_ statement: SQL) -> Attempt<Result<Int, PostgresError>> {
        guard let session = readySession() else { return .stale }
        defer { broken.store(session.isBroken, ordering: .releasing) }
        do {
            return .finished(.success(try session.run(statement).affectedRows))
        } catch {
            guard error.leavesOutcomeUnknown else { return .finished(.failure(error)) }
            let unknown = PostgresError(
                .outcomeUnknown, "the statement was sent and not answered", sqlState: error.sqlState, cause: error)
            return .finished(.failure(unknown))
        }
    }

    /// Runs `body` between BEGIN and COMMIT; what it throws rolls back.
    func transaction<T: Sendable>(
        _ isolation: IsolationLevel, _ body: @Sendable (borrowing Transaction) throws -> T
    ) -> Attempt<Result<T, any Error>> {
        guard let session = readySession() else { return .stale }
        defer { broken.store(session.isBroken, ordering: .releasing) }
        do {
            try session.begin(isolation)
        } catch {
            // Nothing of the body has run.
            return error.code == .connectionLost ? .stale : .finished(.failure(error))
        }
        do {
            let value = try body(Transaction(session: session))
            try session.commit()
            return .finished(.success(value))
        } catch {
            session.rollBack()
            return .finished(.failure(error))
        }
    }

    private func readySession() -> Session? {
        guard let session, session.isReady else {
            broken.store(true, ordering: .releasing)
            return nil
        }
        return session
    }
}
