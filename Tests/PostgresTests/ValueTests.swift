import Foundation
import Testing

@testable import Postgres

@Suite struct ValueTests {
    private func cell(_ type: PostgresType, _ bytes: [UInt8]) -> Cell {
        Cell(column: "c", type: type, bytes: bytes[...])
    }

    private func encoded<T: PostgresEncodable>(_ value: T) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try value.encode(into: &bytes)
        return bytes
    }

    @Test func `a NUL in text is refused and the parameter is named`() {
        let error = #expect(throws: PostgresError.self) { try ParameterBuffer([1, "a\u{0}b"]) }
        #expect(error?.code == .encodingFailed)
        #expect(error?.detail.contains("$2") == true)
    }

    @Test func `a date out of range is refused rather than wrapped`() {
        #expect(throws: PostgresError.self) { try encoded(Date(timeIntervalSinceReferenceDate: .nan)) }
        #expect(throws: PostgresError.self) { try encoded(Date(timeIntervalSinceReferenceDate: 1e300)) }
        #expect(throws: PostgresError.self) { try encoded(Duration.seconds(Int64.max)) }
    }

    @Test func `the server's epoch is the first day of 2000`() throws {
        let date = try Date(cell(.timestamptz, encoded(Int64(0))))
        #expect(date.timeIntervalSince1970 == 946_684_800)
        #expect(try encoded(date) == encoded(Int64(0)))
    }

    @Test func `an integer that does not fit is refused`() throws {
        #expect(throws: PostgresError.self) { try Int16(cell(.int8, encoded(Int64(40_000)))) }
        #expect(try Int(cell(.int2, encoded(Int16(-5)))) == -5)
        #expect(throws: PostgresError.self) { try Int(cell(.text, Array("5".utf8))) }
    }

    @Test func `a value that ends early is refused`() {
        #expect(throws: PostgresError.self) { try Int(cell(.int8, [0, 0])) }
        #expect(throws: PostgresError.self) { try [Int](cell(.int8, [0, 0, 0, 1, 0, 0])) }
        #expect(throws: PostgresError.self) {
            try [Int](cell(.int8, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1]))
        }
        #expect(throws: PostgresError.self) { try UUID(cell(.uuid, [1, 2, 3])) }
    }

    @Test func `arrays of arrays are refused`() {
        #expect(throws: PostgresError.self) { try encoded([[1, 2], [3, 4]]) }
    }

    @Test func `a mismatch names the column and both types`() {
        let error = #expect(throws: PostgresError.self) { try String(cell(.int4, [0, 0, 0, 1])) }
        #expect(error?.detail == "column \"c\" is int4 (oid 23), which String does not read")
    }
}
