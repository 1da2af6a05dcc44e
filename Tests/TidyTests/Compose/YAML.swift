/// A node of a YAML document, asked for by path; what is not there is empty.
struct YAML: Sendable {
    private enum Node {
        case nothing
        case scalar(String)
        case list([YAML])
        case mapping([String: YAML])
    }

    private let node: Node

    init(_ value: Any?) {
        switch value {
        case let mapping as [AnyHashable: Any]:
            let pairs = mapping.map { ("\($0.key)", YAML($0.value)) }
            node = .mapping(Dictionary(pairs) { first, _ in first })
        case let list as [Any]: node = .list(list.map { YAML($0) })
        case .some(let scalar): node = .scalar("\(scalar)")
        case nil: node = .nothing
        }
    }

    subscript(key: String) -> YAML { entries[key] ?? YAML(nil) }

    var text: String? { if case .scalar(let text) = node { text } else { nil } }

    var entries: [String: YAML] { if case .mapping(let entries) = node { entries } else { [:] } }

    var items: [YAML] { if case .list(let items) = node { items } else { [] } }

    /// The scalars of a list, or the one scalar.
    var texts: [String] { text.map { [$0] } ?? items.compactMap(\.text) }

    /// Whether something stands here.
    var exists: Bool { if case .nothing = node { false } else { true } }
}
