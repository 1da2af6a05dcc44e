import Testing
import Yams

@testable import StudioCore

/// Reads YAML as a program would before it parses a run spec.
func document(yaml text: String) throws -> JSONValue {
    try convert(try #require(try Yams.compose(yaml: text)))
}

private func convert(_ node: Node) throws -> JSONValue {
    switch node {
    case .mapping(let mapping):
        return .object(try mapping.map { (try #require($0.key.string), try convert($0.value)) })
    case .sequence(let sequence):
        return .array(try sequence.map(convert))
    case .scalar(let scalar):
        guard scalar.style == .plain else { return .string(scalar.string) }
        if node.null != nil { return .null }
        if let value = node.bool { return .bool(value) }
        if let value = Int(scalar.string) { return .int(value) }
        if let value = node.float { return .double(value) }
        return .string(scalar.string)
    case .alias:
        throw SpecFaults(SpecFault(.root, .syntax, "aliases are not resolved here"))
    }
}

/// The sample film as a document.
func sampleDocument() throws -> JSONValue {
    try document(yaml: SampleFilm.yaml)
}

/// The faults of a document; empty when it is a run spec.
func faults(_ document: JSONValue) -> SpecFaults? {
    do throws(SpecFaults) {
        _ = try RunSpec.parse(document)
        return nil
    } catch {
        return error
    }
}
