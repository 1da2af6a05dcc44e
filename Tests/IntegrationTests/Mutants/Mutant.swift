import Synchronization

/// A statement of the store with something left out on purpose, which a scenario must notice.
struct Mutant: Sendable, Hashable {
    struct Edit: Sendable, Hashable {
        let piece: String
        let replacement: String
    }

    /// What is left out, in words.
    let name: String
    /// A piece of text by which the statement is known.
    let statement: String
    let edits: [Edit]

    /// - Parameter edits: pieces of the statement, each on one line, and what comes in their place wherever they are.
    init(_ name: String, in statement: String, _ edits: KeyValuePairs<String, String>) {
        self.name = name
        self.statement = statement
        self.edits = edits.map { Edit(piece: $0.key, replacement: $0.value) }
    }

    /// The broken text; `nil` when it is another statement, or not what this mutant was made for.
    func text(of text: String) -> String? {
        guard text.contains(statement), edits.allSatisfy({ text.contains($0.piece) }) else { return nil }
        return edits.reduce(text) { $0.replacing($1.piece, with: $1.replacement) }
    }
}

/// The mutant that is at work, if any.
final class MutantSwitch: Sendable {
    private let state = Mutex<(mutant: Mutant?, isMet: Bool)>((nil, false))

    /// Whether the mutant has met its statement since it was set.
    var isMet: Bool { state.withLock { $0.isMet } }

    var name: String { state.withLock { $0.mutant?.name ?? "no mutant" } }

    func set(_ mutant: Mutant?) { state.withLock { $0 = (mutant, false) } }

    /// What becomes of a statement.
    func text(of text: String) -> String {
        state.withLock { state in
            guard let broken = state.mutant?.text(of: text) else { return text }
            state.isMet = true
            return broken
        }
    }
}
