import Foundation
import Postgres
import Testing

private enum Shade: String, CaseIterable, PostgresEncodable, PostgresDecodable { case dark, light }

private struct Name: RawRepresentable, Hashable, PostgresEncodable, PostgresDecodable {
    let rawValue: UUID
}

private struct Document: Codable, Equatable, Sendable {
    var title: String
    var counts: [Int]
    var made: Date
    var note: String?
}

@Suite(.timeLimit(.minutes(1))) struct PostgresValueTests {
    private typealias Value = PostgresEncodable & PostgresDecodable & Equatable

    /// Sends every value alone, and all of them as an array with NULLs between, and compares what comes back.
    private func roundTrip<T: PostgresEncodable & PostgresDecodable & Equatable>(
        _ values: [T], _ type: String, on client: PostgresClient
    ) async throws {
        let rows = try await client.transaction { transaction in
            try values.map { value in
                try transaction.first(
                    "SELECT \(value)::\(unsafe: type) AS value, \(nil as T?)::\(unsafe: type) AS none")
            }
        }
        for (row, value) in zip(rows, values) {
            #expect(try row?.decode("value", as: T.self) == value, "\(type)")
            #expect(try row?.decode("none", as: T?.self) == .some(.none), "\(type)")
        }
        let sparse: [T?] = values.flatMap { [$0, nil] }
        let answer = try await client.query(
            """
            SELECT \(sparse)::\(unsafe: type)[] AS whole, array_agg(item ORDER BY place) AS again
            FROM unnest(\(sparse)::\(unsafe: type)[]) WITH ORDINALITY AS list (item, place)
            """)
        #expect(try answer[0].decode("whole", as: [T?].self) == sparse, "\(type)")
        #expect(try answer[0].decode("again", as: [T?].self) == sparse, "\(type)")
        let empty = try await client.query("SELECT \([T]())::\(unsafe: type)[] AS empty")
        #expect(try empty[0].decode("empty", as: [T].self).isEmpty)
    }

    private func random<T>(_ edges: [T], _ make: (inout SeededNumbers) -> T) -> [T] {
        var source = SeededNumbers(seed: 42)
        return edges + (0..<100).map { _ in make(&source) }
    }

    private static func text(_ source: inout SeededNumbers) -> String {
        let alphabet = Array("abc'\"\\{},$1;-- \n\t%é漢😀\u{200d}\u{1}NULL")
        return String(
            (0..<Int.random(in: 0...40, using: &source)).map { _ in
                alphabet.randomElement(using: &source) ?? "x"
            })
    }

    @Test func `integers and booleans survive the round trip`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let wide = random([Int.min, -1, 0, 1, .max]) { Int.random(in: .min ... .max, using: &$0) }
            try await roundTrip(wide, "int8", on: client)
            try await roundTrip(wide.map(Int64.init), "int8", on: client)
            let middle = random([Int32.min, .max]) { Int32.random(in: .min ... .max, using: &$0) }
            try await roundTrip(middle, "int4", on: client)
            let narrow = random([Int16.min, .max]) { Int16.random(in: .min ... .max, using: &$0) }
            try await roundTrip(narrow, "int2", on: client)
            try await roundTrip([true, false], "bool", on: client)
        }
    }

    @Test func `floating point numbers survive the round trip`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let edges: [Double] = [0, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
            try await roundTrip(random(edges) { .random(in: -1e9...1e9, using: &$0) }, "float8", on: client)
            let small: [Float] = [0, .infinity, .leastNormalMagnitude, .greatestFiniteMagnitude]
            try await roundTrip(random(small) { .random(in: -1e9...1e9, using: &$0) }, "float4", on: client)
            let row = try await client.query("SELECT 'NaN'::float8 AS nan, \(Double.nan) AS same")
            #expect(try row[0].decode("nan", as: Double.self).isNaN)
            #expect(try row[0].decode("same", as: Double.self).isNaN)
        }
    }

    @Test func `text of any kind survives the round trip and is never spliced`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let hostile = ["", "'", "''; DROP TABLE t; --", "$1", "{NULL}", "\\", "NULL", "\"", "a,b", "\u{7f}"]
            try await roundTrip(random(hostile, Self.text), "text", on: client)
            try await client.execute("CREATE TABLE t (x text)")
            for text in hostile { try await client.execute("INSERT INTO t VALUES (\(text))") }
            let rows = try await client.query("SELECT x FROM t")
            #expect(try rows.map { try $0.decode("x", as: String.self) } == hostile)
        }
    }

    @Test func `a NUL never reaches the server`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("SELECT \("x\u{0}'; SELECT 1")::text")
            }
            #expect(error?.code == .encodingFailed)
            #expect(try await client.query("SELECT 1").count == 1)
        }
    }

    @Test func `identifiers, enums and types over them survive the round trip`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            try await roundTrip(random([]) { _ in UUID() }, "uuid", on: client)
            try await roundTrip(random([]) { _ in Name(rawValue: UUID()) }, "uuid", on: client)
            try await roundTrip(Shade.allCases, "text", on: client)
            try await client.execute("CREATE TYPE shade AS ENUM ('dark', 'light', 'other')")
            try await roundTrip(Shade.allCases, "shade", on: client)
            let row = try await client.query("SELECT 'other'::shade AS shade, 'dark'::shade = \(Shade.dark) AS same")
            #expect(throws: PostgresError.self) { try row[0].decode("shade", as: Shade.self) }
            #expect(try row[0].decode("shade", as: String.self) == "other")
            #expect(try row[0].decode("same", as: Bool.self))
        }
    }

    @Test func `instants survive to the microsecond, and infinity does too`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let edges = [Double.infinity, -.infinity].map { Date(timeIntervalSinceReferenceDate: $0) }
            let instants = random(edges) { source in
                let microseconds = Int64.random(in: -4_000_000_000_000_000...4_000_000_000_000_000, using: &source)
                return Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1e6)
            }
            try await roundTrip(instants, "timestamptz", on: client)
            let exact = Date(timeIntervalSince1970: 1_795_255_200.123456)
            let row = try await client.query(
                """
                SELECT \(exact)::text AS text, '2026-11-21 10:00:00.123456+00'::timestamptz = \(exact) AS same,
                    'infinity'::timestamptz = \(edges[0]) AS never, date '2000-01-02' AS day,
                    timestamp '2026-11-21 10:00:00.123456' AS local
                """)
            #expect(try row[0].decode("text", as: String.self) == "2026-11-21 10:00:00.123456+00")
            #expect(try row[0].decode("same", as: Bool.self))
            #expect(try row[0].decode("never", as: Bool.self))
            #expect(try row[0].decode("day", as: Date.self).timeIntervalSince1970 == 946_771_200)
            #expect(abs(try row[0].decode("local", as: Date.self).timeIntervalSince(exact)) < 5e-7)
        }
    }

    @Test func `durations survive to the microsecond and months are refused`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let durations = random([.zero, .seconds(-1), .microseconds(1)]) { source in
                Duration.microseconds(Int64.random(in: -9_000_000_000_000_000...9_000_000_000_000_000, using: &source))
            }
            try await roundTrip(durations, "interval", on: client)
            let row = try await client.query("SELECT interval '1 day 2 hours' AS day, interval '1 month' AS month")
            #expect(try row[0].decode("day", as: Duration.self) == .seconds(26 * 3600))
            #expect(throws: PostgresError.self) { try row[0].decode("month", as: Duration.self) }
        }
    }

    @Test func `bytes survive the round trip, alone and in arrays`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let blobs = random([[], [0], [0, 255, 39, 92]] as [[UInt8]]) { source in
                (0..<Int.random(in: 0...300, using: &source)).map { _ in UInt8.random(in: 0...255, using: &source) }
            }
            try await roundTrip(blobs, "bytea", on: client)
            try await roundTrip(blobs.map { Data($0) }, "bytea", on: client)
        }
    }

    @Test func `JSON goes in as a value or as text and comes out as a value, text or bytes`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            var document = Document(
                title: "Quote \" and '; 漢", counts: [1, -2], made: Date(timeIntervalSince1970: 1_795_255_200.123),
                note: nil)
            try await client.execute("CREATE TABLE documents (body jsonb, plain json)")
            try await client.execute(
                "INSERT INTO documents VALUES (\(JSONParameter(document)), \(JSONParameter(text: "{\"a\": 1}")))")
            let rows = try await client.query(
                "SELECT body, plain, body->>'title' AS title, NULL::jsonb AS none FROM documents")
            let read = try rows[0].json("body", as: Document.self)
            #expect(abs(read.made.timeIntervalSince(document.made)) < 1e-6)
            document.made = read.made
            #expect(read == document)
            #expect(try rows[0].json("none", as: Document?.self) == nil)
            #expect(throws: PostgresError.self) { try rows[0].json("none", as: Document.self) }
            #expect(try rows[0].decode("title", as: String.self) == document.title)
            #expect(try rows[0].decode("plain", as: String.self) == "{\"a\": 1}")
            #expect(try rows[0].decode("body", as: [UInt8].self).first == UInt8(ascii: "{"))
            let list = [JSONParameter(document), nil, JSONParameter(text: "[1]")]
            let items = try await client.query(
                "SELECT item FROM unnest(\(list)) WITH ORDINALITY l (item, n) ORDER BY n")
            #expect(try items[0].json("item", as: Document.self) == document)
            #expect(try items[1].json("item", as: [Int]?.self) == nil)
            #expect(try items[2].json("item", as: [Int].self) == [1])
        }
    }

    @Test func `numeric columns read exactly as text and nearly as a double`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            var source = SeededNumbers(seed: 7)
            var texts = ["0", "0.00", "-1", "10000", "9999.9999", "0.0001", "-0.00001", "NaN"]
            texts.append("123456789012345678901234.5")
            for _ in 0..<200 {
                let whole = Int.random(in: -1_000_000_000...1_000_000_000, using: &source)
                let digits = Int.random(in: 1...12, using: &source)
                let fraction = (0..<digits).map { _ in "\(Int.random(in: 0...9, using: &source))" }.joined()
                texts.append("\(whole).\(fraction)")
            }
            let rows = try await client.query(
                """
                SELECT item::numeric AS exact, item::numeric::text AS text
                FROM unnest(\(texts)) WITH ORDINALITY AS list (item, place) ORDER BY place
                """)
            for row in rows {
                let text = try row.decode("text", as: String.self)
                #expect(try row.decode("exact", as: String.self) == text)
                let double = try row.decode("exact", as: Double.self)
                #expect(double == Double(text) || double.isNaN)
            }
            let sum = try await client.query(
                "SELECT sum(x) AS total, avg(x) AS mean FROM unnest(\([1, 2, 6])) AS l (x)")
            #expect(try sum[0].decode("total", as: Int.self) == 9)
            #expect(try sum[0].decode("mean", as: Double.self) == 3)
        }
    }

    @Test func `vectors survive the round trip and compare on the server`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let vectors = random([PostgresVector([0.1, -2, 3e-7])]) { source in
                PostgresVector((0..<3).map { _ in Float.random(in: -10...10, using: &source) })
            }
            let rows = try await client.query(
                """
                SELECT item::vector AS vector FROM unnest(\(vectors)) WITH ORDINALITY AS list (item, place)
                ORDER BY place
                """)
            #expect(try rows.map { try $0.decode("vector", as: PostgresVector.self) } == vectors)
            let one = PostgresVector([1, 0, 0])
            let distance = try await client.query(
                "SELECT \(one) <=> \(PostgresVector([0, 1, 0])) AS distance, \(one) AS v")
            #expect(try distance[0].decode("distance", as: Double.self) == 1)
            #expect(try distance[0].decode("v", as: PostgresVector.self) == one)
            #expect(throws: PostgresError.self) { try distance[0].decode("v", as: String.self) }
        }
    }

    @Test func `a wrong read names the column and says what it is`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let row = try await client.query("SELECT 1 AS one, NULL::text AS none")[0]
            let mismatch = #expect(throws: PostgresError.self) { try row.decode("one", as: String.self) }
            #expect(mismatch?.detail == "column \"one\" is int4 (oid 23), which String does not read")
            let null = #expect(throws: PostgresError.self) { try row.decode("none", as: String.self) }
            #expect(null?.detail.contains("\"none\" is NULL") == true)
            let missing = #expect(throws: PostgresError.self) { try row.decode("two", as: Int.self) }
            #expect(missing?.detail.contains("one, none") == true)
            #expect(try row.decode("none", as: String?.self) == nil)
            #expect(row.isNull("none") && !row.isNull("one"))
        }
    }

    @Test func `hundreds of rows go in with one statement`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            try await client.execute("CREATE TABLE items (id uuid PRIMARY KEY, name text, size int, made timestamptz)")
            let ids = (0..<500).map { _ in UUID() }
            let sizes: [Int?] = (0..<500).map { $0.isMultiple(of: 3) ? nil : $0 }
            let names = ids.map { "item '\($0)'" }
            let dates: [Date] = Array(repeating: .now, count: 500)
            let count = try await client.execute(
                """
                INSERT INTO items
                SELECT * FROM unnest(\(ids), \(names), \(sizes), \(dates))
                """)
            #expect(count == 500)
            let nulls = try await client.query("SELECT count(*) AS n FROM items WHERE size IS NULL")
            #expect(try nulls[0].decode("n", as: Int.self) == 167)
        }
    }
}

/// A small reproducible source of random numbers.
private struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
