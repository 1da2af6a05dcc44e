import Foundation
import Postgres
import Testing

private enum Shade: String, PostgresEncodable { case dark, light }

@Suite struct SQLTests {
    @Test func `interpolated values become numbered parameters`() {
        let statement: SQL = "SELECT * FROM t WHERE a = \(1) AND b = \("x'; DROP TABLE t") AND c = \(Shade.dark)"
        #expect(statement.text == "SELECT * FROM t WHERE a = $1 AND b = $2 AND c = $3")
        #expect(statement.values.count == 3)
        #expect(statement.values[1] as? String == "x'; DROP TABLE t")
    }

    @Test func `a statement without values is its text`() {
        let statement: SQL = "SELECT 1"
        #expect(statement.text == "SELECT 1")
        #expect(statement.values.isEmpty)
    }

    @Test func `fragments are renumbered in place`() {
        let filter: SQL = "state = \("queued") AND attempt < \(3)"
        let statement: SQL = "SELECT \(7) WHERE \(fragment: filter) AND id = \(9)"
        #expect(statement.text == "SELECT $1 WHERE state = $2 AND attempt < $3 AND id = $4")
        #expect(statement.values.count == 4)
        #expect((filter + " OR " + filter).text == "state = $1 AND attempt < $2 OR state = $3 AND attempt < $4")
    }

    @Test func `parts join with a separator`() {
        let parts: [SQL] = ["a = \(1)", "b = \(2)", "c"]
        #expect(parts.joined(separator: " AND ").text == "a = $1 AND b = $2 AND c")
        #expect([SQL]().joined(separator: ", ").text == "")
    }

    @Test func `identifiers are inserted as text only when asked for`() {
        let statement: SQL = "SELECT \(unsafe: "name") FROM \(unsafe: "t")"
        #expect(statement.text == "SELECT name FROM t")
    }

    @Test func `a vector parameter is cast`() {
        let statement: SQL = "SELECT \(PostgresVector([1, 2])) <=> e"
        #expect(statement.text == "SELECT $1::vector <=> e")
    }

    @Test func `a description never shows a value`() {
        let statement: SQL = "SELECT \("hunter2")"
        #expect(!"\(statement)".contains("hunter2"))
    }
}
