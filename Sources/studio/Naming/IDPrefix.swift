import StudioCore

/// The beginning of an id as people write it, with or without what all ids of its kind begin with.
struct IDPrefix<Kind: IdentifierKind> {
    /// Digits of an id that tell when it was made, in milliseconds.
    private static var timeDigits: Int { 10 }
    /// The digit that sorts behind all others.
    private static var lastDigit: String { "z" }

    /// `task_01m7`.
    let text: String

    init(_ text: String) {
        let head = Kind.prefix + "_"
        self.text = text.hasPrefix(head) ? text : head + text
    }

    /// Whether `id` begins so; nothing written is the beginning of none.
    func matches(_ id: Identifier<Kind>) -> Bool {
        text.count > Kind.prefix.count + 1 && id.description.hasPrefix(text)
    }

    /// Whether what has such an id may have been made in the same moment as `other`, or later.
    func mayFollow<Other: IdentifierKind>(_ other: Identifier<Other>) -> Bool {
        let digits = text.dropFirst(Kind.prefix.count + 1).prefix(Self.timeDigits)
        let latest = digits + String(repeating: Self.lastDigit, count: Self.timeDigits - digits.count)
        return other.description.dropFirst(Other.prefix.count + 1).prefix(Self.timeDigits) <= latest
    }
}
