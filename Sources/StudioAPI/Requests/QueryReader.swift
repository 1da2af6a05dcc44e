import FoundationEssentials
import HTTPTypes
import Hummingbird
import StudioCore

/// Reads the query of one request, and refuses what it does not know; all faults at once.
struct QueryReader {
    private var values: [String: [String]] = [:]
    private var faults: [ProblemRecord.Fault] = []
    /// What this route understands.
    private var known: [String] = []

    init(_ request: Request) {
        for (name, value) in request.uri.queryParameters {
            let value = String(value).replacing("+", with: " ")
            values[String(name), default: []].append(value)
        }
    }

    private mutating func fault(_ name: String, _ code: String, _ detail: String) {
        faults.append(ProblemRecord.Fault(pointer: "?\(name)", code: code, detail: detail))
    }

    /// The one value of a parameter.
    private mutating func text(_ name: String) -> String? {
        known.append(name)
        guard let all = values[name] else { return nil }
        if all.count > 1 { fault(name, "duplicate", "is given more than once") }
        return all[0]
    }

    mutating func flag(_ name: String) -> Bool {
        switch text(name) {
        case nil, "false": return false
        case "true", "": return true
        case .some:
            fault(name, "wrong_type", "must be true or false")
            return false
        }
    }

    mutating func integer<Value: FixedWidthInteger>(_ name: String, in range: ClosedRange<Value>) -> Value? {
        guard let text = text(name) else { return nil }
        guard let value = Value(text), range.contains(value) else {
            fault(name, "out_of_range", "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    mutating func limit() -> Int {
        integer("limit", in: 1...APILimits.pageMax) ?? APILimits.pageDefault
    }

    mutating func time(_ name: String) -> Date? {
        guard let text = text(name) else { return nil }
        // A plus sign that was not escaped reads as a space.
        let date = RecordJSON.date(text.replacing(" ", with: "+"))
        if date == nil { fault(name, "wrong_format", "must be a time such as 2026-01-31T12:00:00Z") }
        return date
    }

    /// Values given repeatedly, or once with commas between.
    mutating func list(_ name: String) -> [String] {
        known.append(name)
        return (values[name] ?? []).flatMap { $0.split(separator: ",").map(String.init) }
    }

    mutating func choices<Value: RawRepresentable<String> & CaseIterable & Hashable>(
        _ name: String, of type: Value.Type = Value.self
    ) -> Set<Value> {
        var result = Set<Value>()
        for text in list(name) {
            if let value = Value(rawValue: text) {
                result.insert(value)
            } else {
                let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
                fault(name, "unknown_value", "must be one of: \(all)")
            }
        }
        return result
    }

    /// One of a set of words; `nil` when there is none.
    mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String, of type: Value.Type = Value.self
    ) -> Value? {
        guard let text = text(name) else { return nil }
        if let value = Value(rawValue: text) { return value }
        fault(name, "unknown_value", "must be one of: \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// Where the last page ended.
    mutating func cursor<Position: LosslessStringConvertible>(of type: Position.Type = Position.self) -> Position? {
        guard let text = text("cursor") else { return nil }
        guard let position = Cursor<Position>(text)?.position else {
            fault("cursor", "wrong_format", "is not a cursor of this list: begin again without one")
            return nil
        }
        return position
    }

    mutating func identifier<Kind: IdentifierKind>(_ name: String) -> Identifier<Kind>? {
        guard let text = text(name) else { return nil }
        guard let id = Identifier<Kind>(text) else {
            fault(name, "wrong_format", "must be an id that begins with \(Kind.prefix)_")
            return nil
        }
        return id
    }

    /// Ends the reading: throws every fault, and refuses every parameter that nobody asked for.
    mutating func finish() throws {
        for name in values.keys.sorted() where !known.contains(name) {
            let list = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
            fault(name, "unknown_parameter", "is not known here; known: \(list)")
        }
        guard !faults.isEmpty else { return }
        throw Problem(.badRequest, code: "invalid_query", detail: "The query cannot be used.", errors: faults)
    }
}
