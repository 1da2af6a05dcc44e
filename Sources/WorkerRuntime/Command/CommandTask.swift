import StudioCore
import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A task as a program reads it: the content of `task.json`, which is its standard input too.
struct CommandTask: Encodable {
    struct Output: Encodable {
        let name: String
        let contentType: String

        enum CodingKeys: String, CodingKey {
            case name
            case contentType = "content_type"
        }
    }

    static let fileName = "task.json"

    private let task: String
    private let attempt: Int
    private let kind: String
    private let spec: TaskSpec
    /// Absolute paths by the name under which the task receives them.
    private let inputs: [String: String]
    /// What must be made, the first for the tasks that wait for this one.
    private let outputs: [Output]

    init(_ assignment: Assignment) {
        task = assignment.task.description
        attempt = assignment.attempt
        kind = assignment.spec.kind.rawValue
        spec = assignment.spec
        inputs = assignment.inputs.mapValues(\.string)
        outputs = assignment.spec.outputs.map { Output(name: $0.name, contentType: $0.contentType) }
    }

    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
