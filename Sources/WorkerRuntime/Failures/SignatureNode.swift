import StudioCore

/// Collects what is wrong with one table while it is read.
final class SignatureFaultLog {
    private var lines: [String] = []
    private var omitted = 0

    func add(_ line: String) {
        if lines.count < SignatureFaults.faultsMax { lines.append(line) } else { omitted += 1 }
    }

    func check() throws(SignatureFaults) {
        guard !lines.isEmpty else { return }
        throw SignatureFaults(lines: omitted > 0 ? lines + ["and \(omitted) more"] : lines)
    }
}

/// A value of a table with its place; every reading that fails notes a fault and gives `nil`.
struct SignatureNode {
    let value: JSONValue
    private let place: String
    private let log: SignatureFaultLog

    init(_ value: JSONValue, _ place: String, _ log: SignatureFaultLog) {
        (self.value, self.place, self.log) = (value, place, log)
    }

    func renamed(_ place: String) -> SignatureNode { SignatureNode(value, place, log) }

    func fault(_ problem: String) { log.add("\(place), \(problem)") }

    func missing(_ field: String) -> SignatureNode? {
        fault("field \(field): is required")
        return nil
    }

    /// The member of that name, without a word when there is none.
    subscript(_ name: String) -> SignatureNode? {
        value[name].map { SignatureNode($0, "\(place), field \(name)", log) }
    }

    /// The members of a map of fixed fields; every other one is a fault.
    func fields(_ known: [String]) -> [String: SignatureNode] {
        guard case .object(let members) = value else {
            fault("must be a map of \(known.joined(separator: ", "))")
            return [:]
        }
        for (name, _) in members where !known.contains(name) {
            fault("field \(name): there is no such field, only \(known.joined(separator: ", "))")
        }
        return Dictionary(known.compactMap { name in self[name].map { (name, $0) } }) { first, _ in first }
    }

    func list(max: Int) -> [SignatureNode]? {
        guard case .array(let elements) = value, elements.count <= max else {
            fault("must be a list of at most \(max)")
            return nil
        }
        return elements.map { SignatureNode($0, place, log) }
    }

    /// Reads a list of one element at least, or an element alone.
    func elements<Element>(_ read: (SignatureNode) -> Element?) -> [Element] {
        guard case .array = value else { return read(self).map { [$0] } ?? [] }
        guard let nodes = list(max: FailureSignatures.elementsMax) else { return [] }
        if nodes.isEmpty { fault("is empty: leave it out, or name one at least") }
        return nodes.compactMap(read)
    }

    func name() -> String? {
        guard case .string(let text) = value, 1...64 ~= text.utf8.count,
            text.utf8.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) })
        else {
            fault("must be 1 to 64 of a-z 0-9 _")
            return nil
        }
        return text
    }

    func text(max: Int) -> String? {
        guard case .string(let text) = value, 1...max ~= text.utf8.count else {
            fault("must be a text of 1 to \(max) bytes")
            return nil
        }
        return text
    }

    func choice<Word: RawRepresentable>(among words: [Word]) -> Word? where Word.RawValue == String {
        if case .string(let text) = value, let word = words.first(where: { $0.rawValue == text }) { return word }
        fault("\(value.canonicalText) is none of \(words.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        if case .int(let number) = value, range.contains(number) { return number }
        fault("\(value.canonicalText) is no whole number in \(range)")
        return nil
    }

    func number(in range: ClosedRange<Double>) -> Double? {
        let number: Double? =
            switch value {
            case .int(let number): Double(number)
            case .double(let number): number
            default: nil
            }
        if let number, range.contains(number) { return number }
        fault("\(value.canonicalText) is no number in \(range)")
        return nil
    }

    func boolean() -> Bool? {
        if case .bool(let value) = value { return value }
        fault("must be true or false")
        return nil
    }

    /// Reads `429`, or `"5xx"` for 500 to 599.
    func statuses() -> ClosedRange<Int>? {
        switch value {
        case .int(let number) where 100...599 ~= number: return number...number
        case .string(let text) where text.count == 3 && text.hasSuffix("xx"):
            guard let hundreds = text.first?.wholeNumberValue, 1...5 ~= hundreds else { break }
            return hundreds * 100...hundreds * 100 + 99
        default: break
        }
        fault("\(value.canonicalText) is no status: write 429, or \"5xx\"")
        return nil
    }

    func pattern() -> TextPattern? {
        guard case .string(let text) = value else {
            fault("must be a text")
            return nil
        }
        do {
            let pattern = try TextPattern(text)
            // Every text ends with a line feed when it is searched.
            guard !pattern.matches([UInt8(ascii: "\n")]) else {
                throw PatternFault(description: "is found in every text, even an empty one")
            }
            return pattern
        } catch {
            fault("\(value.canonicalText) \(error)")
            return nil
        }
    }
}
