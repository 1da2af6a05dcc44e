import Testing

@testable import Postgres

@Suite struct PostgresErrorTests {
    @Test func `conflicts, locks, restarts and lost connections are transient`() {
        for state in ["40001", "40P01", "55P03", "57P01", "57P02", "57P03", "08006", "08P01"] {
            let error = PostgresError(.statementFailed, "x", sqlState: SQLState(rawValue: state))
            #expect(error.isTransient, "\(state)")
        }
        for code in [.connectFailed, .connectionLost, .checkoutTimedOut, .deadlineExceeded] as [PostgresError.Code] {
            #expect(PostgresError(code, "x").isTransient)
        }
    }

    @Test func `broken rules, broken statements and unknown outcomes are not transient`() {
        for state in [SQLState.uniqueViolation, .checkViolation, .syntaxError, .undefinedTable, .queryCanceled] {
            #expect(!PostgresError(.statementFailed, "x", sqlState: state).isTransient, "\(state)")
        }
        #expect(!PostgresError(.outcomeUnknown, "x", sqlState: .adminShutdown).isTransient)
        #expect(!PostgresError(.closed, "x").isTransient)
    }

    @Test func `a message about bad data loses the data it quotes`() {
        let message = "invalid input syntax for type uuid: \"my secret\""
        let redacted = ResultHandle.redact(message, state: .invalidTextRepresentation)
        #expect(redacted == "invalid input syntax for type uuid: …")
        #expect(ResultHandle.redact("relation \"t\" does not exist", state: .undefinedTable).contains("\"t\""))
    }

    @Test func `a description names code, state and cause`() {
        let cause = PostgresError(.connectionLost, "gone")
        let error = PostgresError(.outcomeUnknown, "commit", sqlState: .adminShutdown, cause: cause)
        #expect(
            "\(error)" == "PostgresError.outcomeUnknown: commit [57P01] (cause: PostgresError.connectionLost: gone)")
    }
}
