import Foundation
import StudioCore
import Yams

/// A run spec in a file, YAML or JSON, with the place of everything in it.
struct SpecFile {
    /// A line and a column, from 1.
    struct Place: Equatable {
        let line: Int
        let column: Int
    }

    /// More values than this are not read: aliases can multiply what a file holds.
    private static let valuesMax = 1_000_000

    let path: String
    let document: JSONValue
    private let places: [String: Place]

    /// Reads the file.
    ///
    /// - Throws: ``Failure`` that names file, line and column.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.error, "\(path) cannot be read.\n→ Write a sample with `studio init DIR`.")
        }
        guard data.count <= RunSpec.bytesMax else {
            throw Failure(.error, "\(path) is larger than \(RunSpec.bytesMax >> 20) MiB: split the film.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Failure(.error, "\(path) is not UTF-8: save it as UTF-8.")
        }
        try self.init(path: path, text: text)
    }

    init(path: String, text: String) throws {
        self.path = path
        if path.lowercased().hasSuffix(".json") {
            do {
                document = try JSONValue(parsing: text)
            } catch {
                throw Failure(.error, error.faults.map { "\(path): \($0.detail)" }.joined(separator: "\n"))
            }
            // Every JSON text of one document is YAML too, which knows the places.
            var reader = Reader(left: Self.valuesMax)
            if let node = try? Yams.compose(yaml: text) { _ = try? reader.value(node, .root) }
            places = reader.places
            return
        }
        do {
            guard let node = try Yams.compose(yaml: text) else { throw Failure(.error, "\(path) is empty.") }
            var reader = Reader(left: Self.valuesMax)
            document = try reader.value(node, .root)
            places = reader.places
        } catch let error as YamlError {
            throw Failure(.error, Self.message(error, path))
        } catch let error as Reader.Fault {
            throw Failure(.error, "\(path):\(error.place.line):\(error.place.column): \(error.detail)")
        }
    }

    /// The spec.
    ///
    /// - Throws: ``Failure`` with one line for each fault: file, line, column, what is wrong and what cures it.
    func spec() throws -> RunSpec {
        do {
            return try RunSpec.parse(document)
        } catch {
            var lines = error.faults.map { fault in
                let place = place(of: JSONPointer(fault.pointer))
                let name = fault.pointer.isEmpty ? "the document" : fault.pointer
                return "\(path):\(place.line):\(place.column): \(name): \(fault.detail)"
            }
            if error.omitted > 0 { lines.append("and \(error.omitted) more") }
            let count = Spoken.count(error.faults.count + error.omitted, "fault")
            throw Failure(.error, "\(path) has \(count):\n" + lines.joined(separator: "\n"))
        }
    }

    /// Where a pointer leads, or would lead: a missing field is where its map is.
    func place(of pointer: JSONPointer) -> Place {
        var pointer = pointer
        while true {
            if let place = places[pointer.text] { return place }
            if pointer.text.isEmpty { return Place(line: 1, column: 1) }
            pointer = pointer.parent
        }
    }

    private static func message(_ error: YamlError, _ path: String) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(path):\(mark.line):\(mark.column): \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            "\(path):\(context.mark.line):\(context.mark.column): stands twice in one map: "
                + duplicates.map { "\($0)" }.joined(separator: ", ")
        default: "\(path): \(error)"
        }
    }

    /// Turns nodes into values as YAML 1.2's JSON schema reads them: `no` is a text, `1:30` is one too.
    private struct Reader {
        struct Fault: Error {
            let place: Place
            let detail: String
        }

        var left: Int
        var places: [String: Place] = [:]

        init(left: Int) {
            self.left = left
        }

        mutating func value(_ node: Node, _ pointer: JSONPointer) throws -> JSONValue {
            let place = node.mark.map { Place(line: $0.line, column: $0.column) } ?? Place(line: 1, column: 1)
            left -= 1
            guard left > 0 else { throw Fault(place: place, detail: "there is too much in this document") }
            places[pointer.text] = place
            switch node {
            case .scalar(let scalar): return Self.scalar(scalar)
            case .sequence(let nodes):
                var elements: [JSONValue] = []
                for (index, node) in nodes.enumerated() { elements.append(try value(node, pointer.appending(index))) }
                return .array(elements)
            case .mapping(let pairs):
                var members: [(String, JSONValue)] = []
                for (key, node) in pairs {
                    guard let name = key.scalar?.string else {
                        throw Fault(place: place, detail: "the name of a field must be a text")
                    }
                    members.append((name, try value(node, pointer.appending(name))))
                }
                return .object(members)
            case .alias: throw Fault(place: place, detail: "an alias cannot be used here: write the value again")
            }
        }

        private static func scalar(_ scalar: Node.Scalar) -> JSONValue {
            guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
            switch scalar.string {
            case "", "~", "null": return .null
            case "true": return .bool(true)
            case "false": return .bool(false)
            default: break
            }
            // What JSON takes for a number is one; all else is text.
            let mayBeNumber = scalar.string.first.map { $0 == "-" || $0.isNumber } ?? false
            if mayBeNumber, let value = try? JSONValue(parsing: scalar.string) { return value }
            return .string(scalar.string)
        }
    }
}
